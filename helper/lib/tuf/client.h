/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A client of The Update Framework, specification 1.0.34.
 *
 * The local folder holds the trusted metadata, byte for byte as they were fetched,
 * under their names without a version ("root.json").  Every file is replaced
 * crash-safely and only by one that was verified, so what a failed update leaves can
 * always be updated again.
 *
 * One client is one update: cx_tuf_open(), cx_tuf_refresh() once, then any number of
 * searches and downloads.  Times are compared with the one of cx_tuf_open().
 *
 * What returns an int, and does not say what, returns 0 or a negative errno, whose
 * kind cx_tuf_class() tells.
 */
#ifndef _CX_TUF_CLIENT_H
#define _CX_TUF_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "lib/error.h"
#include "lib/tuf/hashes.h"
#include "lib/tuf/transport.h"

struct cx_tuf;

/**
 * enum cx_tuf_class - what kind of failure a returned number tells
 * @CX_TUF_OTHER: this machine: memory, disk, permissions, a folder that was not set up
 * @CX_TUF_CLOCK: the machine's clock is wrong (-ETIME)
 * @CX_TUF_EXPIRED: metadata expired: the repository is frozen or not kept up
 *	(-EKEYEXPIRED)
 * @CX_TUF_UNKNOWN_KEY: too few good signatures by keys that are trusted (-ENOKEY)
 * @CX_TUF_REVOKED_KEY: the same, and a key that was trusted once has signed
 *	(-EKEYREVOKED)
 * @CX_TUF_ROLLBACK: older than what this machine has seen (-ESTALE)
 * @CX_TUF_NOT_FOUND: the repository has no such file or target (-ENOENT)
 * @CX_TUF_NETWORK: the repository cannot be reached, or is too slow (-EHOSTUNREACH,
 *	-ETIMEDOUT)
 * @CX_TUF_TOO_LARGE: larger than announced, or than any limit (-EFBIG)
 * @CX_TUF_DAMAGED: not what metadata have to be, or not what other metadata announced
 *	(-EBADMSG)
 */
enum cx_tuf_class {
	CX_TUF_OTHER,
	CX_TUF_CLOCK,
	CX_TUF_EXPIRED,
	CX_TUF_UNKNOWN_KEY,
	CX_TUF_REVOKED_KEY,
	CX_TUF_ROLLBACK,
	CX_TUF_NOT_FOUND,
	CX_TUF_NETWORK,
	CX_TUF_TOO_LARGE,
	CX_TUF_DAMAGED,
};

/**
 * cx_tuf_class - the kind of a failure
 * @ret: what a function of this header returned
 */
enum cx_tuf_class cx_tuf_class(int ret);

/**
 * cx_tuf_class_name - a kind of failure as a word for machines, such as "rollback"
 * @class: the kind
 */
const char *cx_tuf_class_name(enum cx_tuf_class class);

/**
 * struct cx_tuf_options - what a client may be told
 * @now: the time of the update, in seconds since 1970; 0 for the machine's clock
 * @not_before: a time that has passed for certain, such as the build time of the
 *	newest seal here; an earlier clock is wrong.  0 if none is known
 * @targets: how targets are read, if not by the transport of the metadata
 */
struct cx_tuf_options {
	time_t now;
	time_t not_before;
	const struct cx_tuf_transport *targets;
};

/**
 * struct cx_tuf_target - what signed metadata say about a target
 * @name: its path: relative, '/' between components, no "." nor ".."
 * @role: the role that signed it: "targets", or a delegated one
 * @length: in bytes
 * @hashes: at least one of them is known
 * @custom: the custom object, or NULL
 *
 * Belongs to the client and stays as it is until cx_tuf_close().
 */
struct cx_tuf_target {
	const char *name;
	const char *role;
	uint64_t length;
	struct cx_tuf_hashes hashes;
	const json_t *custom;
};

