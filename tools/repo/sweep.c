// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sweep.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX	3

/* A walk under way. */
struct walk {
	const struct repo *repo;
	const json_t *live;
	bool dry;
	const char *end;	/* only files whose names end so, in this turn */
	struct sweep *sweep;
	struct cx_error *err;
};

static bool is_hex(const char *text, size_t size)
{
	return strspn(text, "0123456789abcdef") >= size;
}

/* Someone may have put an index.html or the like there. */
static bool is_ours(const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	size_t digits = strspn(name, "0123456789");

	if (!strncmp(path, DIR_METADATA "/", strlen(DIR_METADATA) + 1))
		return digits && name[digits] == '.';
	if (!strncmp(path, DIR_TARGETS "/", strlen(DIR_TARGETS) + 1))
		return is_hex(name, 64) && name[64] == '.';
	return is_hex(name, strlen(name) < 62 ? strlen(name) : 62);
}

static bool ends_with(const char *text, const char *end)
{
	size_t size = strlen(text), tail = strlen(end);

	return size >= tail && !strcmp(text + size - tail, end);
}

static int remove_file(struct walk *w, const char *path)
{
	struct stat st;

	if (!is_ours(path) || !ends_with(path, w->end) ||
	    json_object_get(w->live, path) ||
	    fstatat(w->repo->dirfd, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(st.st_mode))
		return 0;
	if (!w->dry && unlinkat(w->repo->dirfd, path, 0) < 0)
		return cx_fail(w->err, -errno, "%s/%s: cannot be removed: %s",
			       w->repo->path, path, strerror(errno));
	w->sweep->files++;
	w->sweep->bytes += st.st_size;
	return 0;
}

static DIR *open_folder(struct walk *w, const char *path)
{
	int fd = openat(w->repo->dirfd, path,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

static int walk(struct walk *w, const char *path, int depth);

static int visit(struct walk *w, const char *folder, const struct dirent *entry,
		 int depth)
{
	struct place place;

	if (entry->d_name[0] == '.' ||
	    (size_t)snprintf(place.path, sizeof(place.path), "%s/%s", folder,
			     entry->d_name) >= sizeof(place.path))
		return 0;
	if (entry->d_type == DT_DIR && depth < DEPTH_MAX)
		return walk(w, place.path, depth + 1);
	return remove_file(w, place.path);
}

static int walk(struct walk *w, const char *path, int depth)
{
	DIR *dir = open_folder(w, path);
	struct dirent *entry;
	int ret = 0;

	/* A repository without deltas has no such folder. */
	if (!dir)
		return errno == ENOENT ? 0 :
		       cx_fail(w->err, -errno, "%s/%s: cannot be read: %s",
			       w->repo->path, path, strerror(errno));
	while (!ret && (entry = readdir(dir)))
		ret = visit(w, path, entry, depth);
	closedir(dir);
	/* Stays if there is still something in it. */
	if (!w->dry && depth)
		unlinkat(w->repo->dirfd, path, AT_REMOVEDIR);
	return ret;
}

int sweep_run(const struct repo *repo, const json_t *live, bool dry,
	      struct sweep *sweep, struct cx_error *err)
{
	static const struct { const char *folder; const char *end; } turns[] = {
		{ DIR_METADATA, ".snapshot.json" }, { DIR_METADATA, ".json" },
		{ DIR_TARGETS, "" }, { DIR_DELTAS, "" }, { DIR_OBJECTS, "" },
	};
	size_t i;
	int ret = 0;

	*sweep = (struct sweep){ 0 };
	for (i = 0; !ret && i < sizeof(turns) / sizeof(*turns); i++) {
		struct walk w = {
			.repo = repo, .live = live, .dry = dry,
			.end = turns[i].end, .sweep = sweep, .err = err,
		};

		/* A dry run removes nothing, so the second turn sees all again. */
		if (dry && i == 0)
			continue;
		ret = walk(&w, turns[i].folder, 0);
	}
	return ret;
}
