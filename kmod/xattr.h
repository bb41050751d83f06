/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_XATTR_H
#define _CX_XATTR_H

#include <linux/types.h>
#include <linux/xattr.h>

struct dentry;

extern const struct xattr_handler * const cx_xattr_handlers[];

ssize_t cx_xattr_list(struct dentry *dentry, char *buffer, size_t size);

#endif /* _CX_XATTR_H */
