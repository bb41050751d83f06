/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Members of archives in memory. */
#ifndef _MEMBER_H
#define _MEMBER_H

#include <stddef.h>

#include "lib/error.h"
#include "lib/file.h"

struct archive;

/**
 * member_fail - say what libarchive found wrong
 * @archive: that refused
 * @name: of the file
 * @err: filled
 *
 * Return: -EBADMSG.
 */
int member_fail(struct archive *archive, const char *name,
		struct cx_error *err);

/**
 * member_read - the current member, whole
 * @archive: after a header
 * @limit: a larger member is refused, in bytes
 * @name: of the file, for the error
 * @buf: set on success; the caller frees it
 * @err: filled on failure
 *
 * Return: 0, -EBADMSG, -EFBIG or -ENOMEM.
 */
int member_read(struct archive *archive, size_t limit, const char *name,
		struct cx_buf *buf, struct cx_error *err);

/**
 * member_gunzip - unpack gzip in memory
 * @packed: replaced by what it holds, on success
 * @limit: more than this is refused, in bytes
 * @name: of the file, for the error
 * @err: filled on failure
 *
 * Return: 0, -EBADMSG, -EFBIG or -ENOMEM.
 */
int member_gunzip(struct cx_buf *packed, size_t limit, const char *name,
		  struct cx_error *err);

#endif /* _MEMBER_H */
