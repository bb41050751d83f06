/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Adding and removing repositories, with what the store keeps of them. */
#ifndef _CX_OPS_REMOTE_H
#define _CX_OPS_REMOTE_H

#include "lib/ops.h"
#include "lib/remote.h"

/**
 * cx_op_remote_add - add a repository
 * @say: told what was done
 * @prefix: see cx_remote_load()
 * @remote: see cx_remote_add()
 * @err: filled on failure
 */
int cx_op_remote_add(void (*say)(const char *text), const char *prefix,
		     struct cx_remote *remote, struct cx_error *err);

/**
 * cx_op_remote_remove - remove a repository, and what is known of it
 * @ops: needs STORE_IF
 * @prefix: see cx_remote_load()
 * @name: of the remote
 * @err: filled on failure
 *
 * What was fetched from it stays.
 */
int cx_op_remote_remove(struct cx_ops *ops, const char *prefix,
			const char *name, struct cx_error *err);

#endif /* _CX_OPS_REMOTE_H */
