// SPDX-License-Identifier: LGPL-2.1-or-later
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/file.h"

#define NAME	"temporary file"

/* Without a name nothing is left of it, however we end. */
static int open_unnamed(struct cx_error *err)
{
	const char *dir = getenv("TMPDIR");
	char path[PATH_MAX];
	int fd;

	if (!dir || !*dir)
		dir = "/tmp";
	snprintf(path, sizeof(path), "%s/cryptex.XXXXXX", dir);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return cx_fail(err, -errno,
			       "%s: no temporary file can be made there: %s; set TMPDIR to a folder with room",
			       dir, strerror(errno));
	unlink(path);
	return fd;
}

int spool_open(struct spool *spool, struct cx_error *err)
{
	spool->end = 0;
	spool->fd = open_unnamed(err);
	return spool->fd < 0 ? spool->fd : 0;
}

void spool_close(struct spool *spool)
{
	if (spool->fd >= 0)
		close(spool->fd);
	spool->fd = -1;
}

int spool_begin(struct spool *spool, struct blob *blob, struct cx_error *err)
{
	const uint64_t page = sysconf(_SC_PAGESIZE);

	spool->end = (spool->end + page - 1) / page * page;
	if (lseek(spool->fd, spool->end, SEEK_SET) < 0)
		return cx_fail(err, -errno, NAME ": %s", strerror(errno));
	blob->offset = spool->end;
	blob->size = 0;
	return 0;
}

int spool_append(struct spool *spool, const void *data, size_t size,
		 struct cx_error *err)
{
	return cx_write_all(spool->fd, data, size, NAME, err);
}

void spool_finish(struct spool *spool, struct blob *blob)
{
	spool->end = lseek(spool->fd, 0, SEEK_CUR);
	blob->size = spool->end - blob->offset;
}

int spool_copy(struct spool *spool, int fd, const char *name, struct blob *blob,
	       struct cx_error *err)
{
	char chunk[64 * 1024];
	ssize_t n;
	int ret = spool_begin(spool, blob, err);

	while (!ret) {
		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return cx_fail(err, -errno, "%s: cannot be read: %s",
				       name, strerror(errno));
		if (!n)
			break;
		ret = spool_append(spool, chunk, n, err);
	}
	if (!ret)
		spool_finish(spool, blob);
	return ret;
}

int spool_file(const struct spool *spool, const struct blob *blob,
	       struct cx_error *err)
{
	void *data = blob->size ? spool_map(spool, blob) : NULL;
	int ret, fd;

	if (blob->size && !data)
		return cx_fail(err, -errno, NAME ": cannot be mapped: %s",
			       strerror(errno));
	fd = open_unnamed(err);
	ret = fd < 0 ? fd : cx_write_all(fd, data, blob->size, NAME, err);
	spool_unmap(data, blob);
	if (ret && fd >= 0)
		close(fd);
	return ret ? ret : fd;
}

void *spool_map(const struct spool *spool, const struct blob *blob)
{
	void *data = mmap(NULL, blob->size, PROT_READ, MAP_PRIVATE, spool->fd,
			  blob->offset);

	return data == MAP_FAILED ? NULL : data;
}

void spool_unmap(void *data, const struct blob *blob)
{
	if (data)
		munmap(data, blob->size);
}
