/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The body of a patch: blocks, and what in the new file differs from what they
 * and the references say.
 */
#ifndef _CX_DELTA_WALK_H
#define _CX_DELTA_WALK_H

#include "lib/delta/blocks.h"

/**
 * cx_walk - code a whole body
 * @c: the coder
 * @old: the old file, predicted if it is an image
 * @blocks: if making, what to write; if applying, filled, and @list is to be
 *          freed by the caller, also after a failure
 * @now: the new file; if applying, it is written here
 * @size: bytes of it
 * @err: filled on failure
 *
 * Return: 0; -EBADMSG if the patch is broken; -ENOMEM.
 */
int cx_walk(struct cx_coder *c, const struct cx_image *old, struct cx_blocks *blocks,
	    uint8_t *now, uint64_t size, struct cx_error *err);

#endif /* _CX_DELTA_WALK_H */
