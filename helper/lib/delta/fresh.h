/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes of the new file that are in no block; code among them is read as such. */
#ifndef _CX_DELTA_FRESH_H
#define _CX_DELTA_FRESH_H

#include "lib/delta/bytes.h"
#include "lib/delta/map.h"
#include "lib/delta/refs.h"
#include "lib/delta/targets.h"

/* Operands that are relative to the instruction: calls, jumps, conditional jumps, data */
#define CX_FRESH_OPERANDS 4

/**
 * struct cx_fresh - the models
 * @c: the coder
 * @refs: of the old file
 * @map: to the new file
 * @bytes: for all that is no operand
 * @targets: for operands, from the first one on
 * @counted: they are there
 * @now: the new file
 * @known: whether a target is one of @targets, by operand
 * @learnt: old code up to here was learnt from
 * @distance: to a target that is not, by operand
 */
struct cx_fresh {
	struct cx_coder *c;
	const struct cx_refs *refs;
	struct cx_map *map;
	struct cx_bytes *bytes;
	struct cx_targets targets;
	bool counted;
	uint8_t *now;
	uint64_t learnt;
	cx_prob known[CX_FRESH_OPERANDS];
	struct cx_number distance[CX_FRESH_OPERANDS];
};

/**
 * cx_fresh_init - make the models
 * @f: initialised; freed by cx_fresh_free().  The others have to stay.
 *
 * Return: 0 or -ENOMEM.
 */
void cx_fresh_init(struct cx_fresh *f, struct cx_coder *c, const struct cx_refs *refs,
		   struct cx_map *map, struct cx_bytes *bytes, uint8_t *now);

/* cx_fresh_free - also of one that was only zeroed */
void cx_fresh_free(struct cx_fresh *f);

/**
 * cx_fresh_learn - learn from the old file's code, if it is code
 * @f: the models
 * @like: a place in the old file
 * @count: how many bytes before it, and behind it
 */
void cx_fresh_learn(struct cx_fresh *f, uint64_t like, uint64_t count);

/**
 * cx_fresh_run - code the bytes between two blocks
 * @f: the models
 * @at: the first
 * @end: behind the last
 * @like: the place in the old file behind the block before
 */
void cx_fresh_run(struct cx_fresh *f, uint64_t at, uint64_t end, uint64_t like);

#endif /* _CX_DELTA_FRESH_H */
