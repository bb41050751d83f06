/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_INODE_H
#define _CX_INODE_H

#include <linux/fs.h>

struct cx_generation;

/* The mount's root and its three links; generations number on from there. */
#define CX_ROOT_INO	1
#define CX_FIRST_INO	16

extern const struct file_operations cx_file_operations;
extern const struct dentry_operations cx_dentry_operations;

struct inode *cx_inode_new(struct super_block *sb, u64 ino, umode_t mode,
			   s64 mtime);
struct dentry *cx_inode_make_root(struct super_block *sb,
				  struct cx_generation *gen);
void cx_inode_evict(struct inode *inode);
void cx_inode_free(struct inode *inode);
const struct cryptex_seal_entry *cx_inode_entry(const struct inode *inode);

#endif /* _CX_INODE_H */
