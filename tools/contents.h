/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A container that is there already, read whole and checked. */
#ifndef _CONTENTS_H
#define _CONTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/container.h"
#include "lib/error.h"
#include "lib/sealfile.h"
#include "spool.h"
#include "tree.h"

/**
 * struct contents - what a container holds
 * @seal: parsed; perhaps unsigned
 * @objects: all that the seal refers to, sorted by digest
 * @blobs: contents of @objects in the spool, where @present
 * @present: which of @objects the container holds whole
 * @delta: which of @objects the container holds a delta of
 * @count: length of these four arrays
 * @held: number of whole objects in the container
 * @deltas: number of deltas
 * @packed: bytes of the whole ones in the container
 * @delta_bytes: bytes of the deltas
 * @size: bytes of the container
 * @made_bytes: bytes of all that the container brings, once it is unpacked
 */
struct contents {
	struct cx_seal seal;
	struct cx_object *objects;
	struct blob *blobs;
	bool *present;
	bool *delta;
	size_t count;
	size_t held;
	size_t deltas;
	uint64_t packed;
	uint64_t delta_bytes;
	uint64_t size;
	uint64_t made_bytes;
};

/**
 * contents_begin - what a seal refers to, before any of it is there
 * @name: where the seal is from, for the error
 * @bytes: of the seal, or of a manifest
 * @is_signed: which of both
 * @trust: certificates of which one must have signed it, or NULL
 * @contents: set on success, nothing @present; the caller frees it
 * @err: filled on failure
 *
 * Return: 0, -EBADMSG (it is damaged), what its signature lacks (see
 * cx_seal_from_bytes()), or -ENOMEM.
 */
int contents_begin(const char *name, const struct cx_buf *bytes,
		   bool is_signed, const struct cx_trust *trust,
		   struct contents *contents, struct cx_error *err);

/**
 * contents_load - read a container and check that it is what it says
 * @path: the container
 * @trust: certificates of which one must have signed it, or NULL
 * @spool: receives the objects
 * @contents: set on success; the caller frees it
 * @err: filled on failure; -EBADMSG for an object that is not in the seal or
 *	not what its name says
 *
 * What a delta makes is not known here: it takes the old object.
 *
 * Return: 0, as contents_begin(), or what reading and writing gave.
 */
int contents_load(const char *path, const struct cx_trust *trust,
		  struct spool *spool, struct contents *contents,
		  struct cx_error *err);

/**
 * contents_check_whole - is all there without the help of another generation?
 * @path: of the container
 * @contents: loaded
 * @err: filled on failure; -EBADMSG for a base that lacks an object, and for
 *	deltas
 *
 * Return: 0 or -EBADMSG.
 */
int contents_check_whole(const char *path, const struct contents *contents,
			 struct cx_error *err);

/**
 * contents_tree - the tree of a complete container
 * @contents: of a base
 * @spool: the same
 * @tree: set on success; the caller frees it with tree_free()
 * @err: filled on failure
 *
 * Return: 0, as tree_add(), or -ENOMEM.
 */
int contents_tree(const struct contents *contents, struct spool *spool,
		  struct tree *tree, struct cx_error *err);

/**
 * contents_free - free what was read
 * @contents: may be all zero
 */
void contents_free(struct contents *contents);

#endif /* _CONTENTS_H */
