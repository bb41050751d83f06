/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fetching one release into the store. */
#ifndef _CX_OPS_UPDATE_FETCH_H
#define _CX_OPS_UPDATE_FETCH_H

#include "lib/ops_update_source.h"

/**
 * cx_fetch_release - get a release: its seal, and the objects that are missing
 * @ops: needs STORE, TRUST, KERNEL_IF, not locked
 * @source: refreshed
 * @release: one of its releases
 * @update: says whether it is staged, and who is told about progress
 * @err: filled on failure; objects that came stay, and the next try goes on there;
 *	-ENOKEY: no trusted key has signed the seal; -EBADMSG: it is not the one that the
 *	metadata tell of; -ENOSPC: the disk is too small; or what the fetcher has failed
 *	with
 *
 * The seal is in the store once all its objects are.
 */
int cx_fetch_release(struct cx_ops *ops, struct cx_source *source,
		     const struct cx_release *release,
		     const struct cx_update *update, struct cx_error *err);

#endif /* _CX_OPS_UPDATE_FETCH_H */
