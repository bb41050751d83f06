// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Mounting: one superblock a cryptex, and what is refused.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <kselftest_harness.h>

#include "refusal.h"
#include "remote.h"
#include "report.h"

FIXTURE(mount)
{
	struct world world;
	struct cryptex cx;
	struct tree tree;
	struct blob base;
	char seal[32];
	char other[128];
};

FIXTURE_SETUP(mount)
{
	world_init(&self->world);
	cryptex_init(&self->cx, &self->world, "m");
	tree_add_text(&self->tree, &self->world, "f", "one");
	self->base = cryptex_seal(&self->cx, "1", &self->tree);
	snprintf(self->seal, sizeof(self->seal), "/proc/self/fd/%d",
		 world_seal_file(&self->world, &self->base));
	ASSERT_EQ(0, cryptex_mount(self->seal, self->world.store,
				   self->cx.dir).err);
	snprintf(self->other, sizeof(self->other), "%s/other", self->world.dir);
	ASSERT_EQ(0, mkdir(self->other, 0755));
}

FIXTURE_TEARDOWN(mount)
{
	world_exit(&self->world);
}

TEST_F(mount, the_same_base_again_shares)
{
	struct stat first, second;
	char path[256];

	cryptex_stage(&self->cx, "2", &self->tree);
	ASSERT_EQ(0, cryptex_mount(self->seal, self->world.store,
				   self->other).err);
	ASSERT_EQ(0, stat(self->cx.dir, &first));
	ASSERT_EQ(0, stat(self->other, &second));
	EXPECT_EQ(first.st_dev, second.st_dev);
	EXPECT_EQ(first.st_ino, second.st_ino);
	cryptex_activate(&self->cx, "2");
	snprintf(path, sizeof(path), "%s/2/f", self->other);
	EXPECT_EQ(0, access(path, R_OK));
	/* It lives until the last mount goes. */
	ASSERT_EQ(0, umount(self->cx.dir));
	EXPECT_EQ(0, access(path, R_OK));
	cryptex_activate(&self->cx, "1");
}

TEST_F(mount, another_base_of_the_name)
{
	struct identity id = {
		.name = self->cx.name, .label = "new", .security_epoch = 1,
	};
	struct blob manifest = manifest_make(&id, &self->tree);
	struct blob seal = seal_make(&manifest, &self->world.signer);
	char path[32];

	EXPECT_TRUE(mount_seal_refused(&self->cx, &seal, &(struct refusal) {
			-EBUSY, "is mounted with another base, 1" }));
	/* When the first one has gone it is as good as that. */
	ASSERT_EQ(0, umount(self->cx.dir));
	snprintf(path, sizeof(path), "/proc/self/fd/%d",
		 world_seal_file(&self->world, &seal));
	EXPECT_EQ(0, cryptex_mount(path, self->world.store, self->cx.dir).err);
}

TEST_F(mount, remount_changes_nothing)
{
	struct state before;

	state_take(&before, &self->cx);
	EXPECT_EQ(-1, mount(NULL, self->cx.dir, NULL, MS_REMOUNT, "store=/"));
	EXPECT_EQ(-1, mount(NULL, self->cx.dir, NULL, MS_REMOUNT, NULL));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_TRUE(state_is_as(&before, &self->cx));
}

/* A mount's own flags are not the file system's. */
TEST_F(mount, a_mount_can_be_tightened)
{
	char *path = cryptex_path(&self->cx, "1/f");

	ASSERT_EQ(0, mount(NULL, self->cx.dir, NULL,
			   MS_REMOUNT | MS_BIND | MS_NOEXEC | MS_RDONLY, NULL));
	EXPECT_EQ(0, access(path, R_OK));
}

/* Not even a mount that is told to be writable can be written through. */
TEST_F(mount, read_only_for_good)
{
	char *path = cryptex_path(&self->cx, "1/f");

	mount(NULL, self->cx.dir, NULL, MS_REMOUNT | MS_BIND, NULL);
	EXPECT_EQ(-1, open(path, O_WRONLY));
	EXPECT_EQ(EROFS, errno);
}

static bool mountinfo_has(const char *what)
{
	size_t size;
	char *text = file_read("/proc/self/mountinfo", &size);

	text[size] = 0;	/* file_read() leaves room */
	return strstr(text, what);
}

