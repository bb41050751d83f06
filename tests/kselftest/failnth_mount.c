// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Mounting and unmounting: whatever fails, there is either a whole cryptex or
 * none, and the others are as they were.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mount.h>

#include "failnth_cases.h"
#include "failnth_rig.h"
#include "report.h"

#define TRIES 100
#define PAUSE 10000	/* microseconds */

enum { CONTEXT, MOUNT };

static int result_of(int result)
{
	return result < 0 ? -errno : 0;
}

static int open_context(void *arg)
{
	(void)arg;
	rig.fd[CONTEXT] = fsopen(CRYPTEX_FS_NAME, FSOPEN_CLOEXEC);
	return result_of(rig.fd[CONTEXT]);
}

static int set_source(void *arg)
{
	(void)arg;
	return result_of(fsconfig(rig.fd[CONTEXT], FSCONFIG_SET_STRING,
				  "source", rig.extra_seal, 0));
}

static int set_store(void *arg)
{
	(void)arg;
	return result_of(fsconfig(rig.fd[CONTEXT], FSCONFIG_SET_STRING,
				  "store", rig.world.store, 0));
}

static int create(void *arg)
{
	(void)arg;
	return result_of(fsconfig(rig.fd[CONTEXT], FSCONFIG_CMD_CREATE, NULL,
				  NULL, 0));
}

static int make_mount(void *arg)
{
	(void)arg;
	rig.fd[MOUNT] = fsmount(rig.fd[CONTEXT], FSMOUNT_CLOEXEC, 0);
	return result_of(rig.fd[MOUNT]);
}

static int attach(void *arg)
{
	(void)arg;
	return result_of(move_mount(rig.fd[MOUNT], "", AT_FDCWD, rig.extra.dir,
				    MOVE_MOUNT_F_EMPTY_PATH));
}

static int detach(void *arg)
{
	(void)arg;
	return result_of(umount2(rig.extra.dir, 0));
}

static void need(int (*step)(void *arg), const char *what)
{
	int err = step(NULL);

	if (err)
		die("%s: %s", what, strerror(-err));
}

static void have_context(void *arg)
{
	(void)arg;
	rig_take();
	need(open_context, "fsopen");
}

static void have_options(void *arg)
{
	have_context(arg);
	need(set_source, "source");
	need(set_store, "store");
	/* Else only the first mount of all would read from the disk. */
	rig_drop_caches();
}

static void have_superblock(void *arg)
{
	have_options(arg);
	need(create, "create");
}

static void have_mount(void *arg)
{
	have_superblock(arg);
	need(make_mount, "fsmount");
}

static void have_attached(void *arg)
{
	have_mount(arg);
	need(attach, "move_mount");
	rig_close();
}

static bool is_mounted(void)
{
	return rig_has(&rig.extra, "1");
}

/* A mount may go a moment after what held it was closed. */
static bool is_gone(void)
{
	int tries = TRIES;

	rig_close();
	while (is_mounted() && tries--)
		usleep(PAUSE);
	if (tries < 0)
		note("the cryptex is still there");
	return tries >= 0;
}

static bool is_as_before(void)
{
	bool same = rig_is_same();

	return rig_works() && same;
}

static bool check_nothing(void *arg, int err)
{
	bool none = !is_mounted();

	(void)arg;
	(void)err;
	if (!none)
		note("a cryptex without a mount");
	rig_close();
	return is_as_before() && none;
}

static bool check_created(void *arg, int err)
{
	bool right = is_mounted() == !err;

	(void)arg;
	if (!right)
		note("the cryptex is%s there", err ? "" : " not");
	return is_gone() && is_as_before() && right;
}

static bool check_mounted(void *arg, int err)
{
	bool right = is_mounted();

	(void)arg;
	(void)err;
	return is_gone() && is_as_before() && right;
}

static bool reads(void)
{
	char *path = cryptex_path(&rig.extra, "current/text");
	bool right = !access(path, R_OK);

	if (!right)
		note("%s: %s", path, strerrorname_np(errno));
	free(path);
	return right;
}

static bool check_attached(void *arg, int err)
{
	bool right = err || reads();

	(void)arg;
	rig_close();
	if (!err && umount2(rig.extra.dir, 0))
		die_errno("umount");
	return is_gone() && is_as_before() && right;
}

static bool check_detached(void *arg, int err)
{
	bool right = !err || reads();

	(void)arg;
	if (err && umount2(rig.extra.dir, 0))
		die_errno("umount");
	return is_gone() && is_as_before() && right;
}

const struct sweep mount_sweeps[] = {
	{ "fsopen", rig_prepare, open_context, check_nothing, {} },
	{ "fsconfig source", have_context, set_source, check_nothing, {} },
	{ "fsconfig store", have_context, set_store, check_nothing, {} },
	{ "fsconfig create", have_options, create, check_created, {} },
	{ "fsmount", have_superblock, make_mount, check_mounted, {} },
	{ "move_mount", have_mount, attach, check_attached, {} },
	{ "umount", have_attached, detach, check_detached, {} },
	{}
};