/**
 * cx_tuf_init - set up a local folder with the root that is trusted from the start
 * @dirfd: the folder
 * @root: content of a root.json that came on a trusted way
 * @size: bytes of @root
 * @err: filled on failure; then nothing has changed
 *
 * Return: 0, -EEXIST (the folder has a root already: remove that first to start
 * anew), or as cx_tuf_class() tells.
 */
int cx_tuf_init(int dirfd, const void *root, size_t size, struct cx_error *err);

/**
 * cx_tuf_open - begin an update
 * @dirfd: the local folder; stays the caller's
 * @transport: how the repository's metadata are read; copied
 * @options: may be NULL
 * @tuf: set on success; the caller frees it with cx_tuf_close()
 * @err: filled on failure
 *
 * Loads and verifies the trusted root.  The network is not used.
 */
int cx_tuf_open(int dirfd, const struct cx_tuf_transport *transport,
		const struct cx_tuf_options *options, struct cx_tuf **tuf,
		struct cx_error *err);

/**
 * cx_tuf_close - end an update
 * @tuf: may be NULL
 */
void cx_tuf_close(struct cx_tuf *tuf);

/**
 * cx_tuf_refresh - bring root, timestamp, snapshot and targets up to date
 * @tuf: from cx_tuf_open()
 * @err: filled on failure
 *
 * What was verified before a failure stays, as the specification wants it.
 */
int cx_tuf_refresh(struct cx_tuf *tuf, struct cx_error *err);

/**
 * cx_tuf_load - use the local metadata as they are, without the repository
 * @tuf: from cx_tuf_open()
 * @err: filled on failure: not there, expired, ...
 *
 * In place of cx_tuf_refresh(), for a look at what was available at the last one.
 * Searches then use delegated roles only as far as they are here.
 */
int cx_tuf_load(struct cx_tuf *tuf, struct cx_error *err);

/**
 * cx_tuf_find - search a target, through delegations if need be
 * @tuf: refreshed
 * @name: the target's path
 * @target: set on success
 * @err: filled on failure
 *
 * Return: 0, -ENOENT, or why metadata on the way could not be had.
 */
int cx_tuf_find(struct cx_tuf *tuf, const char *name,
		const struct cx_tuf_target **target, struct cx_error *err);

/**
 * typedef cx_tuf_target_fn - called for a target
 * @arg: the caller's
 * @target: the target
 * @err: filled on failure
 *
 * Return: 0 to go on, or a negative errno, with which the walk ends.
 */
typedef int (*cx_tuf_target_fn)(void *arg, const struct cx_tuf_target *target,
				struct cx_error *err);

/**
 * cx_tuf_each_target - every target that a search could find
 * @tuf: refreshed
 * @fn: called once for each
 * @arg: given to @fn
 * @err: filled on failure
 *
 * A role that cannot be had hides its targets and those that it might hide from view,
 * not the others; its error is returned after the walk.
 */
int cx_tuf_each_target(struct cx_tuf *tuf, cx_tuf_target_fn fn, void *arg,
		       struct cx_error *err);

/**
 * cx_tuf_download - fetch a target and verify it
 * @tuf: refreshed
 * @target: from cx_tuf_find() or cx_tuf_each_target()
 * @fd: a regular file, open for reading and writing: empty, or what an earlier attempt
 *	left in it
 * @watch: told about progress; may be NULL
 * @watch_arg: given to @watch
 * @err: filled on failure
 *
 * On success @fd holds exactly the target.  If the content is not what was signed, it
 * is emptied; if the network failed, it keeps what arrived.  Nothing is synced.
 */
int cx_tuf_download(struct cx_tuf *tuf, const struct cx_tuf_target *target,
		    int fd, cx_fetch_watch watch, void *watch_arg,
		    struct cx_error *err);

/**
 * cx_tuf_check_file - is this file the target
 * @target: the target
 * @fd: a regular file, open for reading
 * @err: filled on failure
 *
 * Return: 0, -EBADMSG (it is not) or a negative errno.
 */
int cx_tuf_check_file(const struct cx_tuf_target *target, int fd,
		      struct cx_error *err);

#endif /* _CX_TUF_CLIENT_H */
