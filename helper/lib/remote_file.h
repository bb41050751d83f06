/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One file of a remote; the only part that speaks to libeconf. */
#ifndef _CX_REMOTE_FILE_H
#define _CX_REMOTE_FILE_H

#include "lib/remote.h"

/**
 * cx_remote_file_read - read the file of a remote and check each value
 * @path: the file
 * @remote: its name is set; the rest is, on success
 * @err: filled on failure, with file and line
 */
int cx_remote_file_read(const char *path, struct cx_remote *remote,
			struct cx_error *err);

#endif /* _CX_REMOTE_FILE_H */
