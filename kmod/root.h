/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_ROOT_H
#define _CX_ROOT_H

#include <linux/types.h>

struct dentry;
struct inode;
struct super_block;

struct inode *cx_root_make(struct super_block *sb, s64 mtime);
struct inode *cx_root_make_current(struct super_block *sb);
struct dentry *cx_root_new_current(struct super_block *sb);
void cx_root_show_current(struct super_block *sb, struct dentry *old,
			  struct dentry *new);

#endif /* _CX_ROOT_H */
