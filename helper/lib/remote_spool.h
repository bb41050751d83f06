/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* spool/REMOTE in the store: the one folder that a fetcher may write to. */
#ifndef _CX_REMOTE_SPOOL_H
#define _CX_REMOTE_SPOOL_H

#include <sys/types.h>

#include "lib/store.h"

/**
 * cx_spool_open - open, make and lock the spool of a remote
 * @store: an open store
 * @remote: name of the remote
 * @uid: whom it belongs to
 * @gid: likewise
 * @err: filled on failure; -EAGAIN: it is locked
 *
 * Return: a descriptor, whose closing ends the lock, or a negative errno.
 */
int cx_spool_open(const struct cx_store *store, const char *remote, uid_t uid,
		  gid_t gid, struct cx_error *err);

/**
 * cx_spool_remove - remove the spool of a remote
 * @store: an open store
 * @remote: name of the remote
 * @err: filled on failure; -EAGAIN: it is locked
 */
int cx_spool_remove(const struct cx_store *store, const char *remote,
		    struct cx_error *err);

/**
 * cx_spool_drop_parts - remove unfinished downloads
 * @spool: from cx_spool_open()
 */
void cx_spool_drop_parts(int spool);

#endif /* _CX_REMOTE_SPOOL_H */
