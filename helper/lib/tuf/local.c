// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/tuf/local.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* One process at a time writes, so what a crash leaves is used again. */
#define TEMP ".new"

int cx_tuf_local_open(int dirfd, struct cx_error *err)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret;

	if (fd >= 0 && !flock(fd, LOCK_EX | LOCK_NB))
		return fd;
	ret = -errno;
	if (fd >= 0)
		close(fd);
	if (ret == -EWOULDBLOCK)
		return cx_fail(err, -EBUSY,
			       "the folder of metadata is in use by another update: wait for its end");
	return cx_fail(err, ret, "the folder of metadata cannot be used: %s",
		       strerror(-ret));
}

static int read_fd(int fd, const char *name, size_t max, struct cx_buf *buf,
		   struct cx_error *err)
{
	ssize_t n = 0;

	buf->data = malloc(max + 2);
	if (!buf->data)
		return cx_fail(err, -ENOMEM, "out of memory");
	do {
		n = read(fd, (char *)buf->data + buf->size,
			 max + 1 - buf->size);
		if (n > 0)
			buf->size += n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		return cx_fail(err, -errno, "%s cannot be read: %s", name,
			       strerror(errno));
	if (buf->size > max)
		return cx_fail(err, -EFBIG,
			       "%s is larger than the %zu bytes that are allowed",
			       name, max);
	((char *)buf->data)[buf->size] = '\0';
	return 0;
}

int cx_tuf_local_read(int dirfd, const char *name, size_t max,
		      struct cx_buf *buf, struct cx_error *err)
{
	int fd = openat(dirfd, name,
			O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int ret;

	*buf = (struct cx_buf){ 0 };
	if (fd < 0)
		return cx_fail(err, -errno, "%s cannot be opened: %s", name,
			       strerror(errno));
	ret = read_fd(fd, name, max, buf, err);
	close(fd);
	if (ret)
		cx_buf_free(buf);
	return ret;
}

static int write_temp(int dirfd, const char *name, const struct cx_buf *buf,
		      struct cx_error *err)
{
	int fd, ret;

	fd = openat(dirfd, TEMP,
		    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		    0644);
	if (fd < 0)
		return cx_fail(err, -errno, "%s cannot be created: %s", name,
			       strerror(errno));
	ret = cx_write_all(fd, buf->data, buf->size, name, err);
	if (!ret && fsync(fd) < 0)
		ret = cx_fail(err, -errno, "%s cannot be written: %s", name,
			      strerror(errno));
	close(fd);
	return ret;
}

static int drop_files(int dirfd, const char *const *drop, struct cx_error *err)
{
	for (; drop && *drop; drop++)
		if (unlinkat(dirfd, *drop, 0) < 0 && errno != ENOENT)
			return cx_fail(err, -errno, "%s cannot be removed: %s",
				       *drop, strerror(errno));
	return 0;
}

int cx_tuf_local_write(int dirfd, const char *name, const struct cx_buf *buf,
		       const char *const *drop, struct cx_error *err)
{
	int ret = write_temp(dirfd, name, buf, err);

	if (!ret)
		ret = drop_files(dirfd, drop, err);
	if (!ret && renameat(dirfd, TEMP, dirfd, name) < 0)
		ret = cx_fail(err, -errno, "%s cannot be written: %s", name,
			      strerror(errno));
	if (ret) {
		unlinkat(dirfd, TEMP, 0);
		return ret;
	}
	if (fsync(dirfd) < 0)
		return cx_fail(err, -errno, "%s cannot be made durable: %s",
			       name, strerror(errno));
	return 0;
}
