// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Extended attributes are those of the manifest, and cannot be changed.
 */
#include <stdlib.h>
#include <sys/xattr.h>

#include <kselftest_harness.h>

#include "expect.h"
#include "fixture.h"
#include "report.h"

/* In the policy of selinux.cil too, so that it is the same with SELinux on. */
#define LABEL "u:r:sealed"
#define LARGE 60000

FIXTURE(xattr)
{
	struct world world;
	struct cryptex cx;
	char large[LARGE];
};

static void label(struct tree *t, const char *path)
{
	tree_add_xattr(t, path, "security.selinux", LABEL, sizeof(LABEL));
}

FIXTURE_SETUP(xattr)
{
	struct world *w = &self->world;
	struct tree t = {};

	world_init(w);
	cryptex_init(&self->cx, w, "x");
	memset(self->large, 'x', LARGE);
	tree_add_text(&t, w, "file", "file");
	label(&t, "file");
	tree_add_xattr(&t, "file", "user.a", "one", 3);
	tree_add_xattr(&t, "file", "user.empty", "", 0);
	tree_add_xattr(&t, "file", "user.zero", "a\0b", 3);
	tree_add_dir(&t, "dir", 0755);
	tree_add_xattr(&t, "dir", "user.d", "of the dir", 10);
	tree_add_link(&t, "link", "file");
	label(&t, "link");
	tree_add_text(&t, w, "large", "large");
	tree_add_xattr(&t, "large", "user.large", self->large, LARGE);
	tree_add_text(&t, w, "none", "none");
	cryptex_mount_base(&self->cx, "1", &t);
	tree_exit(&t);
	tree_add_text(&t, w, "file", "file");
	tree_add_xattr(&t, "file", "user.a", "two", 3);
	cryptex_stage(&self->cx, "2", &t);
	tree_exit(&t);
	ASSERT_EQ(0, chdir(self->cx.dir));
}

FIXTURE_TEARDOWN(xattr)
{
	world_exit(&self->world);
}

static void check(struct __test_metadata *_metadata, const char *path,
		  const char *name, const char *want, ssize_t size)
{
	static char got[LARGE];

	memset(got, 'g', sizeof(got));
	EXPECT_EQ(size, lgetxattr(path, name, NULL, 0)) TH_LOG("%s", name);
	EXPECT_EQ(size, lgetxattr(path, name, got, sizeof(got)));
	EXPECT_EQ(0, memcmp(got, want, size)) TH_LOG("%s", name);
	if (size > 1) {
		EXPECT_ERRNO(ERANGE, lgetxattr(path, name, got, size - 1));
	}
}

TEST_F(xattr, values)
{
	int round;

	for (round = 0; round < 2; round++) {
		check(_metadata, "1/file", "user.a", "one", 3);
		check(_metadata, "1/file", "user.empty", "", 0);
		check(_metadata, "1/file", "user.zero", "a\0b", 3);
		check(_metadata, "1/file", "security.selinux", LABEL,
		      sizeof(LABEL));
		check(_metadata, "1/dir", "user.d", "of the dir", 10);
		check(_metadata, "1/link", "security.selinux", LABEL,
		      sizeof(LABEL));
		check(_metadata, "1/large", "user.large", self->large, LARGE);
		check(_metadata, "2/file", "user.a", "two", 3);
		/* Made again, an inode has the same. */
		ASSERT_EQ(0, system("echo 2 >/proc/sys/vm/drop_caches"));
	}
}

TEST_F(xattr, what_is_not_there)
{
	char got[8];

	EXPECT_ERRNO(ENODATA, getxattr("1/file", "user.b", got, sizeof(got)));
	EXPECT_ERRNO(ENODATA, getxattr("1/file", "user.", got, sizeof(got)));
	EXPECT_ERRNO(ENODATA, getxattr("1/file", "user.aa", got, sizeof(got)));
	EXPECT_ERRNO(ENODATA, getxattr("1/none", "user.a", got, sizeof(got)));
	EXPECT_ERRNO(ENODATA, getxattr("1/file", "trusted.a", got, sizeof(got)));
	EXPECT_ERRNO(ENODATA, getxattr("1/file", "security.capability", got,
				       sizeof(got)));
	EXPECT_ERRNO(ENODATA, lgetxattr("1/link", "user.a", got, sizeof(got)));
	EXPECT_ERRNO(ENODATA, getxattr(".", "user.a", got, sizeof(got)));
	EXPECT_ERRNO(ENODATA, lgetxattr("current", "trusted.a", got,
					sizeof(got)));
	EXPECT_ERRNO(EOPNOTSUPP, getxattr("1/file", "system.posix_acl_access",
					  got, sizeof(got)));
}

static void check_list(struct __test_metadata *_metadata, const char *path,
		       const char *want, ssize_t size)
{
	char got[256];

	EXPECT_EQ(size, llistxattr(path, NULL, 0)) TH_LOG("%s", path);
	ASSERT_EQ(size, llistxattr(path, got, sizeof(got)));
	EXPECT_EQ(0, memcmp(got, want, size)) TH_LOG("%s", path);
	if (size) {
		EXPECT_EQ(size, llistxattr(path, got, size));
		EXPECT_ERRNO(ERANGE, llistxattr(path, got, size - 1));
	}
}

TEST_F(xattr, lists)
{
	static const char all[] = "security.selinux\0user.a\0user.empty\0"
				  "user.zero";

	check_list(_metadata, "1/file", all, sizeof(all));
	check_list(_metadata, "1/dir", "user.d", 7);
	check_list(_metadata, "1/link", "security.selinux", 17);
	check_list(_metadata, "1/none", "", 0);
	check_list(_metadata, "1", "", 0);
}

TEST_F(xattr, nothing_can_be_changed)
{
	EXPECT_ERRNO(EROFS, setxattr("1/file", "user.a", "x", 1, 0));
	EXPECT_ERRNO(EROFS, setxattr("1/file", "user.new", "x", 1, XATTR_CREATE));
	EXPECT_ERRNO(EROFS, setxattr("1/file", "user.a", "x", 1, XATTR_REPLACE));
	EXPECT_ERRNO(EROFS, setxattr("1/file", "security.selinux", "x", 1, 0));
	EXPECT_ERRNO(EROFS, setxattr("1/dir", "user.d", "x", 1, 0));
	EXPECT_ERRNO(EROFS, lsetxattr("1/link", "security.selinux", "x", 1, 0));
	EXPECT_ERRNO(EROFS, setxattr(".", "trusted.a", "x", 1, 0));
	EXPECT_ERRNO(EROFS, removexattr("1/file", "user.a"));
	EXPECT_ERRNO(EROFS, removexattr("1/none", "user.a"));
	check(_metadata, "1/file", "user.a", "one", 3);
}

TEST_HARNESS_MAIN
