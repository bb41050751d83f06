// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Nothing in a spool is believed, and what is removed from it is no more than one
 * level deep and never followed: its owner may put anything there.
 */
#include "lib/remote_spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER "spool"

static int fail(const struct cx_store *store, const char *name,
		struct cx_error *err)
{
	return cx_fail(err, -errno, "%s/" FOLDER "/%s: %s", store->path, name,
		       strerror(errno));
}

static int open_folder(int dir, const char *name)
{
	return openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC |
		      O_NOFOLLOW);
}

static int open_all(const struct cx_store *store, struct cx_error *err)
{
	int fd;

	if (mkdirat(store->fd, FOLDER, 0700) && errno != EEXIST)
		return fail(store, "", err);
	fd = open_folder(store->fd, FOLDER);
	return fd < 0 ? fail(store, "", err) : fd;
}

static int take(const struct cx_store *store, int fd, const char *remote,
		struct cx_error *err)
{
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return 0;
	if (errno != EWOULDBLOCK)
		return fail(store, remote, err);
	return cx_fail(err, -EAGAIN,
		       "another cryptexctl fetches from %s: wait until it is done",
		       remote);
}

int cx_spool_open(const struct cx_store *store, const char *remote, uid_t uid,
		  gid_t gid, struct cx_error *err)
{
	int fd, rc = 0, all = open_all(store, err);

	if (all < 0)
		return all;
	if (mkdirat(all, remote, 0700) && errno != EEXIST)
		rc = fail(store, remote, err);
	fd = rc ? -1 : open_folder(all, remote);
	if (!rc && (fd < 0 || fchmod(fd, 0700) || fchown(fd, uid, gid)))
		rc = fail(store, remote, err);
	if (!rc)
		rc = take(store, fd, remote, err);
	close(all);
	if (rc && fd >= 0)
		close(fd);
	return rc ? rc : fd;
}

/* What stays shows when the folder is to go. */
static void empty(int dir, const char *name)
{
	int fd = open_folder(dir, name);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!list) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while (cx_next_entry(list, name, &entry, NULL) == 1)
		if (unlinkat(fd, entry->d_name, 0))
			unlinkat(fd, entry->d_name, AT_REMOVEDIR);
	closedir(list);
}

void cx_spool_drop_parts(int spool)
{
	empty(spool, "parts");
}

int cx_spool_remove(const struct cx_store *store, const char *remote,
		    struct cx_error *err)
{
	int fd, rc, all = open_folder(store->fd, FOLDER);

	if (all < 0)
		return errno == ENOENT ? 0 : fail(store, "", err);
	fd = open_folder(all, remote);
	rc = fd < 0 ? (errno == ENOENT ? 0 : fail(store, remote, err)) :
		      take(store, fd, remote, err);
	if (fd >= 0 && !rc) {
		empty(fd, "parts");
		empty(fd, "metadata");
		empty(all, remote);
		if (unlinkat(all, remote, AT_REMOVEDIR))
			rc = fail(store, remote, err);
	}
	if (fd >= 0)
		close(fd);
	close(all);
	return rc;
}
