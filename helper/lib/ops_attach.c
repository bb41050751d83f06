// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/ops_attach.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/graft.h"
#include "lib/mountfs.h"

/* Make a folder and its parents, all of them for everybody to see. */
static int make_path(const char *path, struct cx_error *err)
{
	char part[PATH_MAX], *slash;
	size_t len = snprintf(part, sizeof(part), "%s", path);

	for (slash = part + 1; slash <= part + len; slash++) {
		char old = *slash;

		if (old != '/' && old)
			continue;
		*slash = '\0';
		if (!mkdir(part, 0755))
			chmod(part, 0755);	/* whatever the umask says */
		else if (errno != EEXIST)
			return cx_fail(err, -errno, "%s cannot be made: %s",
				       part, strerror(errno));
		*slash = old;
	}
	return 0;
}

/* Take away a mountpoint, and the folder of mountpoints, if they are empty. */
static void remove_path(const char *path)
{
	rmdir(path);
	rmdir(CX_MOUNT_FOLDER);
}

/* A path through a symbolic link is not where the kernel says the mount is.
 * What of it exists is looked at, before anything is made. */
static int check_plain(const char *path, struct cx_error *err)
{
	char part[PATH_MAX], real[PATH_MAX];

	snprintf(part, sizeof(part), "%s", path);
	while (!realpath(part, real)) {
		if (errno != ENOENT)
			return cx_fail(err, -errno, "the mountpoint %s: %s",
				       path, strerror(errno));
		*strrchr(part, '/') = '\0';
		if (!part[0])
			return 0;
	}
	if (!strcmp(part, real))
		return 0;
	return cx_fail(err, -EINVAL,
		       "the mountpoint %s leads through a symbolic link: name %s%s",
		       path, real, path + strlen(part));
}

/* Return: 1 if @seal_path is mounted there, 0 if nothing is, or an error. */
static int occupied(const char *mountpoint, const char *seal_path,
		    struct cx_error *err)
{
	char *source = NULL;
	int rc = check_plain(mountpoint, err);

	if (!rc)
		rc = cx_mountfs_source(mountpoint, &source, err);
	if (rc)
		return rc;
	if (source && !strcmp(source, seal_path))
		rc = 1;
	else if (source)
		rc = cx_fail(err, -EBUSY,
			     "%s is mounted at %s: `cryptexctl umount` it first",
			     source, mountpoint);
	else if (cx_is_mount_root(mountpoint))
		rc = cx_fail(err, -EBUSY,
			     "something else is mounted at %s: name another place",
			     mountpoint);
	free(source);
	return rc;
}

static int graft(const struct cx_seal *seal, const char *mountpoint,
		 struct cx_error *err)
{
	const char *name = cx_seal_name(seal);
	struct cx_buf text = { 0 };
	int rc = cx_graft_text(&seal->view, mountpoint, &text, err);

	if (!rc && text.size)
		rc = cx_graft_write(CX_GRAFT_DIR, name, &text, err);
	else if (!rc)
		rc = cx_graft_remove(CX_GRAFT_DIR, name, err);
	if (rc > 0 || (!rc && cx_graft_pending(CX_GRAFT_DIR, name)))
		rc = cx_graft_refresh(err);
	cx_buf_free(&text);
	return rc;
}

static int ungraft(const char *name, struct cx_error *err)
{
	int rc = cx_graft_remove(CX_GRAFT_DIR, name, err);

	return rc == 1 ? cx_graft_refresh(err) : rc;
}

/* A mount would hide what is there. */
static int check_empty(const char *path, struct cx_error *err)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int rc;

	if (!dir)
		return cx_fail(err, -errno, "the mountpoint %s: %s", path,
			       strerror(errno));
	rc = cx_next_entry(dir, path, &entry, err);
	if (rc == 1)
		rc = cx_fail(err, -ENOTEMPTY,
			     "the mountpoint %s is not empty: name another place",
			     path);
	closedir(dir);
	return rc;
}

static int mount_new(struct cx_ops *ops, const char *seal_path,
		     const char *mountpoint, struct cx_error *err)
{
	int rc = make_path(mountpoint, err);

	if (!rc)
		rc = check_empty(mountpoint, err);
	if (!rc)
		rc = cx_mountfs_mount(ops->store.path, seal_path, mountpoint,
				      err);
	if (rc)
		remove_path(mountpoint);
	return rc;
}

int cx_attach(struct cx_ops *ops, const struct cx_seal *seal,
		     const struct cx_state_entry *entry, struct cx_error *err)
{
	struct cx_item item;
	char *seal_path;
	int there, rc;

	memcpy(item.name, entry->name, sizeof(item.name));
	memcpy(item.label, entry->base, sizeof(item.label));
	seal_path = cx_store_seal_path(&ops->store, &item);
	if (!seal_path)
		return cx_fail(err, -ENOMEM, "out of memory");
	there = rc = occupied(entry->mountpoint, seal_path, err);
	if (!rc)
		rc = mount_new(ops, seal_path, entry->mountpoint, err);
	free(seal_path);
	if (rc < 0)
		return cx_prefix(err, rc, "%s@%s", item.name, item.label);
	rc = entry->graft ? graft(seal, entry->mountpoint, err) : 0;
	if (rc && !there)
		cx_detach(entry, NULL);
	return rc ? rc : !there;
}

int cx_detach(const struct cx_state_entry *entry, struct cx_error *err)
{
	char *source;
	int rc = cx_mountfs_source(entry->mountpoint, &source, err);

	if (rc)
		return rc;
	/* The mount first: it is what can be in use, and then nothing changes. */
	if (source)
		rc = cx_mountfs_umount(entry->mountpoint, err);
	free(source);
	if (rc)
		return rc;
	remove_path(entry->mountpoint);
	return ungraft(entry->name, err);
}
