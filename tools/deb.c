// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A Debian package as input: an ar archive of debian-binary, control.tar.* and
 * data.tar.*, in this order, so one pass does.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input.h"
#include "member.h"

#define READ_SIZE	(64 * 1024)
#define MAX_CONTROL	(1 << 20)
#define MAX_CHANGELOG	(32 << 20)

/* A package under way. */
struct reader {
	struct archive *outer;		/* the ar archive */
	struct archive *inner;		/* the tar archive in its member */
	const char *path;
	struct tree *tree;
	const struct filter *filter;
	struct deb *deb;
	char *changelog_path;
	struct cx_error *err;
};

static la_ssize_t read_outer(struct archive *inner, void *ctx,
			     const void **data)
{
	struct reader *r = ctx;
	la_int64_t offset;
	size_t size = 0;
	int ret = archive_read_data_block(r->outer, data, &size, &offset);

	if (ret == ARCHIVE_EOF)
		return 0;
	if (ret == ARCHIVE_OK)
		return size;
	archive_set_error(inner, EIO, "%s", archive_error_string(r->outer));
	return -1;
}

static int open_inner(struct reader *r)
{
	r->inner = archive_read_new();
	if (!r->inner)
		return cx_fail(r->err, -ENOMEM, "%s: out of memory", r->path);
	archive_read_support_format_tar(r->inner);
	archive_read_support_filter_gzip(r->inner);
	archive_read_support_filter_xz(r->inner);
	archive_read_support_filter_zstd(r->inner);
	if (archive_read_open(r->inner, r, NULL, read_outer, NULL) != ARCHIVE_OK)
		return member_fail(r->inner, r->path, r->err);
	return 0;
}

/* 1 and an entry, or 0 at the end. */
static int next_inner(struct reader *r, struct archive_entry **entry)
{
	int ret = archive_read_next_header(r->inner, entry);

	if (ret == ARCHIVE_EOF)
		return 0;
	/* A warning is about a name that the locale cannot say; its bytes are
	 * there all the same. */
	if (ret != ARCHIVE_OK && ret != ARCHIVE_WARN)
		return member_fail(r->inner, r->path, r->err);
	return 1;
}

static void close_inner(struct reader *r)
{
	archive_read_free(r->inner);
	r->inner = NULL;
}

/* "./usr/lib/" as "usr/lib"; the root as "". */
static char *plain_path(const char *raw)
{
	char *path;
	size_t len;

	while (!strncmp(raw, "./", 2) || *raw == '/')
		raw += *raw == '/' ? 1 : 2;
	path = strdup(strcmp(raw, ".") ? raw : "");
	len = path ? strlen(path) : 0;
	while (len && path[len - 1] == '/')
		path[--len] = '\0';
	return path;
}

static char *field(const char *control, const char *name)
{
	size_t len = strlen(name);
	const char *line = control;

	while (line) {
		if (!strncasecmp(line, name, len) && line[len] == ':') {
			line += len + 1;
			line += strspn(line, " \t");
			return strndup(line, strcspn(line, "\r\n"));
		}
		line = strchr(line, '\n');
		line += !!line;
	}
	return NULL;
}

static int parse_control(struct reader *r, const char *control)
{
	struct deb *deb = r->deb;

	deb->package = field(control, "Package");
	deb->version = field(control, "Version");
	deb->architecture = field(control, "Architecture");
	if (!deb->package || !deb->version || !deb->architecture)
		return cx_fail(r->err, -EBADMSG,
			       "%s: its control file lacks Package, Version or Architecture",
			       r->path);
	if (asprintf(&r->changelog_path, "usr/share/doc/%s/changelog.Debian.gz",
		     deb->package) < 0) {
		r->changelog_path = NULL;
		return cx_fail(r->err, -ENOMEM, "%s: out of memory", r->path);
	}
	return 0;
}

