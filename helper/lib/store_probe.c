// SPDX-License-Identifier: LGPL-2.1-or-later
/* Can the store's file system hold objects? */
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/store.h"
#include "lib/verity.h"

/* ext4 tells what it was built with. */
#define KERNEL_HAS_VERITY "/sys/fs/ext4/features/verity"

struct place {
	char type[64];
	char device[256];
};

/* What is mounted as the file system that the store lies on? */
static void find_place(const struct cx_store *store, struct place *place)
{
	struct stat own, st;
	struct mntent *m;
	FILE *mounts = setmntent("/proc/self/mounts", "re");

	*place = (struct place){ "unknown", "DEVICE" };
	if (!mounts)
		return;
	while (!fstat(store->fd, &own) && (m = getmntent(mounts))) {
		if (stat(m->mnt_dir, &st) || st.st_dev != own.st_dev)
			continue;
		snprintf(place->type, sizeof(place->type), "%s", m->mnt_type);
		snprintf(place->device, sizeof(place->device), "%s",
			 m->mnt_fsname);
	}
	endmntent(mounts);
}

static int fail_unsupported(const struct cx_store *store, struct cx_error *err)
{
	struct place place;

	find_place(store, &place);
	if (!strcmp(place.type, "ext4") && access(KERNEL_HAS_VERITY, F_OK))
		return cx_fail(err, -EOPNOTSUPP,
			       "%s lies on %s (%s), and this kernel has no fs-verity: it needs one with CONFIG_FS_VERITY",
			       store->path, place.device, place.type);
	if (!strcmp(place.type, "ext4"))
		return cx_fail(err, -EOPNOTSUPP,
			       "%s lies on %s (%s) without fs-verity: enable it with `tune2fs -O verity %s`, or use a store of its own: `cryptexctl init --loop 1G`",
			       store->path, place.device, place.type,
			       place.device);
	return cx_fail(err, -EOPNOTSUPP,
		       "%s lies on %s (%s), which has no fs-verity: use a store of its own: `cryptexctl init --loop 1G`",
		       store->path, place.device, place.type);
}

/* Make @name, enable fs-verity on it and read the digest back. */
static int try_file(const struct cx_store *store, const char *name,
		    struct cx_error *err)
{
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	int rc, fd = openat(store->fd, name,
			    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return cx_fail(err, -errno, "%s/%s cannot be made: %s",
			       store->path, name, strerror(errno));
	rc = cx_write_all(fd, name, strlen(name), name, err);
	close(fd);
	if (rc)
		return rc;
	fd = openat(store->fd, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return cx_fail(err, -errno, "%s/%s cannot be opened: %s",
			       store->path, name, strerror(errno));
	rc = cx_verity_enable(fd, name, err);
	if (!rc)
		rc = cx_verity_measure(fd, name, digest, err);
	close(fd);
	return rc;
}

int cx_store_probe(const struct cx_store *store, struct cx_error *err)
{
	static const char name[] = "tmp/fs-verity-probe";
	int rc;

	unlinkat(store->fd, name, 0);
	rc = try_file(store, name, err);
	unlinkat(store->fd, name, 0);
	return rc == -EOPNOTSUPP || rc == -ENOTTY ?
	       fail_unsupported(store, err) : rc;
}
