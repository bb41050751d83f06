// SPDX-License-Identifier: GPL-2.0-only
/*
 * The root of a mount: a directory for each generation, and three links.
 *
 * ``base`` and ``active`` are the same for everyone; ``current`` depends on who
 * asks, as /proc/self does.
 */
#include <linux/fs.h>
#include <linux/rculist.h>

#include "cryptex.h"
#include "generation.h"
#include "inode.h"
#include "root.h"
#include "view.h"

static struct cx_generation *resolve_base(const struct cx_cryptex *cx)
{
	cx_generation_pin(cx->base);
	return cx->base;
}

enum { LINK_BASE, LINK_ACTIVE, LINK_CURRENT };

static const struct root_link {
	const char *name;
	struct cx_generation *(*resolve)(const struct cx_cryptex *cx);
} root_links[] = {
	[LINK_BASE]	= { "base",	resolve_base },
	[LINK_ACTIVE]	= { "active",	cx_view_active },
	[LINK_CURRENT]	= { "current",	cx_view_current },
};

static void unpin(void *gen)
{
	cx_generation_unpin(gen);
}

/* The pin tells settling of the walk until it has a reference inside. */
static const char *get_link(struct dentry *dentry, struct inode *inode,
			    struct delayed_call *done)
{
	const struct root_link *link;
	struct cx_generation *gen;

	if (!dentry)
		return ERR_PTR(-ECHILD);
	link = &root_links[inode->i_ino - CX_ROOT_INO - 1];
	gen = link->resolve(inode->i_sb->s_fs_info);
	if (IS_ERR(gen))
		return ERR_CAST(gen);
	set_delayed_call(done, unpin, gen);
	return cx_generation_label(gen);
}

/*
 * While the epoch is settled, a walk under RCU is told without a pin.  It gets
 * into the generation's directory within its RCU section, which settling waits
 * for; or it leaves RCU mode before that, for which the VFS takes a reference on
 * this link's dentry, which settling sees; or it does so after a switch, when
 * the VFS finds that dentry to be gone, and starts again.
 */
static const char *resolve_current(struct dentry *dentry, struct inode *inode,
				   struct delayed_call *done)
{
	const struct cx_generation *gen;

	if (dentry)
		return get_link(dentry, inode, done);
	gen = cx_view_settled(inode->i_sb->s_fs_info);
	return gen ? cx_generation_label(gen) : ERR_PTR(-ECHILD);
}

static const struct inode_operations link_inode_operations = {
	.get_link	= get_link,
};

static const struct inode_operations current_inode_operations = {
	.get_link	= resolve_current,
};

static u64 link_ino(size_t i)
{
	return CX_ROOT_INO + 1 + i;
}

static struct inode *make_link(struct super_block *sb, size_t i,
			       const struct inode_operations *ops)
{
	struct inode *inode = cx_inode_new(sb, link_ino(i), S_IFLNK | 0777,
					   inode_get_mtime_sec(d_inode(sb->s_root)));

	if (inode)
		inode->i_op = ops;
	return inode;
}

/**
 * cx_root_make_current - the inode of ``current``
 * @sb: the superblock, with a root directory
 *
 * Return: the inode, a reference, or NULL if out of memory.
 */
struct inode *cx_root_make_current(struct super_block *sb)
{
	return make_link(sb, LINK_CURRENT, &current_inode_operations);
}

/**
 * cx_root_new_current - a dentry for ``current``, not to be seen yet
 * @sb: the superblock
 *
 * Return: the dentry, a reference, or NULL if out of memory.
 */
struct dentry *cx_root_new_current(struct super_block *sb)
{
	return d_alloc_name(sb->s_root, root_links[LINK_CURRENT].name);
}

/**
 * cx_root_show_current - let ``current`` be another dentry
 * @sb: the superblock
 * @old: what it was, or NULL; the caller keeps its reference
 * @new: from cx_root_new_current(); the caller keeps its reference
 *
 * Who looks in between waits for the lock and finds the new one.
 *
 * Context: may sleep; takes the inode lock of the mount's root.
 */
