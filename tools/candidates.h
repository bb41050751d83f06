/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which old file a new one has most likely been made from. */
#ifndef _CANDIDATES_H
#define _CANDIDATES_H

#include <stddef.h>
#include <stdint.h>

#include "contents.h"
#include "lib/error.h"
#include "spool.h"

/**
 * struct candidate - a file whose content is at hand
 * @path: below the generation's root
 * @stem: the path with one '#' for each version in it
 * @rank: which of the generations it is of
 * @object: its digest and size
 * @blob: its content
 */
struct candidate {
	char *path;
	char *stem;
	size_t rank;
	const struct cx_object *object;
	const struct blob *blob;
};

/**
 * struct candidates - all files of some generations
 * @list: @count of them, sorted, on the heap
 * @count: how many
 */
struct candidates {
	struct candidate *list;
	size_t count;
};

/**
 * candidates_gather - list the files that are at hand
 * @from: the generations, which must outlive the list
 * @count: how many
 * @candidates: set on success; the caller frees it with candidates_free()
 * @err: filled on failure
 *
 * Return: 0 or -ENOMEM.
 */
int candidates_gather(const struct contents *const *from, size_t count,
		      struct candidates *candidates, struct cx_error *err);

/**
 * candidates_find - the best one for a file
 * @candidates: all
 * @path: of the new file
 * @size: its bytes
 *
 * The file of that path in the first generation that has it; else, of those
 * whose path differs by a version only, as libz.so.1.2.3 does from libz.so.1.3,
 * the one whose size is nearest.
 *
 * Return: that one, or NULL.
 */
const struct candidate *candidates_find(const struct candidates *candidates,
					const char *path, uint64_t size);

/**
 * candidates_free - free a list
 * @candidates: may be all zero
 */
void candidates_free(struct candidates *candidates);

#endif /* _CANDIDATES_H */
