// SPDX-License-Identifier: GPL-2.0-only
/*
 * Directories, files and links of a generation, made from its manifest when
 * they are looked up.
 *
 * An inode's number is that of its generation plus its entry's index, so the
 * generation (i_private) and the number say all there is to know.
 */
#include <linux/fs.h>
#include <linux/slab.h>

#include "cryptex.h"
#include "generation.h"
#include "inode.h"
#include "settle.h"

static const struct inode_operations dir_inode_operations;
static const struct file_operations dir_operations;

static u32 entry_index(const struct inode *inode)
{
	const struct cx_generation *gen = inode->i_private;

	return inode->i_ino - gen->first_ino;
}

/**
 * cx_inode_entry - what the manifest says of an inode
 * @inode: of a generation
 *
 * Return: the entry, good for as long as the inode is.
 */
const struct cryptex_seal_entry *cx_inode_entry(const struct inode *inode)
{
	const struct cx_generation *gen = inode->i_private;

	return &gen->seal.entries[entry_index(inode)];
}

/**
 * cx_inode_new - an inode, owned by root, that never changes
 * @sb: the superblock
 * @ino: its number
 * @mode: its type and permissions
 * @mtime: all of its times, seconds since 1970
 *
 * Return: the inode, or NULL if out of memory.
 */
struct inode *cx_inode_new(struct super_block *sb, u64 ino, umode_t mode,
			   s64 mtime)
{
	struct inode *inode = new_inode(sb);

	if (!inode)
		return NULL;
	inode->i_ino = ino;
	inode->i_mode = mode;
	inode_set_mtime(inode, mtime, 0);
	inode_set_ctime(inode, mtime, 0);
	inode_set_atime(inode, mtime, 0);
	return inode;
}

static int init_link(struct inode *inode, const struct cryptex_seal *seal,
		     const struct cryptex_seal_entry *e)
{
	inode->i_link = kmemdup_nul(seal->strings + le32_to_cpu(e->first),
				    le64_to_cpu(e->size), GFP_KERNEL);
	inode->i_op = &simple_symlink_inode_operations;
	return inode->i_link ? 0 : -ENOMEM;
}

static void count_user(struct cx_generation *gen)
{
	atomic_inc(&gen->users);
	if (!READ_ONCE(gen->active))
		cx_unsettle(gen->cryptex);
}

static int init_by_type(struct inode *inode, struct cx_generation *gen,
			const struct cryptex_seal_entry *e)
{
	inode->i_private = gen;
	switch (inode->i_mode & S_IFMT) {
	case S_IFDIR:
		inode->i_op = &dir_inode_operations;
		inode->i_fop = &dir_operations;
		return 0;
	case S_IFREG:
		count_user(gen);
		inode->i_size = le64_to_cpu(e->size);
		inode->i_blocks = DIV_ROUND_UP_ULL(inode->i_size, 512);
		inode->i_fop = &cx_file_operations;
		return 0;
	default:
		inode->i_size = le64_to_cpu(e->size);
		return init_link(inode, &gen->seal, e);
	}
}

static struct inode *make_inode(struct super_block *sb,
				struct cx_generation *gen, u32 index)
{
	const struct cryptex_seal_entry *e = &gen->seal.entries[index];
	struct inode *inode;
	int err;

	inode = cx_inode_new(sb, gen->first_ino + index, le16_to_cpu(e->mode),
			     le64_to_cpu(gen->seal.header->build_time));
	if (!inode)
		return ERR_PTR(-ENOMEM);
	err = init_by_type(inode, gen, e);
	if (!err)
		return inode;
	iput(inode);
	return ERR_PTR(err);
}

/**
 * cx_inode_make_root - make a generation's directory appear in the mount's root
 * @sb: the superblock
 * @gen: the generation, numbered
 *
 * The mount's root never caches that a name is missing, so nobody is left with
 * the belief that there is no such directory.
 *
 * Context: may sleep; takes the inode lock of the mount's root.
 * Return: the directory's dentry, a reference, or NULL if out of memory.
 */