void cx_root_show_current(struct super_block *sb, struct dentry *old,
			  struct dentry *new)
{
	const struct cx_cryptex *cx = sb->s_fs_info;

	inode_lock(d_inode(sb->s_root));
	if (old)
		d_drop(old);
	ihold(cx->current_link);
	d_add(new, cx->current_link);
	inode_unlock(d_inode(sb->s_root));
}

/*
 * The generations' directories and ``current`` are in the dentry cache for good,
 * so only another link or a name that does not exist comes here.  The latter's
 * dentry is not hashed, so that nobody finds it once a generation of that name
 * is staged.
 */
static struct dentry *root_lookup(struct inode *dir, struct dentry *dentry,
				  unsigned int flags)
{
	struct inode *inode;
	size_t i;

	for (i = 0; i < LINK_CURRENT; i++)
		if (!strcmp(root_links[i].name, dentry->d_name.name))
			break;
	if (i == LINK_CURRENT)
		return NULL;
	inode = make_link(dir->i_sb, i, &link_inode_operations);
	if (!inode)
		return ERR_PTR(-ENOMEM);
	return d_splice_alias(inode, dentry);
}

static bool emit_links(struct dir_context *ctx)
{
	size_t i;

	for (i = ctx->pos - 2; i < ARRAY_SIZE(root_links); i++, ctx->pos++)
		if (!dir_emit(ctx, root_links[i].name,
			      strlen(root_links[i].name), link_ino(i), DT_LNK))
			return false;
	return true;
}

/*
 * The first generation whose id is at least @id; a reference, or NULL.  Readers
 * must not take cx_lock: staging takes this directory's lock under it.
 */
static struct cx_generation *next_generation(const struct cx_cryptex *cx, u64 id)
{
	struct cx_generation *gen, *found = NULL;

	rcu_read_lock();
	list_for_each_entry_rcu(gen, &cx->generations, link)
		if (gen->id >= id && refcount_inc_not_zero(&gen->refs)) {
			found = gen;
			break;
		}
	rcu_read_unlock();
	return found;
}

/*
 * The position behind the links is CX_FIRST_INO plus a generation's id, which
 * rises along the list.
 */
static void emit_generations(const struct cx_cryptex *cx,
			     struct dir_context *ctx)
{
	struct cx_generation *gen;
	bool room = true;

	while (room && (gen = next_generation(cx, ctx->pos - CX_FIRST_INO))) {
		const char *label = cx_generation_label(gen);

		room = dir_emit(ctx, label, strlen(label), gen->first_ino,
				DT_DIR);
		if (room)
			ctx->pos = CX_FIRST_INO + gen->id + 1;
		cx_generation_put(gen);
	}
}

static int root_iterate(struct file *file, struct dir_context *ctx)
{
	if (!dir_emit_dots(file, ctx))
		return 0;
	if (ctx->pos < CX_FIRST_INO) {
		if (!emit_links(ctx))
			return 0;
		ctx->pos = CX_FIRST_INO;
	}
	emit_generations(file_inode(file)->i_sb->s_fs_info, ctx);
	return 0;
}

static const struct inode_operations root_inode_operations = {
	.lookup		= root_lookup,
};

static const struct file_operations root_operations = {
	.iterate_shared	= root_iterate,
	.read		= generic_read_dir,
	.llseek		= generic_file_llseek,
};

/**
 * cx_root_make - the root directory of a superblock
 * @sb: the superblock
 * @mtime: its times, seconds since 1970
 *
 * Return: the inode, or NULL if out of memory.
 */
struct inode *cx_root_make(struct super_block *sb, s64 mtime)
{
	struct inode *inode = cx_inode_new(sb, CX_ROOT_INO, S_IFDIR | 0755,
					   mtime);

	if (inode) {
		inode->i_op = &root_inode_operations;
		inode->i_fop = &root_operations;
	}
	return inode;
}
