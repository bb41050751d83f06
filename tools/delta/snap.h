/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Blocks that end where padding begins. */
#ifndef _CX_DELTA_SNAP_H
#define _CX_DELTA_SNAP_H

#include "lib/delta/blocks.h"

/**
 * cx_snap - let blocks end and begin at paddings, if only these lie between them
 * @blocks: changed
 * @pads: of the old file
 * @old: the old file
 * @now: the new file
 */
void cx_snap(struct cx_blocks *blocks, const struct cx_pads *pads, const uint8_t *old,
	     const uint8_t *now);

#endif /* _CX_DELTA_SNAP_H */
