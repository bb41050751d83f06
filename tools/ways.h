/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the objects of a generation get to a machine that has others already. */
#ifndef _WAYS_H
#define _WAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "contents.h"
#include "lib/error.h"
#include "pack.h"
#include "spool.h"

/**
 * struct way - one object: whole, or a delta
 * @digest: of the object
 * @old: of the object that the delta is for
 * @is_delta: which of both it is
 * @blob: the zstd frame or the delta, in the spool
 * @whole_size: bytes of the zstd frame, also if it is a delta
 */
struct way {
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	uint8_t old[CRYPTEX_DIGEST_SIZE];
	bool is_delta;
	struct blob blob;
	uint64_t whole_size;
};

/**
 * struct ways - those of a generation
 * @list: @count of them, in the order that a container has; on the heap
 * @count: how many
 * @deltas: how many of them are deltas
 */
struct ways {
	struct way *list;
	size_t count;
	size_t deltas;
};

/**
 * ways_find - find the shortest way for each object
 * @target: the generation, whole
 * @from: generations that the machine has, the likeliest source of deltas first
 * @count: how many
 * @spool: that of all of them; receives the blobs
 * @ways: set on success; the caller frees @list
 * @err: filled on failure
 *
 * Left out is what a seal of @from names, and what @target itself leaves to its
 * base.  A delta is taken only where it is smaller than the object whole.
 *
 * Return: 0, -ENOMEM, or why the spool cannot be used.
 */
int ways_find(const struct contents *target, const struct contents *const *from,
	      size_t count, struct spool *spool, struct ways *ways,
	      struct cx_error *err);

/**
 * ways_write - add them to a container
 * @ways: from ways_find()
 * @spool: the same
 * @pack: the container, its seal written
 * @err: filled on failure
 *
 * Return: 0, or what reading the spool and pack_write() gave.
 */
int ways_write(const struct ways *ways, const struct spool *spool,
	       struct pack *pack, struct cx_error *err);

/**
 * way_delta - the delta from one content to another
 * @spool: holds both
 * @path: of the new file, for a warning
 * @old: the old content
 * @content: the new content
 * @patch: set on success, to be freed by the caller; NULL if none can be made,
 *	which is no reason to stop
 * @size: set to its bytes
 * @err: filled on failure
 *
 * Return: 0, -ENOMEM, or why the spool cannot be read.
 */
int way_delta(const struct spool *spool, const char *path,
	      const struct blob *old, const struct blob *content, void **patch,
	      size_t *size, struct cx_error *err);

#endif /* _WAYS_H */
