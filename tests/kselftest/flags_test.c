// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A mount's options and flags: what is shown, what they do, what is refused.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>

#include <kselftest_harness.h>

#include "expect.h"
#include "fixture.h"
#include "remote.h"
#include "report.h"

#define PAGE 4096

FIXTURE(flags)
{
	struct world world;
	struct cryptex cx;
	struct blob base;
	char seal[32];
	char other[160];	/* a second mount of it */
	struct remote r;
};

FIXTURE_SETUP(flags)
{
	struct tree t = {};

	world_init(&self->world);
	cryptex_init(&self->cx, &self->world, "f");
	tree_add_program(&t, &self->world, "agent", "agent");
	self->base = cryptex_seal(&self->cx, "1", &t);
	snprintf(self->seal, sizeof(self->seal), "/proc/self/fd/%d",
		 world_seal_file(&self->world, &self->base));
	ASSERT_EQ(0, cryptex_mount(self->seal, self->world.store,
				   self->cx.dir).err);
	snprintf(self->other, sizeof(self->other), "%s.other", self->cx.dir);
	ASSERT_EQ(0, mkdir(self->other, 0755));
	ASSERT_EQ(0, mount(self->cx.dir, self->other, NULL, MS_BIND, NULL));
	remote_start(&self->r);
}

FIXTURE_TEARDOWN(flags)
{
	remote_stop(&self->r);
	world_exit(&self->world);
}

/* Let the mount's own flags, and no more, be @flags. */
static int set_flags(FIXTURE_DATA(flags) *self, unsigned long flags)
{
	return mount(NULL, self->cx.dir, NULL, MS_REMOUNT | MS_BIND | flags,
		     NULL);
}

static unsigned long flags_of(const char *dir)
{
	const unsigned long known = ST_RDONLY | ST_NOEXEC | ST_NOSUID | ST_NODEV;
	struct statvfs st;

	if (statvfs(dir, &st))
		die_errno("statvfs %s", dir);
	return st.f_flag & known;
}

TEST_F(flags, are_each_mount_s_own)
{
	const unsigned long set = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY;

	ASSERT_EQ(0, set_flags(self, set));
	EXPECT_EQ(ST_RDONLY | ST_NOEXEC | ST_NOSUID | ST_NODEV,
		  flags_of(self->cx.dir));
	EXPECT_EQ(ST_RDONLY, flags_of(self->other));
	ASSERT_EQ(0, set_flags(self, 0));
	EXPECT_EQ(ST_RDONLY, flags_of(self->cx.dir));
}

TEST_F(flags, noexec)
{
	struct remote *r = &self->r;
	const char *dir = self->cx.dir;

	ASSERT_EQ(0, remote_do(r, "map %s/1/agent rx p", dir));
	ASSERT_EQ(0, set_flags(self, MS_NOEXEC));
	EXPECT_EQ(-EACCES, remote_do(r, "exec %s/1/agent", dir));
	EXPECT_EQ(-EPERM, remote_do(r, "map %s/1/agent rx p", dir));
	EXPECT_EQ(-EPERM, remote_do(r, "map %s/1/agent rx s", dir));
	EXPECT_EQ(0, remote_do(r, "map %s/1/agent r p", dir));
	/* And from another mount, or once it has gone, it is a program again. */
	EXPECT_EQ(0, remote_do(r, "map %s/1/agent rx p", self->other));
	ASSERT_EQ(0, set_flags(self, 0));
	EXPECT_EQ(0, remote_do(r, "exec %s/1/agent", dir));
}

/* What was mapped to be read does not become code later. */
TEST_F(flags, noexec_holds_for_mappings)
{
	char *path = cryptex_path(&self->cx, "1/agent");
	int fd = open(path, O_RDONLY);
	void *p;

	ASSERT_EQ(0, set_flags(self, MS_NOEXEC));
	p = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	ASSERT_NE(MAP_FAILED, p);
	EXPECT_ERRNO(EACCES, mprotect(p, PAGE, PROT_READ | PROT_EXEC));
}

/* There is nothing set-id and no device to take effect, so nothing changes. */
TEST_F(flags, nosuid_and_nodev)
{
	ASSERT_EQ(0, set_flags(self, MS_NOSUID | MS_NODEV));
	EXPECT_EQ(0, remote_do(&self->r, "map %s/1/agent rx p", self->cx.dir));
	EXPECT_EQ(0, remote_do(&self->r, "exec %s/1/agent", self->cx.dir));
}

static bool mountinfo_has(const char *what)
{
	size_t size;
	char *text = file_read("/proc/self/mountinfo", &size);
	bool found;

	text[size] = 0;	/* file_read() leaves room */
	found = strstr(text, what);
	free(text);
	return found;
}

