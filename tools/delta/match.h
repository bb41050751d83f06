/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finding the bytes of one file in another. */
#ifndef _CX_DELTA_MATCH_H
#define _CX_DELTA_MATCH_H

#include "lib/delta/blocks.h"

/**
 * struct cx_guide - parts of both files that are of the same kind
 * @old: offset in the old file
 * @old_size: bytes there
 * @at: offset in the new file
 * @size: bytes there
 */
struct cx_guide {
	uint64_t old;
	uint64_t old_size;
	uint64_t at;
	uint64_t size;
};

/* There is more than one list that may be the best. */
#define CX_MATCH_WAYS	3

/**
 * cx_match - find blocks
 * @old: the old file's bytes, in a form in which what corresponds is equal
 * @old_size: how many
 * @now: the new file's bytes, likewise
 * @size: how many
 * @guides: where to look first, ascending by @at; what they say is no more than
 *          a preference
 * @guide_count: how many
 * @blocks: @ways of them; their lists are set, to be freed by the caller, also
 *          after a failure
 * @ways: from 1 to CX_MATCH_WAYS
 *
 * Return: 0 or -ENOMEM.
 */
int cx_match(const uint8_t *old, uint64_t old_size, const uint8_t *now, uint64_t size,
	     const struct cx_guide *guides, size_t guide_count, struct cx_blocks *blocks,
	     unsigned int ways);

#endif /* _CX_DELTA_MATCH_H */
