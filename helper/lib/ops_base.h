/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finding a cryptex's base among the seals of the store. */
#ifndef _CX_OPS_BASE_H
#define _CX_OPS_BASE_H

#include "lib/ops.h"

/**
 * cx_find_base - load the base of a cryptex
 * @ops: with a store
 * @name: the cryptex
 * @state: which base it is, if it is mounted
 * @seal: set on success; the caller frees it
 * @err: filled on failure; -ENOENT: there is none; -EINVAL: there are several,
 *	and nothing says which
 */
int cx_find_base(const struct cx_ops *ops, const char *name,
		 const struct cx_state *state, struct cx_seal *seal,
		 struct cx_error *err);

#endif /* _CX_OPS_BASE_H */