struct dentry *cx_inode_make_root(struct super_block *sb,
				  struct cx_generation *gen)
{
	struct inode *inode = make_inode(sb, gen, 0);
	struct dentry *dentry;

	if (IS_ERR(inode))
		return NULL;
	dentry = d_alloc_name(sb->s_root, cx_generation_label(gen));
	if (!dentry) {
		inode->i_private = NULL;
		iput(inode);
		return NULL;
	}
	/* The last walk out of it may end after it was retired. */
	cx_generation_get(gen);
	inode_lock(d_inode(sb->s_root));
	d_add(dentry, inode);
	inode_unlock(d_inode(sb->s_root));
	return dentry;
}

static struct dentry *dir_lookup(struct inode *dir, struct dentry *dentry,
				 unsigned int flags)
{
	struct cx_generation *gen = dir->i_private;
	struct inode *inode = NULL;
	int index;

	if (dentry->d_name.len > CRYPTEX_NAME_MAX)
		return ERR_PTR(-ENAMETOOLONG);
	index = cryptex_seal_find(&gen->seal, entry_index(dir),
				  dentry->d_name.name, dentry->d_name.len);
	if (index >= 0)
		inode = make_inode(dir->i_sb, gen, index);
	return d_splice_alias(inode, dentry);
}

static int dir_iterate(struct file *file, struct dir_context *ctx)
{
	const struct inode *dir = file_inode(file);
	const struct cx_generation *gen = dir->i_private;
	const struct cryptex_seal_entry *d = cx_inode_entry(dir);
	u32 first = le32_to_cpu(d->first);

	if (!dir_emit_dots(file, ctx))
		return 0;
	for (; ctx->pos - 2 < le64_to_cpu(d->size); ctx->pos++) {
		u32 index = first + (ctx->pos - 2);
		const struct cryptex_seal_entry *e = &gen->seal.entries[index];

		if (!dir_emit(ctx, gen->seal.strings + le32_to_cpu(e->name_off),
			      le16_to_cpu(e->name_len), gen->first_ino + index,
			      fs_umode_to_dtype(le16_to_cpu(e->mode))))
			return 0;
	}
	return 0;
}

static const struct inode_operations dir_inode_operations = {
	.lookup		= dir_lookup,
};

static const struct file_operations dir_operations = {
	.iterate_shared	= dir_iterate,
	.read		= generic_read_dir,
	.llseek		= generic_file_llseek,
};

/*
 * While a generation is active its dentries are cached as everybody's are.
 * Afterwards they go with their last user, so that it can be seen to drain.
 */
static int dentry_delete(const struct dentry *dentry)
{
	const struct inode *inode = d_inode(dentry);
	const struct cx_generation *gen = inode ? inode->i_private : NULL;

	return gen && !READ_ONCE(gen->active);
}

const struct dentry_operations cx_dentry_operations = {
	.d_delete	= dentry_delete,
};

/**
 * cx_inode_evict - an inode leaves memory
 * @inode: of any kind
 *
 * Context: may sleep.
 */
void cx_inode_evict(struct inode *inode)
{
	struct cx_generation *gen = inode->i_private;

	clear_inode(inode);
	if (!gen)
		return;
	if (S_ISREG(inode->i_mode))
		atomic_dec(&gen->users);
	if (!READ_ONCE(gen->active))
		cx_settle(inode->i_sb->s_fs_info);
	if (!entry_index(inode))
		cx_generation_put(gen);
}

/**
 * cx_inode_free - free an inode's memory
 * @inode: evicted, after an RCU grace period
 */
void cx_inode_free(struct inode *inode)
{
	if (S_ISLNK(inode->i_mode))
		kfree(inode->i_link);
	free_inode_nonrcu(inode);
}
