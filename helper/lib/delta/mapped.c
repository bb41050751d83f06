// SPDX-License-Identifier: LGPL-2.1-or-later
/* Whole files in memory. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/delta/mapped.h"

static int size_of(int fd, uint64_t *size, const char *name, struct cx_error *err)
{
	struct stat st;

	if (fstat(fd, &st))
		return cx_fail(err, -errno, "%s: %s", name, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return cx_fail(err, -EINVAL, "%s is not a regular file", name);
	*size = (uint64_t)st.st_size;
	return 0;
}

static int map(struct cx_mapped *m, int fd, int prot, int flags, const char *name,
	       struct cx_error *err)
{
	static uint8_t nothing;

	m->data = &nothing;
	if (!m->size)
		return 0;
	m->data = mmap(NULL, m->size, prot, flags, fd, 0);
	if (m->data == MAP_FAILED) {
		m->data = NULL;
		return cx_fail(err, -errno, "%s can't be mapped: %s", name, strerror(errno));
	}
	return 0;
}

int cx_mapped_read(struct cx_mapped *m, int fd, const char *name, struct cx_error *err)
{
	int ret;

	memset(m, 0, sizeof(*m));
	ret = size_of(fd, &m->size, name, err);
	return ret ? ret : map(m, fd, PROT_READ | PROT_WRITE, MAP_PRIVATE, name, err);
}

static int give_room(int fd, uint64_t size, const char *name, struct cx_error *err)
{
	/* A page that found no room when it is written would be a SIGBUS. */
	int ret = posix_fallocate(fd, 0, (off_t)size);

	return ret ? cx_fail(err, -ret, "%s can't become %llu bytes: %s", name,
			     (unsigned long long)size, strerror(ret)) : 0;
}

int cx_mapped_write(struct cx_mapped *m, int fd, uint64_t size, const char *name,
		    struct cx_error *err)
{
	int ret;

	memset(m, 0, sizeof(*m));
	ret = size_of(fd, &m->size, name, err);
	if (ret)
		return ret;
	if (m->size)
		return cx_fail(err, -ENOTEMPTY, "%s is not empty", name);
	m->size = size;
	m->apart = size <= CX_MAPPED_APART;
	/* Each page will be written: all at once takes less time than fault by fault. */
	if (m->apart)
		return map(m, -1, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, name, err);
	ret = give_room(fd, size, name, err);
	return ret ? ret : map(m, fd, PROT_READ | PROT_WRITE, MAP_SHARED, name, err);
}

int cx_mapped_save(const struct cx_mapped *m, int fd, const char *name, struct cx_error *err)
{
	uint64_t done = 0;

	/* Where the descriptor stands is its owner's, so not cx_write_all(). */
	while (m->apart && done < m->size) {
		ssize_t got = pwrite(fd, m->data + done, m->size - done, (off_t)done);

		if (got < 0 && errno != EINTR)
			return cx_fail(err, -errno, "%s can't be written: %s", name,
				       strerror(errno));
		done += got > 0 ? (uint64_t)got : 0;
	}
	return 0;
}

void cx_mapped_free(struct cx_mapped *m)
{
	if (m->data && m->size)
		munmap(m->data, m->size);
	memset(m, 0, sizeof(*m));
}
