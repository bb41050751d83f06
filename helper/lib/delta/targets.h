/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What instructions of the old file refer to, and how often: new instructions
 * mostly refer to the same.
 */
#ifndef _CX_DELTA_TARGETS_H
#define _CX_DELTA_TARGETS_H

#include "lib/delta/map.h"
#include "lib/delta/model.h"
#include "lib/delta/refs.h"

/* Calls lead to code, other operands mostly to data. */
enum cx_target_class { CX_TARGET_CALL, CX_TARGET_DATA, CX_TARGET_CLASSES };

/**
 * struct cx_target_list - targets of one class
 * @addr: their addresses in the new file, ascending
 * @before: how many references lead to those before; one more than @count
 * @count: how many
 */
struct cx_target_list {
	uint64_t *addr;
	uint32_t *before;
	size_t count;
};

/**
 * struct cx_targets - the model
 * @lists: targets by class
 * @mixer: what was there before, and what is usual
 * @steps: what was chosen on the way to a target, by a hash
 */
struct cx_targets {
	struct cx_target_list lists[CX_TARGET_CLASSES];
	struct cx_mixer mixer;
	cx_prob *steps;
};

/**
 * cx_targets_find - count the old file's targets
 * @t: filled; freed by cx_targets_free()
 * @refs: of the old file
 * @map: to the new one
 *
 * Return: 0 or -ENOMEM.
 */
int cx_targets_find(struct cx_targets *t, const struct cx_refs *refs, struct cx_map *map);

/* cx_targets_free - also of one that was only zeroed */
void cx_targets_free(struct cx_targets *t);

/**
 * cx_targets_index - a target's number
 * @list: of its class
 * @addr: its address in the new file
 *
 * Return: its number, or @list->count if it is not one.
 */
size_t cx_targets_index(const struct cx_target_list *list, uint64_t addr);

/* cx_targets_code - code a target's number; there has to be at least one */
size_t cx_targets_code(struct cx_targets *t, struct cx_coder *c,
		       enum cx_target_class class, size_t index);

#endif /* _CX_DELTA_TARGETS_H */
