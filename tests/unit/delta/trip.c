// SPDX-License-Identifier: LGPL-2.1-or-later
#include "trip.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "delta/make.h"
#include "lib/delta.h"

static void give_up(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

struct bytes bytes_new(size_t size)
{
	struct bytes b = { calloc(1, size + 1), size };

	if (!b.data)
		give_up("memory");
	return b;
}

struct bytes bytes_copy(const void *data, size_t size)
{
	struct bytes b = bytes_new(size);

	if (size)
		memcpy(b.data, data, size);
	return b;
}

static struct bytes read_all(int fd, const char *name)
{
	struct bytes b;
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		give_up(name);
	b = bytes_new(st.st_size);
	if (pread(fd, b.data, b.size, 0) != (ssize_t)b.size)
		give_up(name);
	return b;
}

struct bytes bytes_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct bytes b = read_all(fd, path);

	close(fd);
	return b;
}

void bytes_free(struct bytes *b)
{
	free(b->data);
	*b = (struct bytes){ 0 };
}

bool bytes_same(const struct bytes *a, const struct bytes *b)
{
	return a->size == b->size && !memcmp(a->data, b->data, a->size);
}

int trip_file(const void *data, size_t size)
{
	int fd = memfd_create("delta", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		give_up("memfd");
	return fd;
}

int trip_make(const struct bytes *old, const struct bytes *new,
	      struct bytes *patch, struct cx_error *err)
{
	int old_fd = trip_file(old->data, old->size);
	int new_fd = trip_file(new->data, new->size);
	void *data = NULL;
	size_t size = 0;
	int ret;

	ret = cx_delta_make(old_fd, new_fd, &data, &size, err);
	if (!ret)
		*patch = (struct bytes){ data, size };
	close(old_fd);
	close(new_fd);
	return ret;
}

int trip_apply(const struct bytes *patch, const struct bytes *old,
	       uint64_t limit, struct bytes *new, struct cx_error *err)
{
	int old_fd = trip_file(old->data, old->size);
	int new_fd = trip_file("", 0);
	int ret;

	ret = cx_delta_apply(patch->data, patch->size, old_fd, new_fd, limit, err);
	*new = read_all(new_fd, "the new file");
	close(old_fd);
	close(new_fd);
	return ret;
}

int trip_round(const struct bytes *old, const struct bytes *new, size_t *size,
	       struct cx_error *err)
{
	struct bytes patch, made;
	int ret;

	ret = trip_make(old, new, &patch, err);
	if (ret)
		return cx_prefix(err, ret, "not made");
	ret = trip_apply(&patch, old, new->size, &made, err);
	if (ret)
		cx_prefix(err, ret, "not applied");
	else if (!bytes_same(&made, new))
		ret = cx_fail(err, -EBADMSG, "the new file is another one");
	if (size)
		*size = patch.size;
	bytes_free(&made);
	bytes_free(&patch);
	return ret;
}
