// SPDX-License-Identifier: LGPL-2.1-or-later
/* Going through the objects that are there, and taking some away. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/store.h"

/* A sweep under way. */
struct sweep {
	cx_object_visitor visit;
	void *ctx;
	struct cx_error *err;
};

static int open_folder(int at, const char *name, DIR **dir, struct cx_error *err)
{
	int rc = 0, fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC |
				O_NOFOLLOW);

	*dir = fd < 0 ? NULL : fdopendir(fd);
	if (!*dir)
		rc = cx_fail(err, -errno, "objects: %s: %s", name,
			     strerror(errno));
	if (rc && fd >= 0)
		close(fd);
	return rc;
}

/* The object in the folder @prefix with the name @rest; what is no object is
 * left alone. */
static int visit_one(const struct sweep *s, int folder, const char *prefix,
		     const char *rest)
{
	char hex[2 * CRYPTEX_DIGEST_SIZE + 1];
	struct cx_object object;
	struct stat st;

	if (strlen(rest) != 2 * CRYPTEX_DIGEST_SIZE - 2)
		return 0;
	snprintf(hex, sizeof(hex), "%.2s%.62s", prefix, rest);
	if (!cx_unhex(hex, object.digest, sizeof(object.digest)))
		return 0;
	/* Whoever only looks does not lock a collection out, here neither. */
	if (fstatat(folder, rest, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : cx_fail(s->err, -errno, "objects: %s/%s: %s",
						     prefix, rest, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return 0;
	object.size = st.st_size;
	return s->visit(s->ctx, &object, s->err);
}

static int visit_folder(const struct sweep *s, int objects, const char *prefix)
{
	struct dirent *entry;
	DIR *dir;
	int rc = open_folder(objects, prefix, &dir, s->err);

	/* No folder of objects, or one that a collection has just taken away:
	 * who only looks does not lock it out. */
	if (rc)
		return rc == -ENOTDIR || rc == -ENOENT ? 0 : rc;
	while ((rc = cx_next_entry(dir, prefix, &entry, s->err)) == 1) {
		rc = visit_one(s, dirfd(dir), prefix, entry->d_name);
		if (rc)
			break;
	}
	closedir(dir);
	return rc;
}

int cx_store_each_object(const struct cx_store *store, cx_object_visitor visit,
			 void *ctx, struct cx_error *err)
{
	const struct sweep s = { .visit = visit, .ctx = ctx, .err = err };
	struct dirent *entry;
	DIR *dir;
	int rc = open_folder(store->fd, "objects", &dir, err);

	if (rc)
		return rc;
	while ((rc = cx_next_entry(dir, "objects", &entry, err)) == 1) {
		rc = strlen(entry->d_name) == 2 && entry->d_name[0] != '.' ?
		     visit_folder(&s, dirfd(dir), entry->d_name) : 0;
		if (rc)
			break;
	}
	closedir(dir);
	return rc;
}

int cx_store_remove_object(const struct cx_store *store,
			   const uint8_t digest[CRYPTEX_DIGEST_SIZE],
			   struct cx_error *err)
{
	char *path = cx_store_object_path(store, digest);
	int rc = 0;

	if (!path)
		return cx_fail(err, -ENOMEM, "out of memory");
	if (unlink(path) && errno != ENOENT)
		rc = cx_fail(err, -errno, "%s: cannot be removed: %s", path,
			     strerror(errno));
	/* Its folder goes with the last one. */
	*strrchr(path, '/') = '\0';
	rmdir(path);
	free(path);
	return rc;
}