/* A folder's name cannot pass for another option or another mount. */
TEST_F(flags, mountinfo_escapes_the_store)
{
	char store[200], want[400];
	struct cryptex cx;
	struct tree t = {};

	snprintf(store, sizeof(store), "%s/a,rw b\tc\nd\\e=f#g", self->world.dir);
	ASSERT_EQ(0, symlink(self->world.store, store));
	self->world.store = store;
	cryptex_init(&cx, &self->world, "e");
	tree_add_text(&t, &self->world, "f", "f");
	cryptex_mount_base(&cx, "1", &t);
	snprintf(want, sizeof(want),
		 ",store=%s/a\\054rw\\040b\\011c\\012d\\134e=f#g\n",
		 self->world.dir);
	EXPECT_TRUE(mountinfo_has(want));
}

/* The lines of a context's log. */
static void read_log(int context, char *text, size_t size)
{
	size_t used = 0;
	ssize_t got;

	while ((got = read(context, text + used, size - 1 - used)) > 0)
		used += got;
	text[used] = 0;
}

TEST_F(flags, a_remount_is_refused_with_a_reason)
{
	int context = fspick(AT_FDCWD, self->cx.dir, FSPICK_CLOEXEC);
	char text[512];

	ASSERT_LE(0, context);
	EXPECT_ERRNO(EINVAL, fsconfig(context, FSCONFIG_CMD_RECONFIGURE, NULL,
				      NULL, 0));
	read_log(context, text, sizeof(text));
	EXPECT_NE(NULL, strstr(text, "nothing can be changed by a remount"))
		TH_LOG("%s", text);
	EXPECT_ERRNO(EINVAL, mount(NULL, self->cx.dir, NULL,
				   MS_REMOUNT | MS_RDONLY, NULL));
	EXPECT_ERRNO(EINVAL, mount(NULL, self->cx.dir, NULL,
				   MS_REMOUNT | MS_NOEXEC, NULL));
	EXPECT_EQ(ST_RDONLY, flags_of(self->cx.dir));
}

/* Mounts the base at @dir with a context; the errno, and the log's text. */
static int mount_with(FIXTURE_DATA(flags) *self, const char *label,
		      const char *dir, char *text, size_t size)
{
	int fs = fsopen(CRYPTEX_FS_NAME, FSOPEN_CLOEXEC), mnt = -1, err = 0;

	if (fsconfig(fs, FSCONFIG_SET_STRING, "source", self->seal, 0) ||
	    fsconfig(fs, FSCONFIG_SET_STRING, "store", self->world.store, 0))
		die_errno("fsconfig");
	if (fsconfig(fs, FSCONFIG_SET_STRING, "context", label, 0) ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		err = errno;
	read_log(fs, text, size);
	if (!err)
		mnt = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	if (!err && (mnt < 0 || move_mount(mnt, "", AT_FDCWD, dir,
					   MOVE_MOUNT_F_EMPTY_PATH)))
		die_errno("fsmount");
	close(mnt);
	close(fs);
	return err;
}

static void without_selinux(struct __test_metadata *_metadata,
			    FIXTURE_DATA(flags) *self)
{
	char text[512];

	EXPECT_EQ(EINVAL, mount_with(self, "a:b:c", self->cx.dir, text,
				     sizeof(text)));
	EXPECT_NE(NULL, strstr(text, "Unknown parameter 'context'"))
		TH_LOG("%s", text);
}

/* A label that the policy knows, whatever policy it is: the caller's own. */
static char *own_label(void)
{
	size_t size;
	char *label = file_read("/proc/self/attr/current", &size);

	if (!label)
		die_errno("/proc/self/attr/current");
	label[size] = 0;	/* file_read() leaves room */
	return label;
}

static void with_selinux(struct __test_metadata *_metadata,
			 FIXTURE_DATA(flags) *self)
{
	char *path = cryptex_path(&self->cx, "1/agent"), *label = own_label();
	char text[512], got[256] = {};

	/* Mounted without one it is, and one file system has one context. */
	EXPECT_EQ(EINVAL, mount_with(self, label, self->cx.dir, text,
				     sizeof(text)));
	ASSERT_EQ(0, umount(self->other));
	ASSERT_EQ(0, umount(self->cx.dir));
	EXPECT_EQ(EINVAL, mount_with(self, "no:such:label", self->cx.dir, text,
				     sizeof(text)));
	ASSERT_EQ(0, mount_with(self, label, self->cx.dir, text, sizeof(text)));
	ASSERT_LT(0, getxattr(path, "security.selinux", got, sizeof(got)));
	EXPECT_STREQ(label, got);
	EXPECT_TRUE(mountinfo_has("context="));
	EXPECT_EQ(0, remote_do(&self->r, "exec %s", path));
}

TEST_F(flags, context)
{
	if (access("/sys/fs/selinux/enforce", F_OK))
		without_selinux(_metadata, self);
	else
		with_selinux(_metadata, self);
}

TEST_HARNESS_MAIN
