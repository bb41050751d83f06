/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which bytes of the old file come again in the new one, and where. */
#ifndef _CX_DELTA_BLOCKS_H
#define _CX_DELTA_BLOCKS_H

#include "lib/delta/coder.h"
#include "lib/delta/map.h"
#include "lib/delta/pads.h"
#include "lib/delta/symhash.h"

/**
 * struct cx_blocks - the list
 * @list: ascending by their place in the new file, not overlapping there
 * @count: how many
 * @bias: for each segment of the old file, see struct cx_map
 * @hash: the table that is left out; no block covers any of it
 */
struct cx_blocks {
	struct cx_block *list;
	size_t count;
	uint64_t bias[CX_SEGMENTS_MAX];
	struct cx_symhash hash;
};

/* The most blocks that a new file of @size bytes may be made of */
static inline uint64_t cx_blocks_max(uint64_t size)
{
	return 64 + size / 16;
}

/**
 * cx_blocks_code - code the list
 * @c: the coder
 * @old: the old file
 * @pads: of the old file
 * @blocks: if making, what to write; if applying, filled, and @list is to be
 *          freed by the caller, also after a failure
 * @size: bytes of the new file
 * @err: filled on failure
 *
 * Return: 0; -EBADMSG if the patch is broken; -ENOMEM.
 */
int cx_blocks_code(struct cx_coder *c, const struct cx_image *old,
		   const struct cx_pads *pads, struct cx_blocks *blocks, uint64_t size, struct cx_error *err);

#endif /* _CX_DELTA_BLOCKS_H */