static int read_control(struct reader *r)
{
	struct archive_entry *entry;
	struct cx_buf control;
	int ret;

	while ((ret = next_inner(r, &entry)) > 0) {
		const char *name = archive_entry_pathname(entry);

		if (!name || (strcmp(name, "./control") &&
			      strcmp(name, "control")))
			continue;
		ret = member_read(r->inner, MAX_CONTROL, r->path, &control,
				  r->err);
		if (ret < 0)
			return ret;
		ret = parse_control(r, control.data);
		cx_buf_free(&control);
		return ret;
	}
	return ret < 0 ? ret : cx_fail(r->err, -EBADMSG,
				       "%s: has no control file", r->path);
}

static int copy_content(struct reader *r, struct node *node)
{
	struct spool *spool = r->tree->spool;
	char chunk[READ_SIZE];
	la_ssize_t n;
	int ret = spool_begin(spool, &node->content, r->err);

	while (!ret) {
		n = archive_read_data(r->inner, chunk, sizeof(chunk));
		if (n < 0)
			return member_fail(r->inner, r->path, r->err);
		if (!n)
			break;
		ret = spool_append(spool, chunk, n, r->err);
	}
	if (!ret)
		spool_finish(spool, &node->content);
	return ret;
}

/* A hard link in a tar archive says: the same content as that earlier file. */
static int copy_hard_link(struct reader *r, struct node *node,
			  const char *raw_target)
{
	char *target = plain_path(raw_target);
	struct node *other = target ? tree_find(r->tree, target) : NULL;

	free(target);
	if (!other || !S_ISREG(other->mode))
		return cx_fail(r->err, -ENOENT,
			       "%s: %s: is a hard link to %s, which is not taken; --include that as well",
			       r->path, node->path, raw_target);
	node->content = other->content;
	node->mode = other->mode;
	return 0;
}

/* libarchive has a name as bytes, or as UTF-8 when a pax header gave it. */
static const char *name_of(struct archive_entry *entry)
{
	return archive_entry_pathname(entry) ?:
	       archive_entry_pathname_utf8(entry);
}

static const char *target_of(struct archive_entry *entry)
{
	return archive_entry_symlink(entry) ?:
	       archive_entry_symlink_utf8(entry) ?: "";
}

static const char *hard_link_of(struct archive_entry *entry)
{
	return archive_entry_hardlink(entry) ?:
	       archive_entry_hardlink_utf8(entry);
}

static mode_t mode_of(struct archive_entry *entry)
{
	if (hard_link_of(entry))
		return S_IFREG | archive_entry_perm(entry);
	if (archive_entry_filetype(entry) == AE_IFLNK)
		return S_IFLNK | 0777;
	return archive_entry_filetype(entry) | archive_entry_perm(entry);
}

static int add_entry(struct reader *r, struct archive_entry *entry,
		     const char *path)
{
	struct node *node;
	int ret;

	if (archive_entry_size(entry) > (la_int64_t)INPUT_MAX_FILE)
		return cx_fail(r->err, -EFBIG,
			       "%s: %s: has %lld bytes, at most %llu are allowed",
			       r->path, path,
			       (long long)archive_entry_size(entry),
			       INPUT_MAX_FILE);
	ret = tree_add(r->tree, path, mode_of(entry), archive_entry_mtime(entry),
		       &node, r->err);
	if (ret < 0)
		return cx_prefix(r->err, ret, "%s", r->path);
	if (hard_link_of(entry))
		return copy_hard_link(r, node, hard_link_of(entry));
	if (S_ISREG(node->mode))
		return copy_content(r, node);
	if (!S_ISLNK(node->mode))
		return 0;
	ret = tree_set_target(node, target_of(entry), r->err);
	return ret < 0 ? cx_prefix(r->err, ret, "%s", r->path) : 0;
}

static int add_data(struct reader *r)
{
	struct archive_entry *entry;
	int ret;

	while ((ret = next_inner(r, &entry)) > 0) {
		const char *raw = name_of(entry);
		char *path = raw ? plain_path(raw) : NULL;

		if (!path)
			return cx_fail(r->err, -EBADMSG,
				       "%s: a member's name cannot be read",
				       r->path);
		/* The changelog can be taken as content or as what it says, not
		 * both: a tar member is read once. */
		if (*path && filter_takes(r->filter, path))
			ret = add_entry(r, entry, path);
		else if (!strcmp(path, r->changelog_path) &&
			 archive_entry_filetype(entry) == AE_IFREG)
			ret = member_read(r->inner, MAX_CHANGELOG, r->path,
					  &r->deb->changelog, r->err);
		free(path);
		if (ret < 0)
			break;
	}
	return ret;
}

