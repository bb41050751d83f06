/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Making deltas. */
#ifndef _CX_DELTA_MAKE_H
#define _CX_DELTA_MAKE_H

#include "lib/delta.h"

/**
 * cx_delta_make - make the patch that turns one file into another
 * @old_fd: the old file, open for reading; its position does not matter
 * @new_fd: the new file, likewise
 * @patch: set to the patch; to be freed by the caller
 * @size: set to its size in bytes
 * @err: filled on failure
 *
 * The same files give the same bytes with the same libraries.  The patch has
 * been applied, and the outcome compared, before it is given.
 *
 * Return: 0, -ENOMEM, what mmap(2) gives, or -EIO if the patch does not make
 * the new file, which would be a mistake in here.
 */
int cx_delta_make(int old_fd, int new_fd, void **patch, size_t *size,
		  struct cx_error *err);

#endif /* _CX_DELTA_MAKE_H */
