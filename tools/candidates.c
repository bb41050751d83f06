// SPDX-License-Identifier: LGPL-2.1-or-later
#include "candidates.h"

#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Each run of digits, with the dots between them, becomes one '#'. */
static char *stem_of(const char *path)
{
	char *stem = strdup(path), *to = stem;

	while (stem && *path) {
		if (!isdigit((unsigned char)*path)) {
			*to++ = *path++;
			continue;
		}
		*to++ = '#';
		while (isdigit((unsigned char)*path) ||
		       (*path == '.' && isdigit((unsigned char)path[1])))
			path++;
	}
	if (stem)
		*to = '\0';
	return stem;
}

static int add(struct candidates *c, const struct contents *in, uint32_t index,
	       size_t rank)
{
	const struct cryptex_seal_entry *e = &in->seal.view.entries[index];
	const struct cx_object *object;
	struct candidate *new;

	if (!S_ISREG(le16toh(e->mode)))
		return 0;
	object = cx_object_find(in->objects, in->count, e->digest);
	if (!in->present[object - in->objects])
		return 0;
	new = &c->list[c->count];
	*new = (struct candidate){
		.path = cx_seal_path(&in->seal.view, index), .rank = rank,
		.object = object, .blob = &in->blobs[object - in->objects],
	};
	new->stem = new->path ? stem_of(new->path) : NULL;
	c->count++;
	return new->stem ? 0 : -ENOMEM;
}

static int compare(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int diff = strcmp(x->stem, y->stem);

	if (!diff)
		diff = x->rank < y->rank ? -1 : x->rank > y->rank;
	return diff ? diff : strcmp(x->path, y->path);
}

int candidates_gather(const struct contents *const *from, size_t count,
		      struct candidates *candidates, struct cx_error *err)
{
	size_t i, room = 1;
	uint32_t e;
	int ret = 0;

	for (i = 0; i < count; i++)
		room += from[i]->seal.view.entry_count;
	candidates->count = 0;
	candidates->list = calloc(room, sizeof(*candidates->list));
	if (!candidates->list)
		ret = -ENOMEM;
	for (i = 0; i < count; i++)
		for (e = 0; !ret && e < from[i]->seal.view.entry_count; e++)
			ret = add(candidates, from[i], e, i);
	if (ret) {
		candidates_free(candidates);
		return cx_fail(err, ret, "out of memory");
	}
	qsort(candidates->list, candidates->count, sizeof(*candidates->list),
	      compare);
	return 0;
}

/* Index of the first one with that stem, or of where it would be. */
static size_t first_of(const struct candidates *c, const char *stem)
{
	size_t low = 0, high = c->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(c->list[middle].stem, stem) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static uint64_t distance(const struct candidate *c, uint64_t size)
{
	return c->object->size > size ? c->object->size - size :
					size - c->object->size;
}

const struct candidate *candidates_find(const struct candidates *candidates,
					const char *path, uint64_t size)
{
	const struct candidate *best = NULL;
	char *stem = stem_of(path);
	size_t i = stem ? first_of(candidates, stem) : candidates->count;

	for (; i < candidates->count; i++) {
		const struct candidate *c = &candidates->list[i];

		if (strcmp(c->stem, stem))
			break;
		if (!strcmp(c->path, path)) {
			best = c;
			break;
		}
		if (!best || distance(c, size) < distance(best, size))
			best = c;
	}
	free(stem);
	return best;
}

void candidates_free(struct candidates *candidates)
{
	size_t i;

	for (i = 0; i < candidates->count; i++) {
		free(candidates->list[i].path);
		free(candidates->list[i].stem);
	}
	free(candidates->list);
	*candidates = (struct candidates){ 0 };
}
