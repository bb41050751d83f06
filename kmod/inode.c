// SPDX-License-Identifier: GPL-2.0-only
/*
 * Directories, files and links of a generation, made from its manifest when
 * they are looked up.
 *
 * An inode's number is that of its generation plus its entry's index, so the
 * generation (i_private) and the number say all there is to know.
 */
#include <linux/fs.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/unaligned.h>

#include "cryptex.h"
#include "generation.h"
#include "inode.h"
#include "settle.h"
#include "xattr.h"

static const struct inode_operations dir_inode_operations;
static const struct inode_operations file_inode_operations;
static const struct inode_operations link_inode_operations;
static const struct file_operations dir_operations;
static struct kmem_cache *inode_cache;

static void init_once(void *inode)
{
	inode_init_once(&((struct cx_inode *)inode)->vfs);
}

/**
 * cx_inode_init - before the first mount
 *
 * Return: 0 or -%ENOMEM.
 */
int cx_inode_init(void)
{
	inode_cache = kmem_cache_create("cryptex_inode",
					sizeof(struct cx_inode), 0,
					SLAB_RECLAIM_ACCOUNT | SLAB_ACCOUNT,
					init_once);
	return inode_cache ? 0 : -ENOMEM;
}

/**
 * cx_inode_exit - after the last mount
 *
 * Context: may sleep; waits for inodes on their way out.
 */
void cx_inode_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(inode_cache);
}

/**
 * cx_inode_alloc - memory for an inode
 * @sb: the superblock
 *
 * Return: what the VFS is to set up, or NULL if out of memory.
 */
struct inode *cx_inode_alloc(struct super_block *sb)
{
	struct cx_inode *ci = alloc_inode_sb(sb, inode_cache, GFP_KERNEL);

	if (!ci)
		return NULL;
	ci->object = NULL;
	ci->links = 0;
	return &ci->vfs;
}

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
	inode->i_op = &link_inode_operations;
	return inode->i_link ? 0 : -ENOMEM;
}

static void count_user(struct cx_generation *gen)
{
	atomic_inc(&gen->users);
	/* Counted before it is looked at: settling sees him, or he sees the switch. */
	smp_mb__after_atomic();
	if (!READ_ONCE(gen->active))
		cx_unsettle(gen->cryptex);
}

static int init_by_type(struct inode *inode, struct cx_generation *gen,
			const struct cryptex_seal_entry *e)
{
	inode->i_private = gen;
	/* With the number it is what fanotify knows an inode by. */
	inode->i_generation = get_unaligned_le32(gen->digest);
	switch (inode->i_mode & S_IFMT) {
	case S_IFDIR:
		inode->i_op = &dir_inode_operations;
		inode->i_fop = &dir_operations;
		return 0;
	case S_IFREG:
		count_user(gen);
		inode->i_size = le64_to_cpu(e->size);
		inode->i_blocks = DIV_ROUND_UP_ULL(inode->i_size, 512);
		inode->i_op = &file_inode_operations;
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

static u32 count_links(const struct inode *dir)
{
	const struct cx_generation *gen = dir->i_private;
	const struct cryptex_seal_entry *d = cx_inode_entry(dir);
	const struct cryptex_seal_entry *e =
		&gen->seal.entries[le32_to_cpu(d->first)];
	u32 i, links = 2;

	for (i = 0; i < le64_to_cpu(d->size); i++)
		links += S_ISDIR(le16_to_cpu(e[i].mode));
	return links;
}

/*
 * Counted when somebody asks for the first time: a walk through a directory
 * should not cost what reading it does.  Who asks at the same time finds the
 * same.
 */
static u32 dir_links(struct inode *dir)
{
	struct cx_inode *ci = cx_inode(dir);
	u32 links = READ_ONCE(ci->links);

	if (!links) {
		links = count_links(dir);
		WRITE_ONCE(ci->links, links);
	}
	return links;
}

static int getattr(struct mnt_idmap *idmap, const struct path *path,
		   struct kstat *stat, u32 request_mask, unsigned int flags)
{
	struct inode *inode = d_inode(path->dentry);

	generic_fillattr(idmap, request_mask, inode, stat);
	stat->attributes_mask |= STATX_ATTR_IMMUTABLE | STATX_ATTR_VERITY;
	stat->attributes |= STATX_ATTR_IMMUTABLE;
	if (S_ISREG(inode->i_mode))
		stat->attributes |= STATX_ATTR_VERITY;
	if (S_ISDIR(inode->i_mode))
		stat->nlink = dir_links(inode);
	return 0;
}

static const struct inode_operations dir_inode_operations = {
	.lookup		= dir_lookup,
	.getattr	= getattr,
	.listxattr	= cx_xattr_list,
};

static const struct inode_operations file_inode_operations = {
	.getattr	= getattr,
	.listxattr	= cx_xattr_list,
};

static const struct inode_operations link_inode_operations = {
	.get_link	= simple_get_link,
	.getattr	= getattr,
	.listxattr	= cx_xattr_list,
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
	dput(cx_inode(inode)->object);
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
	kmem_cache_free(inode_cache, cx_inode(inode));
}
