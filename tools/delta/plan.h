/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which blocks a new file is made of. */
#ifndef _CX_DELTA_PLAN_H
#define _CX_DELTA_PLAN_H

#include "lib/delta/blocks.h"
#include "lib/delta/mapped.h"
#include "lib/delta/refs.h"
#include "lib/delta.h"
#include "match.h"
#include "names.h"

/**
 * struct cx_side - one of the two files, with all that is known of it
 * @file: its content
 * @image: its layout
 * @refs: its references
 * @names: what its addresses stand for
 * @digest: of its content
 */
struct cx_side {
	struct cx_mapped file;
	struct cx_image image;
	struct cx_refs refs;
	struct cx_names names;
	uint8_t digest[CX_DELTA_DIGEST_SIZE];
};

/**
 * cx_side_open - read a file
 * @s: filled; given back by cx_side_close(), also after a failure
 * @fd: the file
 * @name: for the error
 * @err: filled on failure
 *
 * Return: 0, -ENOMEM, or what mmap(2) gives.
 */
int cx_side_open(struct cx_side *s, int fd, const char *name, struct cx_error *err);

/* cx_side_close - also of one that was only zeroed */
void cx_side_close(struct cx_side *s);

/**
 * cx_plan - find the blocks
 * @old: the old file
 * @now: the new file
 * @blocks: CX_MATCH_WAYS of them, of which one will be the best; filled; their lists
 *          are to be freed by the caller, also after a failure
 *
 * Return: 0 or -ENOMEM.
 */
int cx_plan(const struct cx_side *old, const struct cx_side *now, struct cx_blocks *blocks);

/**
 * cx_plan_leave_out - leave out the table of symbols
 * @old: the old file
 * @now: the new file; the table's place in it, which is a copy, becomes as empty as
 *       it will be for who applies
 * @blocks: one of them; changed, if the table is what would be made of the symbols
 *
 * Return: 0 or -ENOMEM.
 */
int cx_plan_leave_out(const struct cx_side *old, const struct cx_side *now,
		      struct cx_blocks *blocks);

/* cx_plan_put_back - make @now again what it was before */
void cx_plan_put_back(const struct cx_side *now, const struct cx_blocks *blocks);

#endif /* _CX_DELTA_PLAN_H */