/* Read the rest of a member, so that a package that is cut short is noticed
 * though the tar archive inside has ended. */
static int drain_outer(struct reader *r)
{
	const void *data;
	la_int64_t offset;
	size_t size;
	int ret;

	do
		ret = archive_read_data_block(r->outer, &data, &size, &offset);
	while (ret == ARCHIVE_OK);
	return ret == ARCHIVE_EOF ? 0 : member_fail(r->outer, r->path, r->err);
}

static int read_member(struct reader *r, int (*read)(struct reader *))
{
	int ret = open_inner(r);

	if (!ret)
		ret = read(r);
	close_inner(r);
	return ret < 0 ? ret : drain_outer(r);
}

static int check_format(struct reader *r)
{
	struct cx_buf version;
	int ret = member_read(r->outer, 64, r->path, &version, r->err);

	if (ret < 0)
		return ret;
	if (strncmp(version.data, "2.", 2))
		ret = cx_fail(r->err, -EPROTONOSUPPORT,
			      "%s: is a Debian package of another format version than 2",
			      r->path);
	cx_buf_free(&version);
	return ret;
}

/* Go to the next member, whose name must start so. */
static int expect(struct reader *r, const char *start)
{
	struct archive_entry *entry;
	const char *name;
	int ret = archive_read_next_header(r->outer, &entry);

	if (ret != ARCHIVE_OK && ret != ARCHIVE_EOF)
		return cx_fail(r->err, -EBADMSG,
			       "%s: is no Debian package, or cut short: %s",
			       r->path, archive_error_string(r->outer));
	name = ret == ARCHIVE_OK ? archive_entry_pathname(entry) : NULL;
	if (name && !strncmp(name, start, strlen(start)))
		return 0;
	return cx_fail(r->err, -EBADMSG,
		       "%s: is no Debian package, or cut short: %s expected, %s found",
		       r->path, start, name ? name : "the end");
}

static int read_package(struct reader *r)
{
	int ret = expect(r, "debian-binary");

	if (!ret)
		ret = check_format(r);
	if (!ret)
		ret = expect(r, "control.tar");
	if (!ret)
		ret = read_member(r, read_control);
	if (!ret)
		ret = expect(r, "data.tar");
	if (!ret)
		ret = read_member(r, add_data);
	if (!ret && r->deb->changelog.size)
		ret = member_gunzip(&r->deb->changelog, MAX_CHANGELOG, r->path,
				    r->err);
	return ret;
}

static int open_outer(struct reader *r, int fd)
{
	r->outer = archive_read_new();
	if (!r->outer)
		return cx_fail(r->err, -ENOMEM, "%s: out of memory", r->path);
	archive_read_support_format_ar(r->outer);
	if (archive_read_open_fd(r->outer, fd, READ_SIZE) != ARCHIVE_OK)
		return cx_fail(r->err, -EBADMSG, "%s: is no Debian package: %s",
			       r->path, archive_error_string(r->outer));
	return 0;
}

int input_deb(struct tree *tree, const char *path, const struct filter *filter,
	      struct deb *deb, struct cx_error *err)
{
	struct reader r = { .path = path, .tree = tree, .filter = filter,
			    .deb = deb, .err = err };
	struct stat st;
	int ret, fd;

	*deb = (struct deb){ 0 };
	fd = cx_open_read(path, &st, err);
	if (fd < 0)
		return fd;
	if (!st.st_size)
		ret = cx_fail(err, -ENODATA, "%s: is empty", path);
	else
		ret = open_outer(&r, fd);
	if (!ret)
		ret = read_package(&r);
	archive_read_free(r.outer);
	free(r.changelog_path);
	close(fd);
	if (ret < 0)
		deb_free(deb);
	return ret;
}

void deb_free(struct deb *deb)
{
	free(deb->package);
	free(deb->version);
	free(deb->architecture);
	cx_buf_free(&deb->changelog);
	*deb = (struct deb){ 0 };
}
