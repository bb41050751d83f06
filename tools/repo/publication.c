// SPDX-License-Identifier: LGPL-2.1-or-later
#include "publication.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "layout.h"
#include "lib/file.h"

/* A file under way; @fd is -1 unless it is being written. */
struct item {
	enum stage stage;
	int fd;
	bool placed;
	char temp[64];
	char *path;
};

static int failed(const struct publication *pub, const char *path,
		  const char *what, struct cx_error *err)
{
	return cx_fail(err, -errno, "%s/%s: %s: %s", pub->base, path, what,
		       strerror(errno));
}

static void forget(const struct publication *pub, struct item *item)
{
	if (item->fd >= 0)
		close(item->fd);
	if (!item->placed && *item->temp)
		unlinkat(pub->dirfd, item->temp, 0);
	free(item->path);
}

/* Whoever holds the lock is alone in the folder of temporary files. */
static int create(struct publication *pub, struct item *item,
		  struct cx_error *err)
{
	snprintf(item->temp, sizeof(item->temp), DIR_TEMP "/%zu", pub->count);
	item->fd = openat(pub->dirfd, item->temp,
			  O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (item->fd < 0 || fchmod(item->fd, 0644) < 0)
		return failed(pub, item->temp, "cannot be created", err);
	return 0;
}

int publication_new(struct publication *pub, enum stage stage, const char *path,
		    struct cx_error *err)
{
	struct item item = { .stage = stage, .fd = -1, .path = strdup(path) };
	struct item *list = reallocarray(pub->list, pub->count + 1,
					 sizeof(*list));
	int ret;

	if (list)
		pub->list = list;
	ret = list && item.path ? create(pub, &item, err)
				: cx_fail(err, -ENOMEM, "out of memory");
	if (ret < 0) {
		forget(pub, &item);
		return ret;
	}
	list[pub->count++] = item;
	return item.fd;
}

static const struct item *find(const struct publication *pub, const char *path)
{
	size_t i;

	for (i = 0; i < pub->count; i++)
		if (!strcmp(pub->list[i].path, path))
			return &pub->list[i];
	return NULL;
}

int publication_close(struct publication *pub, struct cx_error *err)
{
	struct item *item = &pub->list[pub->count - 1];
	int ret = 0;

	if (fsync(item->fd) < 0)
		ret = failed(pub, item->path, "cannot be synced", err);
	close(item->fd);
	item->fd = -1;
	return ret;
}

int publication_add(struct publication *pub, enum stage stage, const char *path,
		    const void *data, size_t size, struct cx_error *err)
{
	int ret, fd = publication_new(pub, stage, path, err);

	if (fd < 0)
		return fd;
	ret = cx_write_all(fd, data, size, path, err);
	return ret ? ret : publication_close(pub, err);
}

void publication_drop(struct publication *pub)
{
	forget(pub, &pub->list[--pub->count]);
}

bool publication_has(const struct publication *pub, const char *path)
{
	return find(pub, path);
}

int publication_open(const struct publication *pub, const char *path,
		     struct cx_error *err)
{
	const struct item *item = find(pub, path);
	int fd = openat(pub->dirfd, item ? item->temp : path,
			O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? failed(pub, path, "cannot be opened", err) : fd;
}

static int sync_folder(const struct publication *pub, const char *path,
		       struct cx_error *err)
{
	int fd = openat(pub->dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret = 0;

	if (fd < 0 || fsync(fd) < 0)
		ret = failed(pub, path, "the folder cannot be synced", err);
	if (fd >= 0)
		close(fd);
	return ret;
}

/* Up to the last slash, or "." */
static void folder_of(const char *path, char *folder, size_t size)
{
	const char *slash = strrchr(path, '/');

	snprintf(folder, size, "%.*s", slash ? (int)(slash - path) : 1,
		 slash ? path : ".");
}

/* A new folder lasts only once the one above it is synced. */
static int make_folder(const struct publication *pub, const char *folder,
		       struct cx_error *err)
{
	char above[sizeof(struct place)];
	int ret;

	if (!mkdirat(pub->dirfd, folder, 0755)) {
		/* For whoever serves it, whatever the umask. */
		fchmodat(pub->dirfd, folder, 0755, 0);
		folder_of(folder, above, sizeof(above));
		return sync_folder(pub, above, err);
	}
	if (errno == EEXIST)
		return 0;
	if (errno != ENOENT)
		return failed(pub, folder, "the folder cannot be made", err);
	folder_of(folder, above, sizeof(above));
	ret = make_folder(pub, above, err);
	return ret ? ret : make_folder(pub, folder, err);
}

static int place(const struct publication *pub, struct item *item,
		 struct cx_error *err)
{
	char folder[sizeof(struct place)];
	int ret;

	folder_of(item->path, folder, sizeof(folder));
	ret = make_folder(pub, folder, err);
	if (ret < 0)
		return ret;
	if (renameat(pub->dirfd, item->temp, pub->dirfd, item->path) < 0)
		return failed(pub, item->path, "cannot be put into place", err);
	item->placed = true;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return x->stage != y->stage ? (int)x->stage - (int)y->stage
				    : strcmp(x->path, y->path);
}

/* Sorted by path, the files of one folder are neighbours. */
static int sync_stage(const struct publication *pub, size_t from, size_t to,
		      struct cx_error *err)
{
	char folder[sizeof(struct place)], last[sizeof(struct place)] = "";
	int ret = 0;

	for (; !ret && from < to; from++) {
		folder_of(pub->list[from].path, folder, sizeof(folder));
		if (strcmp(folder, last))
			ret = sync_folder(pub, folder, err);
		strcpy(last, folder);
	}
	return ret;
}

int publication_commit(struct publication *pub, struct cx_error *err)
{
	size_t from, to;
	int ret = 0;

	if (pub->count)
		qsort(pub->list, pub->count, sizeof(*pub->list), compare);
	for (from = 0; !ret && from < pub->count; from = to) {
		for (to = from; !ret && to < pub->count &&
		     pub->list[to].stage == pub->list[from].stage; to++)
			ret = place(pub, &pub->list[to], err);
		if (!ret)
			ret = sync_stage(pub, from, to, err);
	}
	publication_abort(pub);
	return ret;
}

void publication_abort(struct publication *pub)
{
	while (pub->count)
		forget(pub, &pub->list[--pub->count]);
	free(pub->list);
	pub->list = NULL;
}
