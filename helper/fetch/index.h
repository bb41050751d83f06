/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NAME/LABEL.index: where the objects of a seal are to be had. */
#ifndef _FETCH_INDEX_H
#define _FETCH_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/sealfile.h"

/**
 * struct index_way - one way to an object
 * @delta: it is a delta, for the object @old
 * @old: see above
 * @size: bytes of the file
 */
struct index_way {
	int delta;
	uint8_t old[CRYPTEX_DIGEST_SIZE];
	uint64_t size;
};

/**
 * struct index_object - an object
 * @digest: its name; stands first, for searches
 * @ways: how it may be had, the smallest first
 * @count: how many
 */
struct index_object {
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	struct index_way *ways;
	size_t count;
};

/**
 * struct index - all objects
 * @objects: @count of them, sorted by digest
 * @count: how many
 * @ways: the space of all their ways
 */
struct index {
	struct index_object *objects;
	size_t count;
	struct index_way *ways;
};

/**
 * index_parse - read an index
 * @text: JSON, signed by the publisher
 * @size: bytes of it
 * @index: set on success; the caller frees it
 * @err: filled on failure
 */
int index_parse(const char *text, size_t size, struct index **index,
		struct cx_error *err);

/**
 * index_find - find an object
 * @index: the index; may be NULL
 * @digest: its digest
 *
 * Return: the object, or NULL.
 */
const struct index_object *index_find(const struct index *index,
				      const uint8_t digest[CRYPTEX_DIGEST_SIZE]);

/**
 * index_free - free an index
 * @index: may be NULL
 */
void index_free(struct index *index);

#endif /* _FETCH_INDEX_H */
