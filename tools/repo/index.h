/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the objects of a seal are to be had: the target NAME/LABEL.index. */
#ifndef _REPO_INDEX_H
#define _REPO_INDEX_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include <cryptex/seal.h>

#include "lib/error.h"
#include "lib/file.h"

/**
 * index_new - an index of nothing
 *
 * Return: JSON for the caller, or NULL when out of memory.
 */
json_t *index_new(void);

/**
 * index_parse - read an index
 * @content: its bytes
 * @name: of the target, for the error
 * @index: set on success; the caller gives it back with json_decref()
 * @err: filled on failure
 *
 * Return: 0, -EBADMSG (no JSON), or -EPROTONOSUPPORT (another format).
 */
int index_parse(const struct cx_buf *content, const char *name, json_t **index,
		struct cx_error *err);

/**
 * index_format - the bytes of an index
 * @index: the index
 * @content: set on success; the caller frees it with cx_buf_free()
 * @err: filled on failure
 *
 * Return: 0 or -ENOMEM.
 */
int index_format(const json_t *index, struct cx_buf *content,
		 struct cx_error *err);

/**
 * index_add - add an object
 * @index: grows
 * @digest: of the object
 * @size: bytes of its content
 * @packed: bytes of its zstd frame
 * @err: filled on failure
 *
 * Return: 0 or -ENOMEM.
 */
int index_add(json_t *index, const uint8_t digest[CRYPTEX_DIGEST_SIZE],
	      uint64_t size, uint64_t packed, struct cx_error *err);

/**
 * index_add_delta - add a delta
 * @index: has the object
 * @digest: of the object
 * @old: of the object that it is for
 * @size: bytes of the delta
 * @err: filled on failure
 *
 * Return: 0 or -ENOMEM.
 */
int index_add_delta(json_t *index, const uint8_t digest[CRYPTEX_DIGEST_SIZE],
		    const uint8_t old[CRYPTEX_DIGEST_SIZE], uint64_t size,
		    struct cx_error *err);

/**
 * index_object - what is said of an object
 * @index: the index
 * @digest: of the object
 *
 * Return: JSON that belongs to @index, or NULL.
 */
json_t *index_object(const json_t *index,
		     const uint8_t digest[CRYPTEX_DIGEST_SIZE]);

/**
 * index_has_delta - is there such a delta?
 * @index: the index
 * @digest: of the object
 * @old: of the object that it is for
 */
bool index_has_delta(const json_t *index,
		     const uint8_t digest[CRYPTEX_DIGEST_SIZE],
		     const uint8_t old[CRYPTEX_DIGEST_SIZE]);

#endif /* _REPO_INDEX_H */
