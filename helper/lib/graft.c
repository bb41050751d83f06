// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/graft.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/run.h"
#include "lib/sealfile.h"
#include "lib/state.h"

#define DROP_IN_MAX	(1 << 20)	/* bytes */

/* Is this lib*.so or lib*.so.*? */
static bool is_library(const char *name, size_t len)
{
	const char *so;

	if (len < 7 || memcmp(name, "lib", 3))
		return false;
	so = memmem(name + 3, len - 3, ".so", 3);
	return so && (so + 3 == name + len || so[3] == '.');
}

static bool holds_library(const struct cryptex_seal *base, uint32_t dir)
{
	uint32_t i, first = le32toh(base->entries[dir].first);
	uint32_t count = le64toh(base->entries[dir].size);

	for (i = first; i < first + count; i++) {
		const struct cryptex_seal_entry *e = &base->entries[i];

		if (!S_ISDIR(le16toh(e->mode)) &&
		    is_library(base->strings + le32toh(e->name_off),
			       le16toh(e->name_len)))
			return true;
	}
	return false;
}

static int add_folder(FILE *text, const struct cryptex_seal *base,
		      uint32_t dir, const char *mountpoint,
		      struct cx_error *err)
{
	char *folder = NULL, *path = cx_seal_path(base, dir);
	int rc = 0;

	if (!path || asprintf(&folder, "%s/current%s%s", mountpoint,
			      *path ? "/" : "", path) < 0)
		rc = cx_fail(err, -ENOMEM, "out of memory");
	else if (!cx_mountpoint_ok(folder))
		rc = cx_fail(err, -EINVAL,
			     "the folder %s cannot be named in ld.so.conf: mount with --no-graft",
			     folder);
	else
		fprintf(text, "%s\n", folder);
	free(path);
	free(folder);
	return rc;
}

int cx_graft_text(const struct cryptex_seal *base, const char *mountpoint,
		  struct cx_buf *text, struct cx_error *err)
{
	FILE *out = open_memstream((char **)&text->data, &text->size);
	uint32_t i;
	int rc = 0;

	if (!out)
		return cx_fail(err, -ENOMEM, "out of memory");
	for (i = 0; i < base->entry_count && !rc; i++)
		if (S_ISDIR(le16toh(base->entries[i].mode)) &&
		    holds_library(base, i))
			rc = add_folder(out, base, i, mountpoint, err);
	if (fclose(out) && !rc)
		rc = cx_fail(err, -ENOMEM, "out of memory");
	if (rc)
		cx_buf_free(text);
	return rc;
}

/* The number puts it before the system's own folders: the first one wins. */
static void drop_in_path(char path[PATH_MAX], const char *dir, const char *name)
{
	snprintf(path, PATH_MAX, "%s/00-cryptex-%s.conf", dir, name);
}

int cx_graft_write(const char *dir, const char *name, const struct cx_buf *text,
		   struct cx_error *err)
{
	char path[PATH_MAX];
	struct cx_buf old;
	bool same = false;
	int rc;

	drop_in_path(path, dir, name);
	if (!cx_read_file(path, DROP_IN_MAX, &old, NULL)) {
		same = old.size == text->size &&
		       !memcmp(old.data, text->data, old.size);
		cx_buf_free(&old);
	}
	if (same)
		return 0;
	rc = cx_write_file(path, NULL, text->data, text->size, 0644, err);
	return rc ? rc : 1;
}

int cx_graft_remove(const char *dir, const char *name, struct cx_error *err)
{
	char path[PATH_MAX];

	drop_in_path(path, dir, name);
	if (!unlink(path))
		return 1;
	if (errno == ENOENT)
		return 0;
	return cx_fail(err, -errno, "%s: cannot be removed: %s", path,
		       strerror(errno));
}

bool cx_graft_pending(const char *dir, const char *name)
{
	struct stat drop_in, cache;
	char path[PATH_MAX];

	drop_in_path(path, dir, name);
	if (stat(path, &drop_in))
		return false;
	if (stat("/etc/ld.so.cache", &cache))
		return true;
	return drop_in.st_mtim.tv_sec > cache.st_mtim.tv_sec ||
	       (drop_in.st_mtim.tv_sec == cache.st_mtim.tv_sec &&
		drop_in.st_mtim.tv_nsec > cache.st_mtim.tv_nsec);
}

int cx_graft_refresh(struct cx_error *err)
{
	/* -X: the soname links in the system's folders are not ours to touch. */
	static const char *const argv[] = { "ldconfig", "-X", NULL };

	return cx_run(argv, err);
}
