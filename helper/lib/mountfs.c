// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/cryptex.h>

#include "lib/mountfs.h"

#define MOUNTS "/proc/self/mounts"

/* Append the messages that wait on the context @fs, each "e cryptex: text". */
static void read_log(int fs, char *text, size_t size)
{
	char line[256];
	size_t used = 0;
	ssize_t n;

	text[0] = '\0';
	while ((n = read(fs, line, sizeof(line) - 1)) > 0) {
		const char *rest = line;

		line[n] = '\0';
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "e ", 2))
			continue;
		rest += 2;
		if (!strncmp(rest, "cryptex: ", 9))
			rest += 9;
		used += snprintf(text + used, size - used, "%s%s",
				 used ? "; " : "", rest);
		if (used >= size)
			return;
	}
}

static int refused(int fs, int code, struct cx_error *err)
{
	const char *name = strerrorname_np(code);
	char text[384];

	read_log(fs, text, sizeof(text));
	if (code == EPERM && !text[0])
		return cx_fail(err, -EPERM, "needs root (CAP_SYS_ADMIN)");
	return cx_fail(err, -code, "the kernel refuses: %s (%s)",
		       text[0] ? text : strerror(code), name ? name : "?");
}

static int open_context(struct cx_error *err)
{
	int fs = fsopen(CRYPTEX_FS_NAME, FSOPEN_CLOEXEC);

	if (fs >= 0)
		return fs;
	if (errno == ENODEV)
		return cx_fail(err, -ENODEV,
			       "the cryptex module is not loaded: modprobe cryptex");
	if (errno == EPERM)
		return cx_fail(err, -EPERM, "needs root (CAP_SYS_ADMIN)");
	return cx_fail(err, -errno, "fsopen: %s", strerror(errno));
}

static int make_mount(int fs, const char *store, const char *seal,
		      struct cx_error *err)
{
	int mount;

	if (fsconfig(fs, FSCONFIG_SET_STRING, "source", seal, 0) ||
	    fsconfig(fs, FSCONFIG_SET_STRING, "store", store, 0) ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return refused(fs, errno, err);
	mount = fsmount(fs, FSMOUNT_CLOEXEC,
			MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID);
	return mount < 0 ? refused(fs, errno, err) : mount;
}

int cx_mountfs_mount(const char *store, const char *seal,
		     const char *mountpoint, struct cx_error *err)
{
	int mount, rc = 0, fs = open_context(err);

	if (fs < 0)
		return fs;
	mount = make_mount(fs, store, seal, err);
	close(fs);
	if (mount < 0)
		return mount;
	if (move_mount(mount, "", AT_FDCWD, mountpoint, MOVE_MOUNT_F_EMPTY_PATH))
		rc = cx_fail(err, -errno, "cannot attach the mount at %s: %s",
			     mountpoint, strerror(errno));
	close(mount);
	return rc;
}

int cx_mountfs_umount(const char *mountpoint, struct cx_error *err)
{
	if (!umount2(mountpoint, UMOUNT_NOFOLLOW))
		return 0;
	if (errno == EPERM)
		return cx_fail(err, -EPERM, "needs root (CAP_SYS_ADMIN)");
	if (errno == EBUSY)
		return cx_fail(err, -EBUSY,
			       "%s is in use: `cryptexctl ps --all` lists who maps it; a working folder or an open file there counts as well",
			       mountpoint);
	return cx_fail(err, -errno, "cannot unmount %s: %s", mountpoint,
		       strerror(errno));
}

/* Of several mounts at one place the last one is on top. */
static int find_source(FILE *mounts, const char *mountpoint, char **source,
		       struct cx_error *err)
{
	struct mntent *m;

	while ((m = getmntent(mounts))) {
		if (strcmp(m->mnt_dir, mountpoint))
			continue;
		free(*source);
		*source = NULL;
		if (strcmp(m->mnt_type, CRYPTEX_FS_NAME))
			continue;
		*source = strdup(m->mnt_fsname);
		if (!*source)
			return cx_fail(err, -ENOMEM, "out of memory");
	}
	/* What was not read must not pass for not mounted. */
	return ferror(mounts) ? cx_fail(err, -EIO, MOUNTS " cannot be read to its end: try again") :
	       0;
}

int cx_mountfs_source(const char *mountpoint, char **source,
		      struct cx_error *err)
{
	FILE *mounts = setmntent(MOUNTS, "re");
	int rc;

	*source = NULL;
	if (!mounts)
		return cx_fail(err, -errno, MOUNTS ": %s", strerror(errno));
	rc = find_source(mounts, mountpoint, source, err);
	endmntent(mounts);
	if (rc) {
		free(*source);
		*source = NULL;
	}
	return rc;
}

bool cx_is_mount_root(const char *path)
{
	struct statx stx;

	return !statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, 0, &stx) &&
	       (stx.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}
