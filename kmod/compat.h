/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Evens out the differences between the supported kernels; Kbuild finds them.
 */
#ifndef _CX_COMPAT_H
#define _CX_COMPAT_H

#include <linux/backing-file.h>
#include <linux/dcache.h>
#include <linux/fs.h>

/* The user's file was passed by its path until security modules wanted it. */
static inline struct file *cx_backing_open(const struct file *user, int flags,
					   const struct path *real,
					   const struct cred *cred)
{
#ifdef CX_BACKING_OPEN_TAKES_FILE
	return backing_file_open(user, flags, real, cred);
#else
	return backing_file_open(&user->f_path, flags, real, cred);
#endif
}

/* The user's file was passed here until all calls took a kiocb. */
static inline struct backing_file_ctx cx_backing_ctx(struct file *user,
						     const struct cred *cred)
{
	struct backing_file_ctx ctx = { .cred = cred };

#ifdef CX_BACKING_CTX_HAS_USER_FILE
	ctx.user_file = user;
#endif
	return ctx;
}

static inline ssize_t cx_backing_splice(struct file *real, struct file *user,
					loff_t *pos,
					struct pipe_inode_info *pipe,
					size_t len, unsigned int flags,
					struct backing_file_ctx *ctx)
{
#ifdef CX_BACKING_SPLICE_TAKES_POS
	return backing_file_splice_read(real, pos, pipe, len, flags, ctx);
#else
	struct kiocb iocb;
	ssize_t ret;

	init_sync_kiocb(&iocb, user);
	iocb.ki_pos = *pos;
	ret = backing_file_splice_read(real, &iocb, pipe, len, flags, ctx);
	*pos = iocb.ki_pos;
	return ret;
#endif
}

/* A superblock's default operations were set directly until they got flags. */
static inline void cx_set_d_op(struct super_block *sb,
			       const struct dentry_operations *ops)
{
#ifdef CX_HAS_SET_DEFAULT_D_OP
	set_default_d_op(sb, ops);
#else
	sb->s_d_op = ops;
#endif
}

#endif /* _CX_COMPAT_H */
