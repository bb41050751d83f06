// SPDX-License-Identifier: LGPL-2.1-or-later
/* The sets of a tree's extended attributes, as its manifest has them. */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "xattr.h"

/* The seal's order: as bytes, the shorter one first. */
static int compare(const struct cx_buf *a, const struct cx_buf *b)
{
	int diff = memcmp(a->data, b->data, a->size < b->size ? a->size
							      : b->size);

	return diff ? diff : (a->size > b->size) - (a->size < b->size);
}

static int compare_items(const void *a, const void *b)
{
	return compare(*(const struct cx_buf *const *)a,
		       *(const struct cx_buf *const *)b);
}

static int add(struct node *node, void *ctx, struct cx_error *err)
{
	struct xattr_sets *sets = ctx;

	(void)err;
	if (node->xattrs.size)
		sets->list[sets->count++] = &node->xattrs;
	return 0;
}

/* Keeps one of each, and adds up what they take. */
static void unite(struct xattr_sets *sets)
{
	size_t i, kept = 0;

	for (i = 0; i < sets->count; i++) {
		if (kept && !compare(sets->list[kept - 1], sets->list[i]))
			continue;
		sets->size += sizeof(uint32_t) + sets->list[i]->size;
		sets->list[kept++] = sets->list[i];
	}
	sets->count = kept;
}

static int number(struct node *node, void *ctx, struct cx_error *err)
{
	const struct xattr_sets *sets = ctx;
	const struct cx_buf *key = &node->xattrs, **found;

	(void)err;
	node->xattr_set = 0;
	if (!key->size)
		return 0;
	found = bsearch(&key, sets->list, sets->count, sizeof(*sets->list),
			compare_items);
	node->xattr_set = found - sets->list + 1;
	return 0;
}

int xattr_sets_collect(const struct tree *tree, struct xattr_sets *sets,
		       struct cx_error *err)
{
	*sets = (struct xattr_sets){
		.list = calloc(tree->entries, sizeof(*sets->list)),
	};
	if (!sets->list)
		return cx_fail(err, -ENOMEM, "the attributes: out of memory");
	tree_walk(tree, add, sets, err);
	qsort(sets->list, sets->count, sizeof(*sets->list), compare_items);
	unite(sets);
	if (sets->count > CRYPTEX_SEAL_MAX_XATTR_SETS)
		return cx_fail(err, -EFBIG,
			       "the files have %zu different sets of extended attributes, at most %d are allowed",
			       sets->count, CRYPTEX_SEAL_MAX_XATTR_SETS);
	if (sets->size > CRYPTEX_SEAL_MAX_XATTRS)
		return cx_fail(err, -EFBIG,
			       "the extended attributes take %zu bytes, at most %d are allowed",
			       sets->size, CRYPTEX_SEAL_MAX_XATTRS);
	return tree_walk(tree, number, sets, err);
}

void xattr_sets_write(const struct xattr_sets *sets, void *to)
{
	char *end_at = to, *start = end_at + sets->count * sizeof(uint32_t);
	size_t i, used = 0;

	for (i = 0; i < sets->count; i++) {
		uint32_t end = htole32(used + sets->list[i]->size);

		memcpy(start + used, sets->list[i]->data, sets->list[i]->size);
		memcpy(end_at + i * sizeof(end), &end, sizeof(end));
		used += sets->list[i]->size;
	}
}

void xattr_sets_free(struct xattr_sets *sets)
{
	free(sets->list);
	*sets = (struct xattr_sets){ 0 };
}
