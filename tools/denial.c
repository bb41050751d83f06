// SPDX-License-Identifier: LGPL-2.1-or-later
#include "denial.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The format's order: as bytes, the shorter one first. */
static int compare(const void *a, const void *b)
{
	const struct cx_buf *x = a, *y = b;
	int diff = memcmp(x->data, y->data,
			  x->size < y->size ? x->size : y->size);

	return diff ? diff : (x->size > y->size) - (x->size < y->size);
}

static struct cx_buf *find(const struct pile *pile, const void *data,
			   size_t size)
{
	size_t i;

	for (i = 0; i < pile->count; i++)
		if (pile->list[i].size == size &&
		    !memcmp(pile->list[i].data, data, size))
			return &pile->list[i];
	return NULL;
}

static int add(struct pile *pile, const void *data, size_t size,
	       struct cx_error *err)
{
	struct cx_buf *list, copy = { malloc(size), size };

	list = reallocarray(pile->list, pile->count + 1, sizeof(*list));
	if (list)
		pile->list = list;
	if (!list || !copy.data) {
		free(copy.data);
		return cx_fail(err, -ENOMEM, "the list: out of memory");
	}
	memcpy(copy.data, data, size);
	list[pile->count++] = copy;
	return 0;
}

static void pile_free(struct pile *pile)
{
	while (pile->count)
		cx_buf_free(&pile->list[--pile->count]);
	free(pile->list);
	pile->list = NULL;
}

int denial_add_seal(struct denial *denial,
		    const uint8_t digest[CRYPTEX_DIGEST_SIZE],
		    struct cx_error *err)
{
	if (find(&denial->seals, digest, CRYPTEX_DIGEST_SIZE))
		return 0;
	return add(&denial->seals, digest, CRYPTEX_DIGEST_SIZE, err);
}

static struct cryptex_revocation_floor *floor_of(const struct denial *denial,
						 const char *name)
{
	size_t i;

	for (i = 0; i < denial->floors.count; i++) {
		struct cryptex_revocation_floor *f =
			denial->floors.list[i].data;

		if (!strcmp((const char *)f->name, name))
			return f;
	}
	return NULL;
}

int denial_add_floor(struct denial *denial, const char *name,
		     uint32_t security_epoch, struct cx_error *err)
{
	struct cryptex_revocation_floor *there = floor_of(denial, name);
	struct cryptex_revocation_floor f = {
		.security_epoch = htole32(security_epoch),
	};

	if (there && le32toh(there->security_epoch) > security_epoch)
		return cx_fail(err, -EINVAL,
			       "%s: the floor is %u already, and never sinks to %u",
			       name, le32toh(there->security_epoch),
			       security_epoch);
	if (there) {
		there->security_epoch = f.security_epoch;
		return 0;
	}
	memcpy(f.name, name, strlen(name));
	return add(&denial->floors, &f, sizeof(f), err);
}

int denial_add_certificate(struct denial *denial, const void *der, size_t size,
			   struct cx_error *err)
{
	if (denial_has_certificate(denial, der, size))
		return 0;
	return add(&denial->certificates, der, size, err);
}

bool denial_has_certificate(const struct denial *denial, const void *der,
			    size_t size)
{
	return find(&denial->certificates, der, size);
}

/* What the parser let through has each thing once. */
int denial_add_list(struct denial *denial,
		    const struct cryptex_revocation *list,
		    struct cx_error *err)
{
	const struct cryptex_revocation_header *h = list->header;
	uint32_t i, size;
	int ret = 0;

	for (i = 0; !ret && i < le32toh(h->seal_count); i++)
		ret = add(&denial->seals, list->seals + i * CRYPTEX_DIGEST_SIZE,
			  CRYPTEX_DIGEST_SIZE, err);
	for (i = 0; !ret && i < le32toh(h->floor_count); i++)
		ret = add(&denial->floors, &list->floors[i],
			  sizeof(list->floors[i]), err);
	for (i = 0; !ret && i < le32toh(h->certificate_count); i++) {
		const uint8_t *der = cryptex_revocation_certificate(list, i,
								    &size);

		ret = add(&denial->certificates, der, size, err);
	}
	return ret;
}

bool denial_is_empty(const struct denial *denial)
{
	return !denial->seals.count && !denial->floors.count &&
	       !denial->certificates.count;
}

static size_t bytes_of(const struct pile *pile)
{
	size_t i, bytes = 0;

	for (i = 0; i < pile->count; i++)
		bytes += pile->list[i].size;
	return bytes;
}

/* Return: the byte behind what was written. */
static char *put_pile(char *to, struct pile *pile, bool with_sizes)
{
	size_t i;

	if (pile->count)
		qsort(pile->list, pile->count, sizeof(*pile->list), compare);
	for (i = 0; i < pile->count; i++) {
		const struct cx_buf *item = &pile->list[i];
		uint32_t size = htole32(item->size);

		if (with_sizes)
			to = mempcpy(to, &size, sizeof(size));
		to = mempcpy(to, item->data, item->size);
	}
	return to;
}

static void write_header(const struct denial *denial, size_t size,
			 struct cryptex_revocation_header *h)
{
	memcpy(h->magic, CRYPTEX_REVOCATION_MAGIC, sizeof(h->magic));
	h->version = htole32(CRYPTEX_REVOCATION_VERSION);
	h->signed_size = htole64(size);
	h->number = htole64(denial->number);
	h->issued = htole64(denial->issued);
	h->seal_count = htole32(denial->seals.count);
	h->floor_count = htole32(denial->floors.count);
	h->certificate_count = htole32(denial->certificates.count);
}

int denial_write(struct denial *denial, struct cx_buf *data,
		 struct cx_error *err)
{
	size_t size = sizeof(struct cryptex_revocation_header) +
		      bytes_of(&denial->seals) + bytes_of(&denial->floors) +
		      denial->certificates.count * sizeof(uint32_t) +
		      bytes_of(&denial->certificates);
	char *to = calloc(1, size + 1);

	if (!to)
		return cx_fail(err, -ENOMEM, "the list: out of memory");
	*data = (struct cx_buf){ to, size };
	write_header(denial, size, data->data);
	to += sizeof(struct cryptex_revocation_header);
	to = put_pile(to, &denial->seals, false);
	to = put_pile(to, &denial->floors, false);
	put_pile(to, &denial->certificates, true);
	return 0;
}

void denial_free(struct denial *denial)
{
	pile_free(&denial->seals);
	pile_free(&denial->floors);
	pile_free(&denial->certificates);
}
