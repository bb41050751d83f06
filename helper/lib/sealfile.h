/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A seal in memory, with everything said in sentences. */
#ifndef _CX_SEALFILE_H
#define _CX_SEALFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cryptex/seal.h>

#include "lib/cms.h"
#include "lib/error.h"
#include "lib/file.h"

/**
 * struct cx_seal - a parsed seal and its bytes
 * @buf: the bytes that @view points into
 * @view: see include/cryptex/seal.h
 * @is_signed: false for a bare manifest; @view then has no real signature
 * @digest: SHA-256 of the manifest, by which patches name their base
 */
struct cx_seal {
	struct cx_buf buf;
	struct cryptex_seal view;
	bool is_signed;
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
};

/**
 * cx_seal_load - read, verify and parse a seal file
 * @path: the file
 * @trust: certificates of which one must have signed it, or NULL to leave the
 *	signature unchecked (the kernel checks it in any case)
 * @seal: set on success; the caller frees it
 * @err: filled on failure: the path, the reason, and the byte where it shows
 *
 * Return: 0, or -EBADMSG, -EPROTONOSUPPORT, -EFBIG, -ENOKEY, -EKEYREJECTED or
 * what reading gave.
 */
int cx_seal_load(const char *path, const struct cx_trust *trust,
		 struct cx_seal *seal, struct cx_error *err);

/**
 * cx_seal_from_bytes - the same for a seal that is in memory
 * @data: the seal, copied
 * @size: bytes of @data
 * @is_signed: false: @data is a manifest alone, and @trust must be NULL
 * @name: where it comes from, for the error
 * @trust: as above
 * @seal: set on success; the caller frees it
 * @err: filled on failure
 */
int cx_seal_from_bytes(const void *data, size_t size, bool is_signed,
		       const char *name, const struct cx_trust *trust,
		       struct cx_seal *seal, struct cx_error *err);

/**
 * cx_seal_free - free a seal and empty it
 * @seal: may be empty
 */
void cx_seal_free(struct cx_seal *seal);

/**
 * cx_seal_name - name of the cryptex
 * @seal: a parsed seal
 *
 * Return: NUL-terminated text in the seal.
 */
const char *cx_seal_name(const struct cx_seal *seal);

/**
 * cx_seal_label - version label of the generation
 * @seal: a parsed seal
 *
 * Return: NUL-terminated text in the seal.
 */
const char *cx_seal_label(const struct cx_seal *seal);

/**
 * cx_seal_path - path of an entry below the generation's root
 * @view: a parsed seal
 * @index: the entry
 *
 * Return: "usr/lib/x", "" for the root, to be freed by the caller; NULL when
 * out of memory.
 */
char *cx_seal_path(const struct cryptex_seal *view, uint32_t index);

/**
 * struct cx_object - an object that a seal refers to
 * @digest: fs-verity digest, the object's name
 * @size: bytes of content
 */
struct cx_object {
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	uint64_t size;
};

/**
 * cx_seal_objects - every object that a seal refers to, once each
 * @view: a parsed seal
 * @objects: set to an array sorted by digest; the caller frees it with free()
 * @count: set to its length
 * @err: filled on failure; -EBADMSG if a digest stands with two sizes
 */
int cx_seal_objects(const struct cryptex_seal *view, struct cx_object **objects,
		    size_t *count, struct cx_error *err);

/**
 * cx_object_find - find an object by its digest
 * @objects: from cx_seal_objects()
 * @count: its length
 * @digest: to look for
 *
 * Return: the object, or NULL.
 */
const struct cx_object *cx_object_find(const struct cx_object *objects,
				       size_t count,
				       const uint8_t digest[CRYPTEX_DIGEST_SIZE]);

#endif /* _CX_SEALFILE_H */
