// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/tuf/transport.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/tuf/names.h"

#define CHUNK (128 << 10)

static int dirfd_of(void *ctx)
{
	return (int)(intptr_t)ctx;
}

/* glibc has no openat2() before 2.42. */
static int open_beneath(int dirfd, const char *path)
{
	const struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};

	return syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
}

static int open_named(int dirfd, const char *name, struct cx_error *err)
{
	char *path = cx_tuf_decode(name);
	int fd;

	if (!path)
		return cx_fail(err, -EINVAL,
			       "%s: is not a name in percent-encoding", name);
	fd = open_beneath(dirfd, path);
	free(path);
	if (fd >= 0)
		return fd;
	if (errno == ENOENT || errno == ENOTDIR)
		return cx_fail(err, -ENOENT,
			       "%s: the repository has no such file", name);
	if (errno == EXDEV)
		return cx_fail(err, -EBADMSG,
			       "%s: leads out of the repository's folder",
			       name);
	return cx_fail(err, -errno, "%s: cannot be opened: %s", name,
		       strerror(errno));
}

static int open_limited(int dirfd, const char *name, uint64_t limit,
			uint64_t *size, struct cx_error *err)
{
	int fd = open_named(dirfd, name, err);
	struct stat st;
	int ret = 0;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		ret = cx_fail(err, -EBADMSG, "%s: is not a regular file", name);
	else if ((uint64_t)st.st_size > limit)
		ret = cx_fail(err, -EFBIG,
			      "%s: is larger than the %llu bytes that are allowed",
			      name, (unsigned long long)limit);
	if (ret) {
		close(fd);
		return ret;
	}
	*size = st.st_size;
	return fd;
}

static int fetch(void *ctx, const char *name, size_t max, struct cx_buf *buf,
		 struct cx_error *err)
{
	uint64_t size;
	ssize_t n = 1;
	int fd;

	*buf = (struct cx_buf){ 0 };
	fd = open_limited(dirfd_of(ctx), name, max, &size, err);
	if (fd < 0)
		return fd;
	buf->data = malloc(size + 1);
	while (buf->data && n && buf->size < size) {
		n = read(fd, (char *)buf->data + buf->size, size - buf->size);
		if (n < 0 && errno != EINTR)
			break;
		buf->size += n > 0 ? n : 0;
	}
	close(fd);
	if (buf->data && n >= 0) {
		((char *)buf->data)[buf->size] = '\0';
		return 0;
	}
	n = buf->data ? -errno : -ENOMEM;
	cx_buf_free(buf);
	return cx_fail(err, n, "%s: cannot be read: %s", name, strerror(-n));
}

/* Return: bytes, 0 at the end, or a negative errno. */
static ssize_t copy_chunk(int from, int to, uint64_t at, char *chunk,
			  const char *name, struct cx_error *err)
{
	ssize_t n = pread(from, chunk, CHUNK, at), done = 0, once;

	while (n > 0 && done < n) {
		once = pwrite(to, chunk + done, n - done, at + done);
		if (once < 0 && errno == EINTR)
			continue;
		if (once < 0)
			return cx_fail(err, -errno, "%s: cannot be written: %s",
				       name, strerror(errno));
		done += once;
	}
	if (n < 0 && errno != EINTR)
		return cx_fail(err, -errno, "%s: cannot be read: %s", name,
			       strerror(errno));
	return n < 0 ? copy_chunk(from, to, at, chunk, name, err) : n;
}

/* Where to go on: behind what is there, unless that is more than the whole. */
static int find_start(int to, uint64_t size, uint64_t *at,
		      const char *name, struct cx_error *err)
{
	struct stat st;

	if (fstat(to, &st) < 0 ||
	    ((uint64_t)st.st_size > size && ftruncate(to, 0) < 0))
		return cx_fail(err, -errno, "%s: cannot be written: %s", name,
			       strerror(errno));
	*at = (uint64_t)st.st_size > size ? 0 : st.st_size;
	return 0;
}

static int copy(struct cx_fetch_job *job, int from, uint64_t size,
		uint64_t before, cx_fetch_watch watch, void *watch_arg)
{
	char *chunk = malloc(CHUNK);
	uint64_t at = 0;
	ssize_t n;
	int ret;

	if (!chunk)
		return cx_fail(&job->err, -ENOMEM, "out of memory");
	ret = find_start(job->fd, size, &at, job->name, &job->err);
	while (!ret && at < size) {
		n = copy_chunk(from, job->fd, at, chunk, job->name, &job->err);
		if (n <= 0) {
			ret = n;
			break;
		}
		at += n;
		job->fetched += n;
		ret = watch ? watch(watch_arg, before + job->fetched) : 0;
		if (ret)
			cx_fail(&job->err, ret,
				"%s: was not fetched, the download was stopped",
				job->name);
	}
	free(chunk);
	return ret;
}

static int fetch_files(void *ctx, struct cx_fetch_job *jobs, size_t count,
		       cx_fetch_watch watch, void *watch_arg,
		       struct cx_error *err)
{
	uint64_t size, sum = 0;
	int fd, ret = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		struct cx_fetch_job *job = &jobs[i];

		job->fetched = 0;
		fd = open_limited(dirfd_of(ctx), job->name, job->limit, &size,
				  &job->err);
		job->ret = fd < 0 ? fd : copy(job, fd, size, sum, watch,
					      watch_arg);
		if (fd >= 0)
			close(fd);
		sum += job->fetched;
		if (job->ret && !ret && err)
			*err = job->err;
		ret = ret ? ret : job->ret;
	}
	return ret;
}

void cx_tuf_dir_transport(int dirfd, struct cx_tuf_transport *transport)
{
	*transport = (struct cx_tuf_transport){
		fetch, fetch_files, (void *)(intptr_t)dirfd,
	};
}
