/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Revocation lists that are in the store: what revoke and boot share. */
#ifndef _CX_OPS_REVOKE_H
#define _CX_OPS_REVOKE_H

#include "lib/ops.h"

/**
 * cx_hand_list - hand a revocation list to the kernel
 * @ops: with a store and the module
 * @number: of the list
 * @epoch: set to the epoch in force afterwards; may be NULL
 * @err: filled on failure, with the list
 *
 * Return: 0 (also if it is in force already) or a negative errno.
 */
int cx_hand_list(const struct cx_ops *ops, uint64_t number, uint64_t *epoch,
		 struct cx_error *err);

/**
 * cx_follow_lists - save what lists have changed and an earlier command could not save
 * @ops: needs STORE, LOCK, KERNEL_IF
 * @err: filled on failure
 *
 * Where state.json names something revoked it gets what the kernel has active instead.
 * What cannot be saved now is warned of.
 *
 * Return: 0 or a negative errno of the module's answer.
 */
int cx_follow_lists(struct cx_ops *ops, struct cx_error *err);

/**
 * cx_revoke_bytes - cx_op_revoke() for a list that is in memory
 * @ops: needs STORE, LOCK, TRUST, KERNEL_IF
 * @buf: the list; freed here
 * @name: where it comes from, for the error
 * @err: filled on failure
 */
int cx_revoke_bytes(struct cx_ops *ops, struct cx_buf buf, const char *name,
		    struct cx_error *err);

#endif /* _CX_OPS_REVOKE_H */
