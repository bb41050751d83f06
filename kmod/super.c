// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mounting: from a seal and a store to a superblock, one for each cryptex.
 *
 * Until everything about the base is known to be right there is no superblock,
 * so a refused mount leaves nothing to take back.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/fs_parser.h>
#include <linux/rculist.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/statfs.h>
#include <linux/unaligned.h>

#include <uapi/linux/cryptex.h>

#include "compat.h"
#include "cryptex.h"
#include "generation.h"
#include "inode.h"
#include "notify.h"
#include "root.h"
#include "super.h"
#include "trust.h"
#include "why.h"
#include "xattr.h"

/*
 * The deepest there is: a file system stacked on top would hide a mapping's
 * cryptex from the coherence check.
 */
#define STACK_DEPTH	FILESYSTEM_MAX_STACK_DEPTH

enum { OPT_STORE };

static const struct fs_parameter_spec parameters[] = {
	fsparam_string("store", OPT_STORE),
	{}
};

static int tell(struct fs_context *fc, const struct cx_why *why, int err)
{
	cx_notify_rejected(CRYPTEX_CMD_UNSPEC, err, why);
	errorf(fc, "%s", why->text);
	return err;
}

static int parse_param(struct fs_context *fc, struct fs_parameter *param)
{
	struct fs_parse_result result;
	int opt = fs_parse(fc, parameters, param, &result);

	if (opt < 0)
		return opt;
	if (fc->fs_private)
		return invalf(fc, "store: given twice");
	fc->fs_private = param->string;
	param->string = NULL;
	return 0;
}

static int show_options(struct seq_file *m, struct dentry *root)
{
	const struct cx_cryptex *cx = root->d_sb->s_fs_info;

	seq_show_option(m, "store", cx->store.name);
	return 0;
}

/*
 * What is sealed is all there is, and there is no room for more.  A content that
 * generations share counts for each: so it does when their files are added up.
 */
static int statfs(struct dentry *dentry, struct kstatfs *st)
{
	const struct super_block *sb = dentry->d_sb;
	const struct cx_cryptex *cx = sb->s_fs_info;
	const struct cx_generation *gen;
	u64 bytes = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(gen, &cx->generations, link) {
		bytes += gen->bytes;
		st->f_files += gen->seal.entry_count;
	}
	rcu_read_unlock();
	st->f_type = CRYPTEX_SUPER_MAGIC;
	st->f_bsize = sb->s_blocksize;
	st->f_blocks = DIV_ROUND_UP_ULL(bytes, sb->s_blocksize);
	st->f_namelen = CRYPTEX_NAME_MAX;
	/* The base's, so that it is the same after the next mount. */
	st->f_fsid = u64_to_fsid(get_unaligned_le64(cx->base->digest));
	return 0;
}

static const struct super_operations super_operations = {
	.statfs		= statfs,
	.show_options	= show_options,
	.alloc_inode	= cx_inode_alloc,
	.evict_inode	= cx_inode_evict,
	.free_inode	= cx_inode_free,
};

/* A patch is told from a base here; all else is as for a patch. */
static struct cx_cryptex *load(struct fs_context *fc, struct cx_why *why)
{
	struct cx_generation *base;
	struct cx_cryptex *cx;
	int err;

	base = cx_generation_read_path(fc->source, why);
	if (IS_ERR(base))
		return ERR_CAST(base);
	cx_why_about(why, base);
	err = -EINVAL;
	if (!cryptex_seal_is_base(&base->seal)) {
		cx_refuse(why, err,
			  "this seal is a patch: mount its base, then stage it");
		goto put;
	}
	err = -ENOMEM;
	cx = cx_cryptex_new(base);
	if (!cx) {
		cx_refuse(why, err, "out of memory");
		goto put;
	}
	err = cx_store_init(&cx->store, fc->fs_private, why);
	if (!err)
		err = cx_store_check(&cx->store, &base->seal, why);
	if (!err)
		return cx;
	cx_cryptex_free(cx);
	return ERR_PTR(err);
put:
	cx_generation_put(base);
	return ERR_PTR(err);
}

