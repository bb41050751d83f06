/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A running fetcher, as the process that owns the store sees it. */
#ifndef _CX_REMOTE_FETCHER_H
#define _CX_REMOTE_FETCHER_H

#include <stdint.h>
#include <sys/types.h>

#include "lib/channel.h"
#include "lib/ops.h"
#include "lib/remote.h"

#define CX_FETCH_USER "cryptex-fetch"

/**
 * typedef cx_progress - told how far a download is
 * @ctx: as given
 * @done: bytes that came
 * @total: bytes that are to come in all; 0 if that is not known
 */
typedef void (*cx_progress)(void *ctx, uint64_t done, uint64_t total);

/**
 * struct cx_fetcher - a fetcher
 * @ops: with a store; its warn() gets what the fetcher notes
 * @remote: the repository that it asks
 * @pid: of the process
 * @sock: to the process
 * @spool: its folder in the store; locked, so that there is one at a time
 * @progress: may be NULL
 * @ctx: for @progress
 */
struct cx_fetcher {
	struct cx_ops *ops;
	const struct cx_remote *remote;
	pid_t pid;
	int sock;
	int spool;
	cx_progress progress;
	void *ctx;
};

/**
 * cx_fetcher_start - start a fetcher
 * @fetcher: @ops, @remote, @progress and @ctx are set by the caller, the rest here;
 *	the caller stops it after success
 * @err: filled on failure; -EAGAIN: another one is at work for this remote
 */
int cx_fetcher_start(struct cx_fetcher *fetcher, struct cx_error *err);

/**
 * cx_fetcher_send - ask it for something
 * @fetcher: running
 * @message: what
 * @err: filled on failure
 */
int cx_fetcher_send(const struct cx_fetcher *fetcher,
		    const struct cx_message *message, struct cx_error *err);

/**
 * cx_fetcher_next - wait for the next part of its answer
 * @fetcher: running
 * @message: set on success; neither FAIL, NOTE nor PROGRESS, which are dealt with
 * @fd: set to the descriptor that came with it, a file of its spool, which the
 *	caller closes; or -1
 * @err: filled on failure
 *
 * Return: 0, what the fetcher has failed with, or why it is not heard any more.
 */
int cx_fetcher_next(const struct cx_fetcher *fetcher,
		    struct cx_message *message, int *fd, struct cx_error *err);

/**
 * cx_fetcher_stop - end it
 * @fetcher: may be stopped already
 */
void cx_fetcher_stop(struct cx_fetcher *fetcher);

#endif /* _CX_REMOTE_FETCHER_H */
