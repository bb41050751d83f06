/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_ROOT_H
#define _CX_ROOT_H

#include <linux/types.h>

struct inode;
struct super_block;

struct inode *cx_root_make(struct super_block *sb, s64 mtime);

#endif /* _CX_ROOT_H */
