/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Extended attributes: from files into sets, and sets into a manifest. */
#ifndef _XATTR_H
#define _XATTR_H

#include "lib/error.h"
#include "lib/file.h"
#include "tree.h"

/**
 * xattr_read - read the attributes that a seal can hold
 * @dirfd: the folder
 * @name: of a file, folder or link in it
 * @path: for messages
 * @set: set on success, encoded as in a seal, empty if there are none; the
 *	caller frees it with cx_buf_free(); what it had is freed
 * @err: filled on failure; -EINVAL for a user attribute that does not fit
 *
 * Takes security.selinux and user attributes; all others are left out.
 *
 * Return: 0, -EINVAL, -EFBIG, -ENOMEM, or what reading gave.
 */
int xattr_read(int dirfd, const char *name, const char *path,
	       struct cx_buf *set, struct cx_error *err);

/**
 * struct xattr_sets - all sets of a tree, in the order of the manifest
 * @list: by reference to the tree's nodes, ascending, each one once
 * @count: length of @list
 * @size: bytes of the manifest's area, 0 without a set
 */
struct xattr_sets {
	const struct cx_buf **list;
	size_t count;
	size_t size;
};

/**
 * xattr_sets_collect - gather the sets of a tree and number them
 * @tree: each node's xattr_set is set
 * @sets: set on success; freed with xattr_sets_free(), before the tree
 * @err: filled on failure; -EFBIG beyond a limit of the format
 *
 * Return: 0, -EFBIG or -ENOMEM.
 */
int xattr_sets_collect(const struct tree *tree, struct xattr_sets *sets,
		       struct cx_error *err);

/**
 * xattr_sets_write - write the manifest's area
 * @sets: collected
 * @to: room for their size
 */
void xattr_sets_write(const struct xattr_sets *sets, void *to);

/**
 * xattr_sets_free - free the list
 * @sets: may be all zero
 */
void xattr_sets_free(struct xattr_sets *sets);

#endif /* _XATTR_H */
