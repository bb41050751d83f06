/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finding the bytes of one file in another. */
#ifndef _CX_DELTA_MATCH_H
#define _CX_DELTA_MATCH_H

#include "lib/delta/blocks.h"

/**
 * cx_match - find blocks
 * @old: the old file's bytes, in a form in which what corresponds is equal
 * @old_size: how many
 * @now: the new file's bytes, likewise
 * @size: how many
 * @blocks: its list is set, to be freed by the caller
 *
 * Return: 0 or -ENOMEM.
 */
int cx_match(const uint8_t *old, uint64_t old_size, const uint8_t *now, uint64_t size,
	     struct cx_blocks *blocks);

#endif /* _CX_DELTA_MATCH_H */
