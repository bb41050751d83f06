// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

void cx_buf_free(struct cx_buf *buf)
{
	free(buf->data);
	buf->data = NULL;
	buf->size = 0;
}

static int fail_open(const char *path, struct cx_error *err)
{
	int e = errno;

	switch (e) {
	case ENOENT:
		return cx_fail(err, -e, "%s: there is no such file", path);
	case EACCES:
	case EPERM:
		return cx_fail(err, -e, "%s: you may not read it", path);
	case ENXIO:
		return cx_fail(err, -EINVAL, "%s: is not a regular file", path);
	case ELOOP:
		return cx_fail(err, -e, "%s: symbolic links go in a circle",
			       path);
	default:
		return cx_fail(err, -e, "%s: cannot be opened: %s", path,
			       strerror(e));
	}
}

static int check_regular(const char *path, const struct stat *st,
			 struct cx_error *err)
{
	if (S_ISDIR(st->st_mode))
		return cx_fail(err, -EISDIR, "%s: is a folder, not a file",
			       path);
	if (!S_ISREG(st->st_mode))
		return cx_fail(err, -EINVAL, "%s: is not a regular file", path);
	return 0;
}

int cx_open_read(const char *path, struct stat *st, struct cx_error *err)
{
	struct stat own;
	int fd, ret;

	/* O_NONBLOCK: a FIFO without a writer must not hang us. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return fail_open(path, err);
	if (!st)
		st = &own;
	if (fstat(fd, st) < 0)
		ret = cx_fail(err, -errno, "%s: has no status: %s", path,
			      strerror(errno));
	else
		ret = check_regular(path, st, err);
	if (ret < 0) {
		close(fd);
		return ret;
	}
	return fd;
}

/* Return: how many of the first @size bytes there are, or a negative errno. */
static ssize_t read_start(int fd, char *data, size_t size)
{
	size_t got = 0;

	while (got < size) {
		ssize_t n = pread(fd, data + got, size - got, got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		got += n;
	}
	return got;
}

int cx_read_fd(int fd, size_t size, const char *name, struct cx_buf *buf,
	       struct cx_error *err)
{
	ssize_t n;

	*buf = (struct cx_buf){ calloc(1, size + 1), size };
	if (!buf->data)
		return cx_fail(err, -ENOMEM, "%s: out of memory", name);
	n = read_start(fd, buf->data, size);
	if (n == (ssize_t)size)
		return 0;
	cx_buf_free(buf);
	return n < 0 ? cx_fail(err, n, "%s: cannot be read: %s", name,
			       strerror(-n)) :
	       cx_fail(err, -EBADMSG, "%s: is shorter than it has to be", name);
}

static int read_limited(int fd, const char *path, const struct stat *st,
			size_t limit, struct cx_buf *buf, struct cx_error *err)
{
	int ret;

	if (!st->st_size)
		return cx_fail(err, -ENODATA, "%s: is empty", path);
	if ((uint64_t)st->st_size > limit)
		return cx_fail(err, -EFBIG,
			       "%s: is too large: %lld bytes, at most %zu are allowed",
			       path, (long long)st->st_size, limit);
	ret = cx_read_fd(fd, st->st_size, path, buf, err);
	return ret != -EBADMSG ? ret :
	       cx_fail(err, -EIO, "%s: became shorter while it was read", path);
}

int cx_read_file(const char *path, size_t limit, struct cx_buf *buf,
		 struct cx_error *err)
{
	struct stat st;
	int fd, ret;

	*buf = (struct cx_buf){ 0 };
	fd = cx_open_read(path, &st, err);
	if (fd < 0)
		return fd;
	ret = read_limited(fd, path, &st, limit, buf, err);
	close(fd);
	return ret;
}

int cx_write_all(int fd, const void *data, size_t size, const char *name,
		 struct cx_error *err)
{
	const char *next = data;

	while (size) {
		ssize_t n = write(fd, next, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return cx_fail(err, -errno, "%s: cannot be written: %s",
				       name, strerror(errno));
		next += n;
		size -= n;
	}
	return 0;
}

/* To be freed; NULL when out of memory. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return strdup(".");
	return strndup(path, slash == path ? 1 : slash - path);
}

static int open_dir(const char *dir, struct cx_error *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	if (errno == ENOENT)
		return cx_fail(err, -errno, "%s: there is no such folder", dir);
	return cx_fail(err, -errno, "%s: the folder cannot be opened: %s", dir,
		       strerror(errno));
}

/* Split the path; on failure cx_output_abort() cleans up. */
static int open_dirs(struct cx_output *out, const char *path,
		     const char *tmp_dir, struct cx_error *err)
{
	const char *slash = strrchr(path, '/');
	char *dir = folder_of(path);

	out->path = strdup(path);
	out->name = strdup(slash ? slash + 1 : path);
	if (!out->path || !out->name || !dir) {
		free(dir);
		return cx_fail(err, -ENOMEM, "%s: out of memory", path);
	}
	out->dirfd = open_dir(dir, err);
	out->tmp_dirfd = out->dirfd < 0 ? -1 :
			 open_dir(tmp_dir ? tmp_dir : dir, err);
	free(dir);
	if (out->dirfd < 0)
		return out->dirfd;
	return out->tmp_dirfd < 0 ? out->tmp_dirfd : 0;
}

static int check_target(const struct cx_output *out, struct cx_error *err)
{
	struct stat st;

	if (!*out->name)
		return cx_fail(err, -EISDIR, "%s: is a folder, not a file",
			       out->path);
	if (fstatat(out->dirfd, out->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (S_ISREG(st.st_mode) || S_ISLNK(st.st_mode))
		return 0;
	return check_regular(out->path, &st, err);
}

static int create_temp(struct cx_output *out, mode_t mode,
		       struct cx_error *err)
{
	uint64_t random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random) ||
	    asprintf(&out->temp, ".cryptex-%016llx.tmp",
		     (unsigned long long)random) < 0) {
		out->temp = NULL;
		return cx_fail(err, -ENOMEM, "%s: out of memory", out->path);
	}
	out->fd = openat(out->tmp_dirfd, out->temp,
			 O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out->fd < 0 || fchmod(out->fd, mode) < 0)
		return cx_fail(err, -errno, "%s: cannot be created: %s",
			       out->path, strerror(errno));
	return 0;
}

int cx_output_open(struct cx_output *out, const char *path,
		   const char *tmp_dir, mode_t mode, struct cx_error *err)
{
	int ret;

	*out = (struct cx_output){ .fd = -1, .dirfd = -1, .tmp_dirfd = -1 };
	ret = open_dirs(out, path, tmp_dir, err);
	if (!ret)
		ret = check_target(out, err);
	if (!ret)
		ret = create_temp(out, mode, err);
	if (ret < 0)
		cx_output_abort(out);
	return ret;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Give the new content its name; the old one is kept under the temporary name, if
 * there is one and the file system can do that.
 * Return: 1 if it is kept, 0 if not, or a negative errno. */
static int take_name(const struct cx_output *out)
{
	if (!renameat2(out->tmp_dirfd, out->temp, out->dirfd, out->name,
		       RENAME_EXCHANGE))
		return 1;
	if (errno != ENOENT && errno != EINVAL && errno != ENOSYS)
		return -errno;
	return renameat(out->tmp_dirfd, out->temp, out->dirfd, out->name) ?
	       -errno : 0;
}

/* The name shall be as it was before. */
static void give_back(struct cx_output *out, bool kept, bool was_there)
{
	if (kept)
		renameat2(out->tmp_dirfd, out->temp, out->dirfd, out->name,
			  RENAME_EXCHANGE);
	else if (!was_there)
		unlinkat(out->dirfd, out->name, 0);
}

/* @path: what is in the folder @dir */
static int sync_dir(int dir, const char *path, struct cx_error *err)
{
	return !fsync(dir) ? 0 :
	       cx_fail(err, -errno, "%s: its folder cannot be synced: %s",
		       path, strerror(errno));
}

int cx_output_commit(struct cx_output *out, struct cx_error *err)
{
	bool was_there = !faccessat(out->dirfd, out->name, F_OK,
				    AT_SYMLINK_NOFOLLOW);
	int ret, kept = fsync(out->fd) ? -errno : take_name(out);

	if (kept < 0) {
		ret = cx_fail(err, kept, "%s: cannot be written: %s",
			      out->path, strerror(-kept));
	} else {
		ret = sync_dir(out->dirfd, out->path, err);
		if (ret)
			give_back(out, kept, was_there);
	}
	if (!kept) {
		free(out->temp);
		out->temp = NULL;
	}
	/* What is left under the temporary name goes. */
	cx_output_abort(out);
	return ret;
}

void cx_output_abort(struct cx_output *out)
{
	/* Without a descriptor the temporary file was never ours. */
	if (out->temp && out->fd >= 0)
		unlinkat(out->tmp_dirfd, out->temp, 0);
	close_fd(&out->fd);
	close_fd(&out->dirfd);
	close_fd(&out->tmp_dirfd);
	free(out->path);
	free(out->name);
	free(out->temp);
	out->path = out->name = out->temp = NULL;
}

int cx_write_file(const char *path, const char *tmp_dir, const void *data,
		  size_t size, mode_t mode, struct cx_error *err)
{
	struct cx_output out;
	int ret = cx_output_open(&out, path, tmp_dir, mode, err);

	if (ret < 0)
		return ret;
	ret = cx_write_all(out.fd, data, size, path, err);
	if (ret < 0) {
		cx_output_abort(&out);
		return ret;
	}
	return cx_output_commit(&out, err);
}

int cx_sync_name(const char *path, struct cx_error *err)
{
	char *dir = folder_of(path);
	int fd, ret;

	if (!dir)
		return cx_fail(err, -ENOMEM, "%s: out of memory", path);
	fd = open_dir(dir, err);
	free(dir);
	if (fd < 0)
		return fd;
	ret = sync_dir(fd, path, err);
	close(fd);
	return ret;
}

int cx_next_entry(DIR *dir, const char *path, struct dirent **entry,
		  struct cx_error *err)
{
	do {
		errno = 0;
		*entry = readdir(dir);
		if (!*entry && errno)
			return cx_fail(err, -errno, "%s: cannot be read: %s",
				       path, strerror(errno));
		if (!*entry)
			return 0;
	} while (!strcmp((*entry)->d_name, ".") ||
		 !strcmp((*entry)->d_name, ".."));
	return 1;
}

char *cx_hex(const void *data, size_t size, char *hex)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *byte = data;
	size_t i;

	for (i = 0; i < size; i++) {
		hex[2 * i] = digits[byte[i] >> 4];
		hex[2 * i + 1] = digits[byte[i] & 15];
	}
	hex[2 * size] = '\0';
	return hex;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool cx_unhex(const char *hex, void *data, size_t size)
{
	uint8_t *byte = data;
	size_t i;

	if (strnlen(hex, 2 * size + 1) != 2 * size)
		return false;
	for (i = 0; i < size; i++) {
		int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		byte[i] = high << 4 | low;
	}
	return true;
}
