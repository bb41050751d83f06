// SPDX-License-Identifier: GPL-2.0-only
/*
 * Regular files: their content is their object's, read through the kernel's
 * backing-file helpers, so both share one page cache and fs-verity's checks.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/backing-file.h>
#include <linux/fs.h>
#include <linux/fsverity.h>
#include <linux/mm.h>

#include "compat.h"
#include "cryptex.h"
#include "fault.h"
#include "generation.h"
#include "inode.h"
#include "notify.h"
#include "view.h"

/*
 * What is missing or wrong in the store is an I/O error of the file: the path
 * exists, the seal says so.
 */
static int file_open(struct inode *inode, struct file *file)
{
	const struct cx_generation *gen = inode->i_private;
	const struct cx_cryptex *cx = inode->i_sb->s_fs_info;
	const struct cryptex_seal_entry *e = cx_inode_entry(inode);
	struct file *real;
	int err = cx_view_may_open(gen);

	if (err)
		return err;
	real = cx_store_open(&cx->store, e->digest, i_size_read(inode), file,
			     &cx_inode(inode)->object);
	if (!IS_ERR(real)) {
		file->private_data = real;
		return 0;
	}
	if (PTR_ERR(real) != -EUCLEAN && PTR_ERR(real) != -ENOENT)
		return PTR_ERR(real);
	pr_err_ratelimited("%s: %s: object %*phN of %pd is %s\n", cx->name,
			   cx_generation_label(gen), 6, e->digest,
			   file->f_path.dentry,
			   PTR_ERR(real) == -ENOENT ? "missing" :
						      "not what was sealed");
	return -EIO;
}

static int file_release(struct inode *inode, struct file *file)
{
	fput(file->private_data);
	return 0;
}

static const struct cred *store_cred(const struct file *file)
{
	const struct cx_cryptex *cx = file_inode(file)->i_sb->s_fs_info;

	return cx->store.cred;
}

/* Of a read's result: fs-verity's refusal of a page comes as an I/O error. */
static ssize_t told(const struct file *file, ssize_t result)
{
	if (result == -EIO)
		cx_notify_corrupted(file);
	return result;
}

static ssize_t file_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct file *file = iocb->ki_filp;
	struct backing_file_ctx ctx = cx_backing_ctx(file, store_cred(file));

	return told(file, backing_file_read_iter(file->private_data, to, iocb,
						 iocb->ki_flags, &ctx));
}

static ssize_t file_splice_read(struct file *in, loff_t *pos,
				struct pipe_inode_info *pipe, size_t len,
				unsigned int flags)
{
	struct backing_file_ctx ctx = cx_backing_ctx(in, store_cred(in));

	return told(in, cx_backing_splice(in->private_data, in, pos, pipe, len,
					  flags, &ctx));
}

/*
 * Shared writable mappings need no refusal of their own: nothing on a read-only
 * superblock is ever open for writing.
 */
static int file_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct backing_file_ctx ctx = cx_backing_ctx(file, store_cred(file));
	struct cx_cryptex *cx = file_inode(file)->i_sb->s_fs_info;
	int err = cx_view_may_map(file_inode(file)->i_private, vma);

	if (!err)
		err = backing_file_mmap(file->private_data, vma, &ctx);
	if (!err)
		cx_fault_watch(&cx->store.faults, vma);
	return err;
}

/* What is advised is done to the object's pages: there are no others. */
static int file_fadvise(struct file *file, loff_t offset, loff_t len, int advice)
{
	return vfs_fadvise(file->private_data, offset, len, advice);
}

/* Its object's digest and hashes are the file's own. */
static long file_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *argp = (void __user *)arg;

	switch (cmd) {
	case FS_IOC_MEASURE_VERITY:
		return fsverity_ioctl_measure(file->private_data, argp);
	case FS_IOC_READ_VERITY_METADATA:
		return fsverity_ioctl_read_metadata(file->private_data, argp);
	default:
		return -ENOTTY;
	}
}

const struct file_operations cx_file_operations = {
	.open		= file_open,
	.release	= file_release,
	.llseek		= generic_file_llseek,
	.read_iter	= file_read_iter,
	.splice_read	= file_splice_read,
	.mmap		= file_mmap,
	.fadvise	= file_fadvise,
	.unlocked_ioctl	= file_ioctl,
	.compat_ioctl	= compat_ptr_ioctl,
};
