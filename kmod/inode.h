/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_INODE_H
#define _CX_INODE_H

#include <linux/fs.h>

struct cx_generation;

/* The mount's root and its three links; generations number on from there. */
#define CX_ROOT_INO	1
#define CX_FIRST_INO	16

/**
 * struct cx_inode - an inode of a cryptex
 * @vfs: what the VFS sees
 * @object: regular file: its object's dentry, a reference; NULL until it was
 *	opened once, then it stays until the inode is evicted
 * @links: directory: number of links; 0 until somebody asked
 */
struct cx_inode {
	struct inode vfs;
	struct dentry *object;
	u32 links;
};

static inline struct cx_inode *cx_inode(struct inode *inode)
{
	return container_of(inode, struct cx_inode, vfs);
}

extern const struct file_operations cx_file_operations;
extern const struct dentry_operations cx_dentry_operations;

int cx_inode_init(void);
void cx_inode_exit(void);
struct inode *cx_inode_alloc(struct super_block *sb);
struct inode *cx_inode_new(struct super_block *sb, u64 ino, umode_t mode,
			   s64 mtime);
struct dentry *cx_inode_make_root(struct super_block *sb,
				  struct cx_generation *gen);
void cx_inode_evict(struct inode *inode);
void cx_inode_free(struct inode *inode);
const struct cryptex_seal_entry *cx_inode_entry(const struct inode *inode);

#endif /* _CX_INODE_H */
