/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The repositories that are asked, each with its fetcher. */
#ifndef _CX_OPS_UPDATE_SOURCE_H
#define _CX_OPS_UPDATE_SOURCE_H

#include "lib/ops_update.h"
#include "lib/remote_fetcher.h"
#include "lib/remote_known.h"

/**
 * struct cx_source - one repository
 * @remote: how it is configured
 * @known: what it has, or had
 * @fetcher: asks it; not running if it was not opened, or cannot be used
 * @usable: it was looked at
 */
struct cx_source {
	struct cx_remote remote;
	struct cx_known known;
	struct cx_fetcher fetcher;
	bool usable;
};

/**
 * struct cx_sources - all of them
 * @list: @count sources, on the heap
 * @count: how many
 */
struct cx_sources {
	struct cx_source *list;
	size_t count;
};

/**
 * cx_sources_load - the remotes that are enabled, and what the last check found
 * @ops: needs STORE
 * @prefix: see cx_remote_load()
 * @sources: set on success; the caller frees it
 * @err: filled on failure; -ENOENT: there is none
 */
int cx_sources_load(struct cx_ops *ops, const char *prefix,
		    struct cx_sources *sources, struct cx_error *err);

/**
 * cx_sources_refresh - start the fetchers, and see what there is now
 * @ops: needs STORE, TRUST, KERNEL_IF
 * @sources: loaded
 * @err: filled on failure: what the first one that cannot be used has said
 *
 * One that cannot be used is told through @ops->warn if there are others.  A newer
 * revocation list is in force afterwards.
 *
 * Return: how many cannot be used, or a negative errno if none can.
 */
int cx_sources_refresh(struct cx_ops *ops, struct cx_sources *sources,
		       struct cx_error *err);

/**
 * cx_sources_free - stop the fetchers and free
 * @sources: may be empty
 */
void cx_sources_free(struct cx_sources *sources);

/**
 * cx_lock_store - take the right to change the store
 * @ops: with a store
 * @err: filled on failure; -EAGAIN: another command has it, and was waited for
 */
int cx_lock_store(struct cx_ops *ops, struct cx_error *err);

/**
 * cx_unlock_store - give it back
 * @ops: locked
 */
void cx_unlock_store(struct cx_ops *ops);

#endif /* _CX_OPS_UPDATE_SOURCE_H */
