// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a request gets from the pool. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "fuzz_pool.h"
#include "report.h"

const char *pool_name(struct pool *p, struct fuzz_random *r)
{
	static const char *const others[] = { "", "none", "a", "ksft" };

	if (fuzz_once_in(r, 20))
		return others[fuzz_below(r, 4)];
	return p->cx[fuzz_below(r, POOL_CRYPTEXES)].name;
}

/* Mostly of a few, so that what is asked for is often there. */
static size_t pick_patch(const struct pool *p, struct fuzz_random *r,
			 size_t which)
{
	return fuzz_below(r, fuzz_once_in(r, 4) ? p->patches[which] : POOL_FEW);
}

const char *pool_label(struct pool *p, struct fuzz_random *r)
{
	static char label[24];

	if (fuzz_once_in(r, 6))
		strcpy(label, fuzz_once_in(r, 5) ? "" : "1");
	else
		snprintf(label, sizeof(label), "g%zu", pick_patch(p, r, 0));
	return label;
}

static int file_of(const struct blob *blob)
{
	int fd = memfd_create("cryptex-ksft", MFD_CLOEXEC);

	if (fd < 0 || write(fd, blob->data, blob->size) != (ssize_t)blob->size)
		die_errno("memfd");
	return fd;
}

static void spoil_bytes(struct fuzz_random *r, struct blob *body)
{
	static const size_t sizes[] = { 1, 2, 4, 8 };
	size_t size = sizes[fuzz_below(r, 4)];
	uint64_t value = fuzz_number(r);
	/* Fields are where their size divides the offset, nearly all. */
	size_t at = fuzz_below(r, body->size / size) * size;

	memcpy(body->data + at, &value, size);
}

/* Wrong only in what the signature covers, so that it gets past that. */
static int spoiled_file(struct pool *p, struct fuzz_random *r, struct blob body)
{
	struct blob whole;
	int fd;

	spoil_bytes(r, &body);
	/* Else it is not found where the signature begins. */
	if (!fuzz_once_in(r, 8)) {
		uint64_t size = body.size;

		memcpy(body.data + 16, &size, sizeof(size));
	}
	whole = seal_make(&body, &p->world.signer);
	fd = file_of(&whole);
	free(whole.data);
	return fd;
}

static struct blob copy(const struct blob *from)
{
	struct blob to = { malloc(from->size), from->size };

	if (!to.data)
		die("out of memory");
	memcpy(to.data, from->data, from->size);
	return to;
}

/* What gets as far as its signature takes time: a hundred other messages' worth. */
static int pick_strange(const struct pool *p, struct fuzz_random *r)
{
	unsigned int first = fuzz_once_in(r, 24) ? 0 : p->costly;

	return p->strange[first + fuzz_below(r, p->strangers - first)];
}

int pool_seal(struct pool *p, struct fuzz_random *r, bool *own)
{
	size_t which = fuzz_below(r, POOL_CRYPTEXES);
	struct blob manifest;
	int fd;

	*own = false;
	if (!fuzz_once_in(r, 16))
		return pick_strange(p, r);
	if (fuzz_once_in(r, 2))
		return p->patch[which][pick_patch(p, r, which)];
	manifest = copy(&p->manifest);
	fd = spoiled_file(p, r, manifest);
	free(manifest.data);
	*own = true;
	return fd;
}

/* Lists mostly say more from one to the next, so that all can be in force. */
static void deny_more(struct pool *p, struct fuzz_random *r)
{
	struct denials *d = &p->denied;
	size_t which = fuzz_below(r, POOL_CRYPTEXES);

	if (fuzz_once_in(r, 10))
		memset(d, 0, sizeof(*d));
	switch (fuzz_below(r, 8)) {
	case 0:
		if (d->floor_count < LIST_MAX_FLOORS && fuzz_once_in(r, 4))
			denials_add_floor(d, p->cx[which].name,
					  1 + fuzz_below(r, 3));
		break;
	case 1:
		if (d->certificate_count < 1 && fuzz_once_in(r, 4))
			denials_add_certificate(d, &p->second);
		break;
	default:
		if (d->seal_count < LIST_MAX_SEALS)
			denials_add_seal(d, p->digest[which][fuzz_below(r,
						p->patches[which])]);
	}
}

/* Two of the same, or a floor for a name twice, are against the format. */
static bool is_sound(const struct denials *d)
{
	size_t i, k;

	for (i = 0; i < d->seal_count; i++)
		for (k = 0; k < i; k++)
			if (!memcmp(d->seals[i], d->seals[k],
				    CRYPTEX_DIGEST_SIZE))
				return false;
	for (i = 0; i < d->floor_count; i++)
		for (k = 0; k < i; k++)
			if (!strcmp(d->floors[i].name, d->floors[k].name))
				return false;
	return true;
}

int pool_list(struct pool *p, struct fuzz_random *r, bool *own)
{
	struct blob body, whole;
	int fd;

	*own = false;
	if (!fuzz_once_in(r, 16))
		return pick_strange(p, r);
	deny_more(p, r);
	if (!is_sound(&p->denied) && !fuzz_once_in(r, 8))
		memset(&p->denied, 0, sizeof(p->denied));
	p->denied.number = p->number + fuzz_below(r, 3);
	if (p->denied.number > p->number)
		p->number = p->denied.number;
	*own = true;
	body = list_body(&p->denied);
	if (fuzz_once_in(r, 3)) {
		fd = spoiled_file(p, r, body);
	} else {
		whole = list_make(&p->denied, fuzz_once_in(r, 12) ?
				  &p->second : &p->world.signer);
		fd = file_of(&whole);
		free(whole.data);
	}
	free(body.data);
	return fd;
}

const struct blob *pool_certificate(struct pool *p, struct fuzz_random *r)
{
	static const unsigned char often[] = { 0, 1, 3, 4, 5, 6, 7 };

	/* The stranger stays one, mostly. */
	if (fuzz_once_in(r, 500))
		return &p->certificate[2];
	return &p->certificate[often[fuzz_below(r, sizeof(often))]];
}
