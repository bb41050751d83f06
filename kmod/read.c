// SPDX-License-Identifier: GPL-2.0-only
/*
 * Seals and lists are read once, into memory that nobody else can write, before
 * anything about them is judged.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/vmalloc.h>

#include "read.h"
#include "why.h"

static void *refuse(struct cx_why *why, int err, const char *what,
		    const char *text)
{
	return ERR_PTR(cx_refuse(why, err, "%s: %s", what, text));
}

/*
 * By hand: kernel_read_file() wants to be told a purpose, and has none that
 * fits; security modules warn of an unknown one.
 */
static int read_whole(struct file *file, void *buf, size_t size)
{
	loff_t pos = 0;

	while (pos < size) {
		ssize_t got = kernel_read(file, buf + pos, size - pos, &pos);

		if (got <= 0)
			return got ? got : -EIO;
	}
	return 0;
}

static void *read_file(struct file *file, const char *what, size_t max,
		       size_t *size, struct cx_why *why)
{
	loff_t length = i_size_read(file_inode(file));
	void *buf;

	if (!S_ISREG(file_inode(file)->i_mode))
		return refuse(why, -EINVAL, what, "not a regular file");
	if (!(file->f_mode & FMODE_READ))
		return refuse(why, -EBADF, what, "file not open for reading");
	if (!length)
		return refuse(why, -EBADMSG, what, "the file is empty");
	if (length > max)
		return ERR_PTR(cx_refuse(why, -EFBIG,
					 "%s: file larger than any %s", what,
					 what));
	buf = vmalloc(length);
	if (!buf)
		return refuse(why, -ENOMEM, what, "out of memory");
	if (read_whole(file, buf, length)) {
		vfree(buf);
		return refuse(why, -EIO, what, "the file cannot be read");
	}
	*size = length;
	return buf;
}

/**
 * cx_read_path - read a whole file
 * @path: in the caller's mount namespace
 * @what: the word for it in a refusal
 * @max: bytes that it may have at most
 * @size: set to its size in bytes
 * @why: set on failure
 *
 * Context: may sleep.
 * Return: its content, for vfree(); -%EINVAL if it is no regular file, -%EBADMSG
 * if it is empty, -%EFBIG, -%EIO, -%ENOMEM, or what opening it returned.
 */
void *cx_read_path(const char *path, const char *what, size_t max, size_t *size,
		   struct cx_why *why)
{
	struct file *file;
	void *buf;

	/* Without waiting: a pipe would have to be opened at its other end. */
	file = filp_open(path, O_RDONLY | O_LARGEFILE | O_NONBLOCK, 0);
	if (IS_ERR(file))
		return refuse(why, PTR_ERR(file), what,
			      "the file cannot be opened");
	buf = read_file(file, what, max, size, why);
	fput(file);
	return buf;
}

/**
 * cx_read_fd - read a whole file that the caller has open
 * @fd: descriptor of the caller, open for reading
 * @what: the word for it in a refusal
 * @max: bytes that it may have at most
 * @size: set to its size in bytes
 * @why: set on failure
 *
 * Context: may sleep.
 * Return: as cx_read_path(), or -%EBADF.
 */
void *cx_read_fd(int fd, const char *what, size_t max, size_t *size,
		 struct cx_why *why)
{
	struct file *file = fget(fd);
	void *buf;

	if (!file)
		return refuse(why, -EBADF, what, "no such descriptor");
	buf = read_file(file, what, max, size, why);
	fput(file);
	return buf;
}
