// SPDX-License-Identifier: LGPL-2.1-or-later
#include <endian.h>
#include <stdlib.h>

#include "list_maker.h"
#include "report.h"

void denials_add_seal(struct denials *d, const uint8_t *digest)
{
	if (d->seal_count == LIST_MAX_SEALS)
		die("too many seals");
	memcpy(d->seals[d->seal_count++], digest, CRYPTEX_DIGEST_SIZE);
}

void denials_add_floor(struct denials *d, const char *name,
		       uint32_t security_epoch)
{
	if (d->floor_count == LIST_MAX_FLOORS)
		die("too many floors");
	d->floors[d->floor_count++] = (struct floor) { name, security_epoch };
}

void denials_add_certificate(struct denials *d, const struct signer *signer)
{
	if (d->certificate_count == LIST_MAX_CERTIFICATES)
		die("too many certificates");
	d->certificates[d->certificate_count++] = signer_certificate(signer);
}

static int compare_digests(const void *a, const void *b)
{
	return memcmp(a, b, CRYPTEX_DIGEST_SIZE);
}

static int compare_floors(const void *a, const void *b)
{
	const struct floor *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* By their bytes, the shorter one first. */
static int compare_certificates(const void *a, const void *b)
{
	const struct blob *x = a, *y = b;
	size_t common = x->size < y->size ? x->size : y->size;
	int order = memcmp(x->data, y->data, common);

	return order ? order : (x->size > y->size) - (x->size < y->size);
}

static void sort(struct denials *d)
{
	qsort(d->seals, d->seal_count, sizeof(d->seals[0]), compare_digests);
	qsort(d->floors, d->floor_count, sizeof(d->floors[0]), compare_floors);
	qsort(d->certificates, d->certificate_count, sizeof(d->certificates[0]),
	      compare_certificates);
}

static size_t body_size(const struct denials *d)
{
	size_t size = sizeof(struct cryptex_revocation_header), i;

	size += d->seal_count * CRYPTEX_DIGEST_SIZE;
	size += d->floor_count * sizeof(struct cryptex_revocation_floor);
	for (i = 0; i < d->certificate_count; i++)
		size += sizeof(__le32) + d->certificates[i].size;
	return size;
}

static void write_header(struct cryptex_revocation_header *h,
			 const struct denials *d, size_t size)
{
	memcpy(h->magic, CRYPTEX_REVOCATION_MAGIC, sizeof(h->magic));
	h->version = htole32(CRYPTEX_REVOCATION_VERSION);
	h->signed_size = htole64(size);
	h->number = htole64(d->number);
	h->issued = htole64(MANIFEST_BUILD_TIME);
	h->seal_count = htole32(d->seal_count);
	h->floor_count = htole32(d->floor_count);
	h->certificate_count = htole32(d->certificate_count);
}

static uint8_t *write_floors(uint8_t *at, const struct denials *d)
{
	struct cryptex_revocation_floor floor;
	size_t i;

	for (i = 0; i < d->floor_count; i++) {
		memset(&floor, 0, sizeof(floor));
		strncpy((char *)floor.name, d->floors[i].name,
			sizeof(floor.name) - 1);
		floor.security_epoch = htole32(d->floors[i].security_epoch);
		at = mempcpy(at, &floor, sizeof(floor));
	}
	return at;
}

static void write_certificates(uint8_t *at, const struct denials *d)
{
	size_t i;

	for (i = 0; i < d->certificate_count; i++) {
		__le32 size = htole32(d->certificates[i].size);

		at = mempcpy(at, &size, sizeof(size));
		at = mempcpy(at, d->certificates[i].data,
			     d->certificates[i].size);
	}
}

struct blob list_body(struct denials *d)
{
	struct blob body = { .size = body_size(d) };
	uint8_t *at;

	body.data = calloc(1, body.size);
	if (!body.data)
		die("out of memory");
	sort(d);
	write_header((struct cryptex_revocation_header *)body.data, d, body.size);
	at = body.data + sizeof(struct cryptex_revocation_header);
	at = mempcpy(at, d->seals, d->seal_count * CRYPTEX_DIGEST_SIZE);
	write_certificates(write_floors(at, d), d);
	return body;
}

struct blob list_make(struct denials *d, const struct signer *signer)
{
	struct blob body = list_body(d);
	struct blob list = seal_make(&body, signer);

	free(body.data);
	return list;
}
