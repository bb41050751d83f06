// SPDX-License-Identifier: LGPL-2.1-or-later
/* The store's folders and its lock. */
#include "lib/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"

#define LOCK_STEP_MS	100
#define LOCK_NOTICE_MS	1000
#define LOCK_GIVE_UP_MS	30000

static const char *const folders[] = {
	"objects", "seals", "revocations", "trusted", "tmp",
};

static int make_folder(int dir, const char *name, const char *shown,
		       struct cx_error *err)
{
	struct stat st;

	if (!mkdirat(dir, name, 0700))
		return 0;
	if (errno == EEXIST && !fstatat(dir, name, &st, 0) &&
	    S_ISDIR(st.st_mode))
		return 0;
	if (errno == EACCES || errno == EPERM)
		return cx_fail(err, -EPERM,
			       "cannot make the folder %s: needs root (CAP_SYS_ADMIN)", shown);
	return cx_fail(err, -errno, "cannot make the folder %s: %s", shown,
		       strerror(errno == EEXIST ? ENOTDIR : errno));
}

int cx_store_create(const char *path, struct cx_error *err)
{
	char shown[PATH_MAX];
	int dir, rc = make_folder(AT_FDCWD, path, path, err);
	size_t i;

	if (rc)
		return rc;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return cx_fail(err, errno == EACCES ? -EPERM : -errno, "%s: %s",
			       path, errno == EACCES ? "needs root (CAP_SYS_ADMIN)" :
						       strerror(errno));
	if (fchmod(dir, 0700))
		rc = cx_fail(err, -errno, "%s: cannot be made private: %s",
			     path, strerror(errno));
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]) && !rc; i++) {
		snprintf(shown, sizeof(shown), "%s/%s", path, folders[i]);
		rc = make_folder(dir, folders[i], shown, err);
	}
	if (!rc && fsync(dir))
		rc = cx_fail(err, -errno, "%s: cannot be synced: %s", path,
			     strerror(errno));
	close(dir);
	return rc;
}

void cx_store_uncreate(const char *path)
{
	char part[PATH_MAX];
	size_t i;

	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(part, sizeof(part), "%s/%s", path, folders[i]);
		rmdir(part);
	}
	snprintf(part, sizeof(part), "%s/lock", path);
	unlink(part);
	rmdir(path);
}

/* Whoever can write here can put files under the feet of root. */
static int check_owner(const struct cx_store *store, struct cx_error *err)
{
	struct stat st;

	if (fstat(store->fd, &st))
		return cx_fail(err, -errno, "%s: %s", store->path,
			       strerror(errno));
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return cx_fail(err, -EACCES,
			       "the store %s belongs to user %u: give it to root",
			       store->path, st.st_uid);
	if (st.st_mode & 022)
		return cx_fail(err, -EACCES,
			       "others can change the store %s: chmod 700 %s",
			       store->path, store->path);
	if (faccessat(store->fd, "seals", F_OK, 0))
		return cx_fail(err, -ENOENT,
			       "%s is not a store: make it one with `cryptexctl init`",
			       store->path);
	return 0;
}

static int fail_open(const char *path, struct cx_error *err)
{
	if (errno == ENOENT)
		return cx_fail(err, -ENOENT,
			       "there is no store at %s: make it with `cryptexctl init`",
			       path);
	if (errno == EACCES || errno == EPERM)
		return cx_fail(err, -EPERM,
			       "the store %s may not be read: needs root (CAP_SYS_ADMIN)", path);
	if (errno == ENOTDIR)
		return cx_fail(err, -ENOTDIR,
			       "the store %s is not a folder: name one with --store",
			       path);
	return cx_fail(err, -errno, "the store %s cannot be opened: %s", path,
		       strerror(errno));
}

int cx_store_open(struct cx_store *store, const char *path,
		  struct cx_error *err)
{
	int rc;

	*store = (struct cx_store){ .fd = -1 };
	store->path = realpath(path, NULL);
	if (!store->path)
		return fail_open(path, err);
	store->fd = open(store->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->fd < 0)
		rc = fail_open(path, err);
	else if (asprintf(&store->tmp, "%s/tmp", store->path) < 0)
		rc = cx_fail(err, -ENOMEM, "out of memory");
	else
		rc = check_owner(store, err);
	if (rc)
		cx_store_close(store);
	return rc;
}

void cx_store_close(struct cx_store *store)
{
	if (store->fd >= 0)
		close(store->fd);
	free(store->path);
	free(store->tmp);
	*store = (struct cx_store){ .fd = -1 };
}

/* Return: 0 once @fd is locked, -EAGAIN when the time is over. */
static int wait_for_lock(int fd, void (*say)(const char *text))
{
	const struct timespec step = { .tv_nsec = LOCK_STEP_MS * 1000000L };
	int64_t start = cx_now_ms();

	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (cx_now_ms() - start >= LOCK_GIVE_UP_MS)
			return -EAGAIN;
		if (cx_now_ms() - start >= LOCK_NOTICE_MS && say) {
			say("another cryptexctl is at work: waiting for it");
			say = NULL;
		}
		nanosleep(&step, NULL);
	}
	return 0;
}

int cx_store_lock(const struct cx_store *store, void (*say)(const char *text),
		  struct cx_error *err)
{
	int rc, fd = openat(store->fd, "lock",
			    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return cx_fail(err, -errno, "%s/lock cannot be opened: %s",
			       store->path, strerror(errno));
	rc = wait_for_lock(fd, say);
	if (!rc)
		return fd;
	close(fd);
	if (rc == -EAGAIN)
		return cx_fail(err, rc,
			       "another cryptexctl has held %s/lock for %d seconds: try again later",
			       store->path, LOCK_GIVE_UP_MS / 1000);
	return cx_fail(err, rc, "%s/lock cannot be locked: %s", store->path,
		       strerror(-rc));
}

int cx_store_empty_tmp(const struct cx_store *store, struct cx_error *err)
{
	DIR *dir = opendir(store->tmp);
	struct dirent *entry;
	int rc;

	if (!dir)
		return cx_fail(err, -errno, "%s: %s", store->tmp,
			       strerror(errno));
	while ((rc = cx_next_entry(dir, store->tmp, &entry, err)) == 1)
		if (unlinkat(dirfd(dir), entry->d_name, 0)) {
			rc = cx_fail(err, -errno, "%s/%s cannot be removed: %s",
				     store->tmp, entry->d_name,
				     strerror(errno));
			break;
		}
	closedir(dir);
	return rc;
}
