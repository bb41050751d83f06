// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <sys/mount.h>

#include <linux/cryptex.h>

#include "mounting.h"
#include "report.h"

static void read_log(int context, struct mount_result *result)
{
	size_t used = 0;
	ssize_t got;

	/* One line a read; ENODATA ends it. */
	while (used + 1 < sizeof(result->text)) {
		got = read(context, result->text + used,
			   sizeof(result->text) - 1 - used);
		if (got <= 0)
			break;
		used += got;
	}
	result->text[used] = 0;
}

static int configure(int context, const char *seal, const char *store)
{
	if (seal && fsconfig(context, FSCONFIG_SET_STRING, "source", seal, 0))
		return -1;
	if (store && fsconfig(context, FSCONFIG_SET_STRING, "store", store, 0))
		return -1;
	return fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

static int attach(int context, const char *dir)
{
	int mount = fsmount(context, FSMOUNT_CLOEXEC, 0);
	int err = mount < 0 ? -1 : move_mount(mount, "", AT_FDCWD, dir,
					      MOVE_MOUNT_F_EMPTY_PATH);

	if (mount >= 0)
		close(mount);
	return err;
}

struct mount_result cryptex_mount(const char *seal, const char *store,
				  const char *dir)
{
	struct mount_result result = {};
	int context = fsopen(CRYPTEX_FS_NAME, FSOPEN_CLOEXEC);

	if (context < 0) {
		result.err = -errno;
		return result;
	}
	if (configure(context, seal, store) || attach(context, dir))
		result.err = -errno;
	read_log(context, &result);
	close(context);
	return result;
}
