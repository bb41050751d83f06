/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A base's mount and graft, without its state: what mount and boot share. */
#ifndef _CX_OPS_ATTACH_H
#define _CX_OPS_ATTACH_H

#include "lib/ops.h"

/**
 * cx_attach - mount and graft a base whose seal and objects are in the store
 * @ops: with a store
 * @seal: the seal
 * @entry: where and how; name and base are those of @seal
 * @err: filled on failure, and then what was not mounted before is not either
 *
 * Return: 1 if it was mounted now, 0 if it was mounted, or a negative errno.
 */
int cx_attach(struct cx_ops *ops, const struct cx_seal *seal,
	      const struct cx_state_entry *entry, struct cx_error *err);

/**
 * cx_detach - undo a mount and its graft
 * @entry: name and mountpoint count
 * @err: filled on failure; -EBUSY: it is in use, and nothing has changed
 */
int cx_detach(const struct cx_state_entry *entry, struct cx_error *err);

#endif /* _CX_OPS_ATTACH_H */
