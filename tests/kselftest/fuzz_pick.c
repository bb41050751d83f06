// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a request gets from the pool. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "fuzz_content.h"
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

/* Wrong only in what the signature covers, so that it gets past that. */
static int spoiled_file(struct pool *p, struct fuzz_random *r, struct blob body,
			void (*spoil)(struct fuzz_random *r, struct blob *body))
{
	struct blob whole;
	int fd;

	spoil(r, &body);
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

/* Often of the first cryptex any, so that it comes to have many. */
static int pick_right_seal(const struct pool *p, struct fuzz_random *r)
{
	size_t which = fuzz_below(r, POOL_CRYPTEXES);

	if (fuzz_once_in(r, 2))
		return p->patch[0][fuzz_below(r, p->patches[0])];
	return p->patch[which][pick_patch(p, r, which)];
}

int pool_seal(struct pool *p, struct fuzz_random *r, bool *own)
{
	struct blob manifest;
	int fd;

	*own = false;
	if (!fuzz_once_in(r, 12))
		return pick_strange(p, r);
	if (fuzz_once_in(r, 3))
		return pick_right_seal(p, r);
	manifest = copy(&p->manifest);
	fd = spoiled_file(p, r, manifest, fuzz_content_seal);
	free(manifest.data);
	*own = true;
	return fd;
}

static void forget(struct denials *d)
{
	size_t i;

	for (i = 0; i < d->certificate_count; i++)
		free(d->certificates[i].data);
	memset(d, 0, sizeof(*d));
}

/* The stranger's key, the second's, and one that this kernel cannot use. */
static void deny_certificate(struct pool *p, struct fuzz_random *r)
{
	static const unsigned char keys[] = { 2, 1, 3 };
	struct denials *d = &p->denied;

	if (d->certificate_count < sizeof(keys))
		d->certificates[d->certificate_count++] =
			copy(&p->certificate[keys[fuzz_below(r, sizeof(keys))]]);
}

static void deny_floor(struct pool *p, struct fuzz_random *r)
{
	if (p->denied.floor_count < LIST_MAX_FLOORS)
		denials_add_floor(&p->denied, fuzz_once_in(r, 3) ? "none" :
				  p->cx[fuzz_below(r, POOL_CRYPTEXES)].name,
				  1 + fuzz_below(r, 4));
}

/* Of a patch, or of a seal that nobody has. */
static void deny_seal(struct pool *p, struct fuzz_random *r, bool any)
{
	size_t which = fuzz_below(r, POOL_CRYPTEXES), i;
	uint8_t digest[CRYPTEX_DIGEST_SIZE];

	if (p->denied.seal_count == LIST_MAX_SEALS)
		return;
	for (i = 0; any && i < sizeof(digest); i++)
		digest[i] = fuzz_next(r);
	denials_add_seal(&p->denied, any ? digest :
			 p->digest[which][fuzz_below(r, p->patches[which])]);
}

/*
 * Lists mostly say more from one to the next, so that all can be in force; or
 * none contains another, so that there are soon too many.
 */
static void deny_more(struct pool *p, struct fuzz_random *r)
{
	if (p->scattered || fuzz_once_in(r, 10))
		forget(&p->denied);
	switch (fuzz_below(r, 8)) {
	case 0: deny_floor(p, r); break;
	case 1: deny_certificate(p, r); break;
	default: deny_seal(p, r, p->scattered || fuzz_once_in(r, 4));
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
	for (i = 0; i < d->certificate_count; i++)
		for (k = 0; k < i; k++)
			if (d->certificates[i].size == d->certificates[k].size)
				return false;
	return true;
}

/* A right one, which may be asked for once more. */
static int right_list(struct pool *p, struct fuzz_random *r)
{
	struct blob whole = list_make(&p->denied, fuzz_once_in(r, 12) ?
				      &p->second : &p->world.signer);
	int fd = file_of(&whole);

	free(whole.data);
	if (p->last_list >= 0)
		close(p->last_list);
	p->last_list = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return fd;
}

int pool_list(struct pool *p, struct fuzz_random *r, bool *own)
{
	struct blob body;
	int fd;

	*own = false;
	if (!fuzz_once_in(r, 6))
		return pick_strange(p, r);
	if (p->last_list >= 0 && fuzz_once_in(r, 8))
		return p->last_list;
	deny_more(p, r);
	if (!is_sound(&p->denied) && !fuzz_once_in(r, 8))
		forget(&p->denied);
	p->denied.number = p->number + fuzz_below(r, 4);
	if (p->denied.number > p->number)
		p->number = p->denied.number;
	*own = true;
	if (!fuzz_once_in(r, 3))
		return right_list(p, r);
	body = list_body(&p->denied);
	fd = spoiled_file(p, r, body, fuzz_content_list);
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
