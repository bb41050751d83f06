/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Deltas of what is in memory, for the tests. */
#ifndef _TRIP_H
#define _TRIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/**
 * struct bytes - a file's content, or a patch
 * @data: on the heap; never NULL
 * @size: bytes
 */
struct bytes {
	uint8_t *data;
	size_t size;
};

/* bytes_new - @size zeros; out of memory ends the program */
struct bytes bytes_new(size_t size);

/* bytes_copy - a copy of anything */
struct bytes bytes_copy(const void *data, size_t size);

/* bytes_read - a file's content; one that cannot be read ends the program */
struct bytes bytes_read(const char *path);

/* bytes_free - empty it */
void bytes_free(struct bytes *b);

/* bytes_same - whether both are equal */
bool bytes_same(const struct bytes *a, const struct bytes *b);

/* trip_file - a file in memory that has this content; its descriptor */
int trip_file(const void *data, size_t size);

/**
 * trip_make - make a patch
 * @old: from
 * @new: to
 * @patch: set on success
 * @err: filled on failure
 */
int trip_make(const struct bytes *old, const struct bytes *new,
	      struct bytes *patch, struct cx_error *err);

/**
 * trip_apply - apply a patch
 * @patch: the patch
 * @old: the old file
 * @limit: of the new one
 * @new: set to what the file holds in the end, on failure too
 * @err: filled on failure
 */
int trip_apply(const struct bytes *patch, const struct bytes *old,
	       uint64_t limit, struct bytes *new, struct cx_error *err);

/**
 * trip_round - make a patch, apply it, compare
 * @old: from
 * @new: to
 * @size: set to the patch's size; may be NULL
 * @err: filled on failure, which is also that it makes something else
 */
int trip_round(const struct bytes *old, const struct bytes *new, size_t *size,
	       struct cx_error *err);

#endif /* _TRIP_H */