static int is_same_name(struct super_block *sb, struct fs_context *fc)
{
	const struct cx_cryptex *mounted = sb->s_fs_info;
	const struct cx_cryptex *wanted = fc->s_fs_info;

	return !strcmp(mounted->name, wanted->name);
}

static int fill(struct super_block *sb, struct cx_why *why)
{
	struct cx_cryptex *cx = sb->s_fs_info;
	s64 mtime = le64_to_cpu(cx->base->seal.header->build_time);

	sb->s_flags |= SB_RDONLY | SB_NOATIME;
	sb->s_maxbytes = MAX_LFS_FILESIZE;
	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	sb->s_magic = CRYPTEX_SUPER_MAGIC;
	sb->s_op = &super_operations;
	cx_set_d_op(sb, &cx_dentry_operations);
	sb->s_xattr = cx_xattr_handlers;
	sb->s_stack_depth = STACK_DEPTH;
	sb->s_time_gran = NSEC_PER_SEC;
	sb->s_root = d_make_root(cx_root_make(sb, mtime));
	if (!sb->s_root)
		return cx_refuse(why, -ENOMEM, "out of memory");
	return cx_cryptex_register(cx, sb, why);
}

static int share(const struct super_block *sb, const struct cx_cryptex *wanted,
		 struct cx_why *why)
{
	const struct cx_cryptex *mounted = sb->s_fs_info;

	if (!memcmp(mounted->base->digest, wanted->base->digest,
		    CRYPTEX_DIGEST_SIZE))
		return 0;
	return cx_refuse(why, -EBUSY,
			 "%.24s is mounted with another base, %.24s",
			 mounted->name, cx_generation_label(mounted->base));
}

static int get_super(struct fs_context *fc, struct cx_why *why)
{
	struct super_block *sb = sget_fc(fc, is_same_name, set_anon_super_fc);
	int err;

	if (IS_ERR(sb))
		return cx_refuse(why, PTR_ERR(sb), "no superblock to be had");
	if (sb->s_root) {
		err = share(sb, fc->s_fs_info, why);
	} else {
		err = fill(sb, why);
		if (!err)
			sb->s_flags |= SB_ACTIVE;
	}
	if (err) {
		deactivate_locked_super(sb);
		return err;
	}
	fc->root = dget(sb->s_root);
	return 0;
}

static int mount(struct fs_context *fc, struct cx_why *why)
{
	struct cx_cryptex *cx = load(fc, why);

	if (IS_ERR(cx))
		return PTR_ERR(cx);
	/*
	 * sget_fc() hands it to a new superblock, and leaves it with a shared
	 * one for free_context().
	 */
	fc->s_fs_info = cx;
	fc->sb_flags |= SB_RDONLY;
	return get_super(fc, why);
}

static int get_tree(struct fs_context *fc)
{
	struct cx_why why = {};
	int err;

	if (!fc->source)
		return invalf(fc, "no seal given as source");
	if (!fc->fs_private)
		return invalf(fc, "option store=FOLDER is missing");
	down_read(&cx_trust_lock);
	err = mount(fc, &why);
	up_read(&cx_trust_lock);
	return err ? tell(fc, &why, err) : 0;
}

static int reconfigure(struct fs_context *fc)
{
	return invalf(fc, "nothing can be changed by a remount");
}

static void free_context(struct fs_context *fc)
{
	if (fc->s_fs_info)
		cx_cryptex_free(fc->s_fs_info);
	kfree(fc->fs_private);
}

static const struct fs_context_operations context_operations = {
	.parse_param	= parse_param,
	.get_tree	= get_tree,
	.reconfigure	= reconfigure,
	.free		= free_context,
};

/**
 * cx_super_init_context - begin a mount or remount
 * @fc: the context
 *
 * Return: 0.
 */
int cx_super_init_context(struct fs_context *fc)
{
	fc->ops = &context_operations;
	return 0;
}

/**
 * cx_super_kill - the last mount of a superblock has gone
 * @sb: the superblock
 *
 * First nobody can find the cryptex any more, then nobody uses it, then it is
 * freed.
 */
void cx_super_kill(struct super_block *sb)
{
	struct cx_cryptex *cx = sb->s_fs_info;

	cx_cryptex_unregister(cx);
	kill_anon_super(sb);
	cx_cryptex_free(cx);
}
