// SPDX-License-Identifier: LGPL-2.1-or-later
/* Making a store, on the file system that is there or on one of its own. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "lib/mountfs.h"
#include "lib/ops.h"
#include "lib/run.h"

#define LOOP_MIN (16ULL << 20)	/* bytes; less has no room for a library */

static void image_path(char path[PATH_MAX], const char *store)
{
	size_t len = strlen(store);

	/* "/var/lib/cryptex/" means the same folder. */
	while (len > 1 && store[len - 1] == '/')
		len--;
	snprintf(path, PATH_MAX, "%.*s.img", (int)len, store);
}

static int check_room(int fd, const char *image, uint64_t size,
		      struct cx_error *err)
{
	struct statvfs st;
	uint64_t room;

	if (fstatvfs(fd, &st))
		return cx_fail(err, -errno, "%s: %s", image, strerror(errno));
	room = (uint64_t)st.f_bavail * st.f_frsize;
	if (size <= room)
		return 0;
	return cx_fail(err, -ENOSPC,
		       "%s cannot have %llu MiB: %llu MiB are free there",
		       image, (unsigned long long)(size >> 20),
		       (unsigned long long)(room >> 20));
}

/* Make the sparse file @temp, which mkfs then fills. */
static int make_sparse(const char *temp, const char *image, uint64_t size,
		       struct cx_error *err)
{
	int rc, fd = open(temp, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		return cx_fail(err, errno == EACCES ? -EPERM : -errno,
			       "%s cannot be made: %s", temp,
			       errno == EACCES ? "needs root (CAP_SYS_ADMIN)" : strerror(errno));
	rc = check_room(fd, image, size, err);
	if (!rc && ftruncate(fd, size))
		rc = cx_fail(err, -errno, "%s cannot be made: %s", temp,
			     strerror(errno));
	close(fd);
	return rc;
}

/* A file, or a folder with the names in it. */
static int sync_path(const char *path, struct cx_error *err)
{
	int rc = 0, fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fsync(fd))
		rc = cx_fail(err, -errno, "%s cannot be synced: %s", path,
			     strerror(errno));
	if (fd >= 0)
		close(fd);
	return rc;
}

/* An image exists whole or not at all: it gets its name when it is done. */
static int make_image(const char *image, uint64_t size, struct cx_error *err)
{
	char temp[PATH_MAX + 4];
	const char *const argv[] = { "mkfs.ext4", "-q", "-F", "-O", "verity",
				     "-b", "4096", temp, NULL };
	int rc;

	if (size < LOOP_MIN)
		return cx_fail(err, -EINVAL,
			       "a store of %llu bytes is too small: at least %llu MiB",
			       (unsigned long long)size, LOOP_MIN >> 20);
	snprintf(temp, sizeof(temp), "%s.tmp", image);
	rc = make_sparse(temp, image, size, err);
	if (!rc)
		rc = cx_run(argv, err);
	if (!rc)
		rc = sync_path(temp, err);
	if (!rc && rename(temp, image))
		rc = cx_fail(err, -errno, "%s cannot be renamed: %s", temp,
			     strerror(errno));
	if (rc)
		unlink(temp);
	return rc ? rc : sync_path(dirname(temp), err);
}

int cx_op_mount_loop(const char *path, struct cx_error *err)
{
	char image[PATH_MAX];
	const char *const modprobe[] = { "modprobe", "-q", "loop", NULL };
	const char *const argv[] = { "mount", "-t", "ext4", "-o",
				     "loop,nodev,nosuid", image, path, NULL };
	struct cx_error unused;
	int rc;

	image_path(image, path);
	if (access(image, F_OK) || cx_is_mount_root(path))
		return 0;
	if (mkdir(path, 0700) && errno != EEXIST)
		return cx_fail(err, -errno, "%s cannot be made: %s", path,
			       strerror(errno));
	/* It may be built in, and where it is missing mount says so. */
	cx_run(modprobe, &unused);
	rc = cx_run(argv, err);
	return rc ? cx_prefix(err, rc, "%s cannot be mounted at %s", image,
			      path) : 1;
}

/* A store that is in use must not vanish under a mount. */
static int check_empty(const char *path, struct cx_error *err)
{
	char seals[PATH_MAX];

	snprintf(seals, sizeof(seals), "%s/seals", path);
	if (access(seals, F_OK) || cx_is_mount_root(path))
		return 0;
	return rmdir(seals) ?
	       cx_fail(err, -EEXIST,
		       "%s holds a store already, without --loop: move it away first",
		       path) : 0;
}

/* What this call has made, and takes away if it fails. */
struct made {
	bool image;
	bool mounted;
	bool store;
};

static int init_loop(const char *path, uint64_t size, struct made *made,
		     void (*say)(const char *text), struct cx_error *err)
{
	char image[PATH_MAX], text[PATH_MAX + 64];
	int rc = check_empty(path, err);

	image_path(image, path);
	if (rc || !access(image, F_OK))
		return rc;
	rc = make_image(image, size, err);
	if (rc)
		return rc;
	made->image = true;
	snprintf(text, sizeof(text),
		 "made %s, an ext4 file system with fs-verity", image);
	say(text);
	return 0;
}

static int make_ready(const char *path, void (*say)(const char *text),
		      struct cx_error *err)
{
	char text[PATH_MAX + 64];
	struct cx_store store;
	int lock, rc = cx_store_create(path, err);

	if (!rc)
		rc = cx_store_open(&store, path, err);
	if (rc)
		return rc;
	lock = cx_store_lock(&store, say, err);
	rc = lock < 0 ? lock : cx_store_empty_tmp(&store, err);
	if (!rc)
		rc = cx_store_probe(&store, err);
	snprintf(text, sizeof(text), "the store %s is ready", store.path);
	if (!rc)
		say(text);
	if (lock >= 0)
		close(lock);
	cx_store_close(&store);
	return rc;
}

static void undo(const char *path, const struct made *made)
{
	char image[PATH_MAX];

	image_path(image, path);
	if (made->store)
		cx_store_uncreate(path);
	if (made->mounted && !umount2(path, UMOUNT_NOFOLLOW) && made->image)
		unlink(image);
	if (made->store)
		rmdir(path);
}

int cx_op_init(const char *path, uint64_t loop_size,
	       void (*say)(const char *text), struct cx_error *err)
{
	char seals[PATH_MAX];
	struct made made = { 0 };
	int rc = 0;

	if (loop_size)
		rc = init_loop(path, loop_size, &made, say, err);
	if (!rc)
		rc = cx_op_mount_loop(path, err);
	made.mounted = rc == 1;
	snprintf(seals, sizeof(seals), "%s/seals", path);
	made.store = access(seals, F_OK);
	if (rc >= 0)
		rc = make_ready(path, say, err);
	if (rc)
		undo(path, &made);
	return rc;
}
