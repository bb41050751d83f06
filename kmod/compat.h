/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Evens out the differences between the supported kernels; Kbuild finds them.
 */
#ifndef _CX_COMPAT_H
#define _CX_COMPAT_H

#include <linux/backing-file.h>
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

static inline ssize_t cx_backing_splice(struct file *real, struct file *user,
					loff_t *pos,
					struct pipe_inode_info *pipe,
					size_t len, unsigned int flags,
					struct backing_file_ctx *ctx)
{
#ifdef CX_BACKING_SPLICE_TAKES_POS
	ctx->user_file = user;
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

#endif /* _CX_COMPAT_H */
