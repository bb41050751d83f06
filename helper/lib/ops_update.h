/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Updates from repositories.
 *
 * The store is locked only while something is put into it, so that a download in the
 * background never keeps anybody from rolling back.
 */
#ifndef _CX_OPS_UPDATE_H
#define _CX_OPS_UPDATE_H

#include "lib/fit.h"
#include "lib/ops.h"

/**
 * typedef cx_update_progress - told how far the download of a release is
 * @ctx: as given
 * @item: the release
 * @done: bytes that came
 * @total: bytes that are to come
 */
typedef void (*cx_update_progress)(void *ctx, const struct cx_item *item,
				   uint64_t done, uint64_t total);

/**
 * struct cx_update - what to update
 * @prefix: see cx_remote_load()
 * @names: cryptexes
 * @count: how many; 0 for all that are mounted
 * @download_only: put into the store, but do not hand it to the kernel
 * @activate: activate what was staged, where it does not take a boot
 * @progress: may be NULL
 * @ctx: for @progress
 */
struct cx_update {
	const char *prefix;
	char *const *names;
	size_t count;
	bool download_only;
	bool activate;
	cx_update_progress progress;
	void *ctx;
};

/**
 * cx_op_update - get the releases that fit, verify and stage them
 * @ops: needs STORE, TRUST, KERNEL_IF, and not LOCK
 * @update: what
 * @err: filled on failure; -ENOENT: there is no remote, or a cryptex is not mounted;
 *	-EHOSTUNREACH: some remotes cannot be used; otherwise why the first one of the
 *	remotes, or of the cryptexes, has failed
 *
 * A revocation list that is newer is taken first.  A remote that cannot be used is
 * told through @ops->warn, the others are used; that is a failure all the same.
 * What is interrupted goes on where it was.
 */
int cx_op_update(struct cx_ops *ops, const struct cx_update *update,
		 struct cx_error *err);

/**
 * cx_op_check - look what there is, take a newer revocation list, and tell
 * @ops: needs STORE, TRUST, KERNEL_IF, and not LOCK
 * @prefix: see cx_remote_load()
 * @err: filled on failure; -ENOENT: there is no remote; -EHOSTUNREACH: some cannot be
 *	used; otherwise why none can
 */
int cx_op_check(struct cx_ops *ops, const char *prefix, struct cx_error *err);

/**
 * enum cx_offer_state - what a release is to this machine
 * @CX_OFFER_ACTIVE: new processes get it
 * @CX_OFFER_STAGED: it only has to be activated
 * @CX_OFFER_STORED: it only has to be staged
 * @CX_OFFER_BEST: `update` would get it
 * @CX_OFFER_OLDER: it fits, and something newer is here or to be had
 * @CX_OFFER_REVOKED: it is here, and revoked
 * @CX_OFFER_UNMOUNTED: its cryptex is not mounted
 * @CX_OFFER_UNFIT: see @unfit
 */
enum cx_offer_state {
	CX_OFFER_ACTIVE,
	CX_OFFER_STAGED,
	CX_OFFER_STORED,
	CX_OFFER_BEST,
	CX_OFFER_OLDER,
	CX_OFFER_REVOKED,
	CX_OFFER_UNMOUNTED,
	CX_OFFER_UNFIT,
};

/**
 * struct cx_offer - a release of a repository
 * @remote: name of the remote
 * @release: the release
 * @state: what it is to this machine
 * @unfit: why it does not fit
 */
struct cx_offer {
	char remote[CX_CHANNEL_MAX + 1];
	struct cx_release release;
	enum cx_offer_state state;
	enum cx_unfit unfit;
};

/**
 * struct cx_offers - many of them
 * @list: @count offers, sorted by name, the newest first, on the heap
 * @count: how many
 * @checked: when the remote was checked whose check is the oldest; 0: never
 */
struct cx_offers {
	struct cx_offer *list;
	size_t count;
	int64_t checked;
};

/**
 * cx_op_available - what the last check found
 * @ops: needs STORE, TRUST, KERNEL_IF
 * @prefix: see cx_remote_load()
 * @offers: set on success; the caller frees @offers->list
 * @err: filled on failure; -ENOENT: there is no remote
 */
int cx_op_available(struct cx_ops *ops, const char *prefix,
		    struct cx_offers *offers, struct cx_error *err);

#endif /* _CX_OPS_UPDATE_H */
