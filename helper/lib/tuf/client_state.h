/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the parts of the client share.
 *
 * What returns an int, and does not say what, returns 0 or a negative errno: one of
 * those of cx_tuf_class() that its step can meet, -ENOMEM, or the local folder's.
 */
#ifndef _CX_TUF_CLIENT_STATE_H
#define _CX_TUF_CLIENT_STATE_H

#include "lib/tuf/client.h"
#include "lib/tuf/metadata.h"

/* Delegated roles that a client holds */
#define CX_TUF_LOADED_MAX 512

/**
 * struct cx_tuf_loaded - metadata of a delegated role
 * @by: the delegation under which they were verified; another one to the same role may
 *	trust other keys
 * @targets: the metadata
 */
struct cx_tuf_loaded {
	const struct cx_tuf_delegation *by;
	struct cx_tuf_targets *targets;
};

/**
 * struct cx_tuf - one update
 * @dirfd: the local folder, locked
 * @metadata: how metadata are read
 * @content: how targets are read
 * @now: the time of the update
 * @not_before: see struct cx_tuf_options
 * @offline: the repository is not asked
 * @root: always there, and verified
 * @timestamp: verified, or NULL; likewise the next two
 * @snapshot: all that may be used is listed here
 * @top: targets.json
 * @loaded: delegated roles so far
 * @loaded_count: of @loaded
 * @targets_size: bytes of all files of targets so far
 */
struct cx_tuf {
	int dirfd;
	struct cx_tuf_transport metadata;
	struct cx_tuf_transport content;
	time_t now;
	time_t not_before;
	bool offline;
	struct cx_tuf_root *root;
	struct cx_tuf_timestamp *timestamp;
	struct cx_tuf_snapshot *snapshot;
	struct cx_tuf_targets *top;
	struct cx_tuf_loaded loaded[CX_TUF_LOADED_MAX];
	size_t loaded_count;
	size_t targets_size;
};

/**
 * cx_tuf_root_read - read, verify by itself and parse a root
 * @data: content of a root.json
 * @size: bytes of @data
 * @root: set on success
 * @err: filled on failure
 */
int cx_tuf_root_read(const void *data, size_t size, struct cx_tuf_root **root,
		     struct cx_error *err);

/**
 * cx_tuf_update_root - go from root to root, as far as there are any
 * @tuf: the client
 * @err: filled on failure
 */
int cx_tuf_update_root(struct cx_tuf *tuf, struct cx_error *err);

/**
 * cx_tuf_update_timestamp - the newest timestamp
 * @tuf: the client
 * @err: filled on failure
 */
int cx_tuf_update_timestamp(struct cx_tuf *tuf, struct cx_error *err);

/**
 * cx_tuf_update_snapshot - the snapshot that the timestamp announces
 * @tuf: the client
 * @err: filled on failure
 */
int cx_tuf_update_snapshot(struct cx_tuf *tuf, struct cx_error *err);

/**
 * cx_tuf_load_targets - the metadata of a role that signs targets
 * @tuf: the client, with a snapshot
 * @role: who has to have signed
 * @targets: set on success; the caller frees it with cx_tuf_targets_free()
 * @err: filled on failure
 *
 * Takes the local file if it is what the snapshot announces, otherwise fetches.
 */
int cx_tuf_load_targets(struct cx_tuf *tuf, const struct cx_tuf_role *role,
			struct cx_tuf_targets **targets, struct cx_error *err);

/**
 * cx_tuf_verify - was this signed by enough of a role's keys
 * @tuf: the client
 * @envelope: the metadata
 * @role: who has to have signed
 * @err: filled on failure
 *
 * Return: 0, -ENOKEY, or -EKEYREVOKED if a key has signed that was trusted once.
 */
int cx_tuf_verify(const struct cx_tuf *tuf,
		  const struct cx_tuf_envelope *envelope,
		  const struct cx_tuf_role *role, struct cx_error *err);

/**
 * cx_tuf_read_signed - read metadata, and verify them before anything else
 * @tuf: the client
 * @buf: a file of metadata
 * @role: who has to have signed
 * @envelope: set on success; the caller frees it with cx_tuf_envelope_free()
 * @err: filled on failure
 *
 * Return: as cx_tuf_envelope_read() and cx_tuf_verify().
 */
int cx_tuf_read_signed(const struct cx_tuf *tuf, const struct cx_buf *buf,
		       const struct cx_tuf_role *role,
		       struct cx_tuf_envelope *envelope, struct cx_error *err);

/**
 * cx_tuf_check_expiry - is this still valid at the time of the update
 * @tuf: the client
 * @header: of the metadata
 * @err: filled on failure
 *
 * Return: 0, -EKEYEXPIRED, or -ETIME if that long ago that it must be the clock.
 */
int cx_tuf_check_expiry(const struct cx_tuf *tuf,
			const struct cx_tuf_header *header,
			struct cx_error *err);

/**
 * cx_tuf_check_clock - can the time of the update be right
 * @tuf: the client
 * @err: filled on failure
 *
 * Return: 0 or -ETIME.
 */
int cx_tuf_check_clock(const struct cx_tuf *tuf, struct cx_error *err);

/**
 * cx_tuf_check_meta - is this the file that other metadata announce
 * @meta: what they announce
 * @buf: the file
 * @err: filled on failure
 *
 * Return: 0 or -EBADMSG; the version is not looked at.
 */
int cx_tuf_check_meta(const struct cx_tuf_meta *meta, const struct cx_buf *buf,
		      struct cx_error *err);

/**
 * cx_tuf_is_lost - does a local file count as none
 * @ret: why it cannot be used
 *
 * Return: true if it is missing, damaged, or not trusted any more, so that only another
 * one can mend it; false for trouble that passes, such as too many open files, by which
 * no machine may forget what it has seen.
 */
bool cx_tuf_is_lost(int ret);

/**
 * cx_tuf_fetch_meta - fetch the file that other metadata announce
 * @tuf: the client
 * @meta: what they announce
 * @role: the name of the role that it is of
 * @max: bytes that it has at most, if nothing less is announced
 * @buf: set on success, checked against @meta
 * @err: filled on failure
 */
int cx_tuf_fetch_meta(struct cx_tuf *tuf, const struct cx_tuf_meta *meta,
		      const char *role, size_t max, struct cx_buf *buf,
		      struct cx_error *err);

#endif /* _CX_TUF_CLIENT_STATE_H */
