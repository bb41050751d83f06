// SPDX-License-Identifier: LGPL-2.1-or-later
/* A folder as input. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "input.h"
#include "xattr.h"

/* A walk through a folder; paths in messages are as people typed them. */
struct scan {
	struct tree *tree;
	const struct filter *filter;
	const char *top;
	struct cx_error *err;
};

static int scan_dir(struct scan *scan, int fd, const char *path);

static int fail(struct scan *scan, const char *path, const char *what)
{
	return cx_fail(scan->err, -errno, "%s/%s: %s: %s", scan->top, path,
		       what, strerror(errno));
}

static int add_link(struct scan *scan, int dirfd, const char *name,
		    struct node *node)
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(dirfd, name, target, sizeof(target));

	if (len < 0)
		return fail(scan, node->path, "the link cannot be read");
	if (len == sizeof(target))
		len--;	/* too long in any case, as PATH_MAX counts the NUL */
	target[len] = '\0';
	return tree_set_target(node, target, scan->err);
}

static int add_content(struct scan *scan, int fd, struct node *node)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fail(scan, node->path, "has no status");
	/* It would silently be lost, and with it what the program may do. */
	if (fgetxattr(fd, "security.capability", NULL, 0) > 0)
		return cx_fail(scan->err, -EPERM,
			       "%s/%s: has file capabilities, which a cryptex never has; leave it out with --exclude",
			       scan->top, node->path);
	if (!S_ISREG(st.st_mode))
		return cx_fail(scan->err, -EAGAIN,
			       "%s/%s: changed while it was read", scan->top,
			       node->path);
	if ((uint64_t)st.st_size > INPUT_MAX_FILE)
		return cx_fail(scan->err, -EFBIG,
			       "%s/%s: has %lld bytes, at most %llu are allowed",
			       scan->top, node->path, (long long)st.st_size,
			       INPUT_MAX_FILE);
	return spool_copy(scan->tree->spool, fd, node->path, &node->content,
			  scan->err);
}

static int add_file(struct scan *scan, int dirfd, const char *name,
		    struct node *node)
{
	int ret, fd = openat(dirfd, name,
			     O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return fail(scan, node->path, "the file cannot be read");
	ret = add_content(scan, fd, node);
	close(fd);
	return ret;
}

static int enter_dir(struct scan *scan, int dirfd, const char *name,
		     const char *path)
{
	int fd = openat(dirfd, name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return fail(scan, path, "the folder cannot be opened");
	return scan_dir(scan, fd, path);
}

static int add_entry(struct scan *scan, int dirfd, const char *name,
		     const char *path)
{
	struct stat st;
	struct node *node;
	int ret;

	if (filter_excludes(scan->filter, path))
		return 0;
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return fail(scan, path, "has no status");
	if (!filter_takes(scan->filter, path))
		return S_ISDIR(st.st_mode) ? enter_dir(scan, dirfd, name, path)
					   : 0;
	ret = tree_add(scan->tree, path,
		       S_ISLNK(st.st_mode) ? S_IFLNK | 0777 : st.st_mode,
		       st.st_mtime, &node, scan->err);
	if (!ret)
		ret = xattr_read(dirfd, name, path, &node->xattrs, scan->err);
	if (ret < 0)
		return cx_prefix(scan->err, ret, "%s", scan->top);
	if (S_ISDIR(st.st_mode))
		return enter_dir(scan, dirfd, name, path);
	if (S_ISREG(st.st_mode))
		return add_file(scan, dirfd, name, node);
	ret = add_link(scan, dirfd, name, node);
	return ret < 0 ? cx_prefix(scan->err, ret, "%s", scan->top) : 0;
}

/* The order of a folder does not matter: the tree sorts. */
static int scan_entries(struct scan *scan, DIR *dir, const char *path)
{
	struct dirent *entry;
	int ret = 0;

	while (!ret) {
		char *below;

		errno = 0;
		entry = readdir(dir);
		if (!entry)
			return errno ? fail(scan, path, "cannot be listed") : 0;
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (asprintf(&below, "%s%s%s", path, *path ? "/" : "",
			     entry->d_name) < 0)
			return cx_fail(scan->err, -ENOMEM, "%s: out of memory",
				       path);
		ret = add_entry(scan, dirfd(dir), entry->d_name, below);
		free(below);
	}
	return ret;
}

/* Owns @fd. */
static int scan_dir(struct scan *scan, int fd, const char *path)
{
	DIR *dir = fdopendir(fd);
	int ret;

	if (!dir) {
		close(fd);
		return fail(scan, path, "cannot be listed");
	}
	ret = scan_entries(scan, dir, path);
	closedir(dir);
	return ret;
}

int input_dir(struct tree *tree, const char *dir, const struct filter *filter,
	      struct cx_error *err)
{
	struct scan scan = { tree, filter, dir, err };
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		return scan_dir(&scan, fd, "");
	switch (errno) {
	case ENOENT:
		return cx_fail(err, -errno, "%s: there is no such folder", dir);
	case ENOTDIR:
		return cx_fail(err, -errno,
			       "%s: is not a folder; a package is given with --deb",
			       dir);
	default:
		return cx_fail(err, -errno, "%s: the folder cannot be opened: %s",
			       dir, strerror(errno));
	}
}
