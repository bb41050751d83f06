/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The local folder of trusted metadata. */
#ifndef _CX_TUF_LOCAL_H
#define _CX_TUF_LOCAL_H

#include <stddef.h>

#include "lib/error.h"
#include "lib/file.h"

/**
 * cx_tuf_local_open - take the folder for this process alone
 * @dirfd: the folder; stays the caller's
 * @err: filled on failure
 *
 * Return: another descriptor of it, whose closing lets go of it; -EBUSY if somebody
 * else has it; or another negative errno.
 */
int cx_tuf_local_open(int dirfd, struct cx_error *err);

/**
 * cx_tuf_local_read - read a file of the folder
 * @dirfd: the folder
 * @name: of the file
 * @max: a larger file is refused with -EFBIG
 * @buf: set on success; the caller frees it with cx_buf_free()
 * @err: filled on failure; -ENOENT if there is no such file
 *
 * Return: 0, -ENOENT, -EFBIG, -ENOMEM, or what reading gave.
 */
int cx_tuf_local_read(int dirfd, const char *name, size_t max,
		      struct cx_buf *buf, struct cx_error *err);

/**
 * cx_tuf_local_write - replace a file of the folder, crash-safely
 * @dirfd: the folder
 * @name: of the file
 * @buf: its content
 * @drop: files to remove, ended by NULL; or NULL.  That happens once the content is
 *	durable and before it gets its name, so that a power cut leaves no new @name
 *	beside them
 * @err: filled on failure
 *
 * Return: 0, or a negative errno: what opening, writing, syncing or renaming gave.
 */
int cx_tuf_local_write(int dirfd, const char *name, const struct cx_buf *buf,
		       const char *const *drop, struct cx_error *err);

#endif /* _CX_TUF_LOCAL_H */