TEST_F(mount, mountinfo)
{
	char want[512];

	EXPECT_TRUE(mountinfo_has(self->cx.dir));
	snprintf(want, sizeof(want), "ro,store=%s\n", self->world.store);
	EXPECT_TRUE(mountinfo_has(want));
	EXPECT_TRUE(mountinfo_has("- cryptex "));
}

TEST_F(mount, options)
{
	struct cryptex *cx = &self->cx;
	const char *store = self->world.store;

	EXPECT_TRUE(mount_refused(cx, NULL, store, &(struct refusal) {
			-EINVAL, "no seal given as source" }));
	EXPECT_TRUE(mount_refused(cx, self->seal, NULL, &(struct refusal) {
			-EINVAL, "option store=FOLDER is missing" }));
	EXPECT_TRUE(mount_refused(cx, self->seal, "/no/such", &(struct refusal) {
			-ENOENT, "store: no such folder: /no/such" }));
	EXPECT_TRUE(mount_refused(cx, self->seal, "/etc/passwd",
				  &(struct refusal) { -ENOTDIR, "store: " }));
	/* A folder, but none of its objects. */
	EXPECT_TRUE(mount_refused(cx, self->seal, "/etc", &(struct refusal) {
			-EUCLEAN, "is missing" }));
	EXPECT_TRUE(mount_refused(cx, "/no/such", store, &(struct refusal) {
			-ENOENT, "seal: the file cannot be opened" }));
	EXPECT_TRUE(mount_refused(cx, "/etc", store, &(struct refusal) {
			-EINVAL, "seal: not a regular file" }));
	EXPECT_EQ(-1, mount(self->seal, self->other, "cryptex", 0,
			    "store=/,other=1"));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, mount(self->seal, self->other, "cryptex", 0,
			    "store=/,store=/"));
	EXPECT_EQ(EINVAL, errno);
}

TEST_F(mount, a_pipe_is_not_waited_for)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/pipe", self->world.dir);
	ASSERT_EQ(0, mkfifo(path, 0644));
	EXPECT_TRUE(mount_refused(&self->cx, path, self->world.store,
				  &(struct refusal) {
			-EINVAL, "seal: not a regular file" }));
}

/* The store may be anywhere, but not in a cryptex. */
TEST_F(mount, a_store_inside_a_cryptex)
{
	EXPECT_TRUE(mount_refused(&self->cx, self->seal, self->cx.dir,
				  &(struct refusal) { -EINVAL, "stacked" }));
}

/* Root, but only of a user namespace of its own. */
static void mount_in_user_namespace(const char *seal, const char *store,
				    const char *dir)
{
	if (setresuid(1000, 1000, 1000) || unshare(CLONE_NEWUSER | CLONE_NEWNS))
		die_errno("unshare");
	_exit(cryptex_mount(seal, store, dir).err == -EPERM ? 0 : 2);
}

TEST_F(mount, needs_the_real_root)
{
	struct state before;
	int status;

	state_take(&before, &self->cx);
	if (!fork())
		mount_in_user_namespace(self->seal, self->world.store,
					self->other);
	ASSERT_LT(0, wait(&status));
	EXPECT_EQ(0, status);
	if (!fork()) {
		if (setresuid(1000, 1000, 1000))
			_exit(3);
		_exit(cryptex_mount(self->seal, self->world.store,
				    self->other).err == -EPERM ? 0 : 2);
	}
	ASSERT_LT(0, wait(&status));
	EXPECT_EQ(0, status);
	EXPECT_TRUE(state_is_as(&before, &self->cx));
}

TEST_F(mount, busy_while_used)
{
	struct remote r;

	remote_start(&r);
	ASSERT_EQ(0, remote_do(&r, "map %s/current/f r p", self->cx.dir));
	EXPECT_EQ(-1, umount(self->cx.dir));
	EXPECT_EQ(EBUSY, errno);
	/* Detached, it goes on for those who are in it. */
	EXPECT_EQ(0, umount2(self->cx.dir, MNT_DETACH));
	EXPECT_STREQ("one", remote_ask(&r, "word %s", r.text));
	remote_stop(&r);
}

TEST_HARNESS_MAIN
