// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The tree: lookup, directories, attributes, links, and that nothing of it can
 * be changed.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#include <kselftest_harness.h>

#include "expect.h"
#include "fixture.h"
#include "remote.h"
#include "report.h"

#define MANY 1000

FIXTURE(fs)
{
	struct world world;
	struct cryptex cx;
};

static void add_long_name(struct tree *t, struct world *w)
{
	char name[NAME_MAX + 1] = {};

	memset(name, 'n', NAME_MAX);
	tree_add_text(t, w, name, "long");
}

static void add_many(struct tree *t, struct world *w)
{
	char name[32];
	int i;

	tree_add_dir(t, "many", 0711);
	tree_add_text(t, w, "many/0000", "many");
	for (i = 1; i < MANY; i++) {
		snprintf(name, sizeof(name), "many/%04d", i);
		tree_add_file(t, name, 0600 + i % 8, 4,
			      t->nodes[t->count - 1].digest);
	}
}

static struct tree make_tree(struct world *w)
{
	struct tree t = {};

	tree_add_dir(&t, "empty", 0700);
	tree_add_dir(&t, "sub", 0755);
	tree_add_dir(&t, "sub/deep", 0755);
	tree_add_text(&t, w, "sub/deep/file", "deep");
	tree_add_text(&t, w, "file", "content");
	tree_add_data(&t, w, "nothing", 0640, "", 0);
	tree_add_link(&t, "link", "sub/deep/file");
	tree_add_link(&t, "dangling", "no/where");
	tree_add_link(&t, "absolute", "/");
	tree_add_link(&t, "sub/up", "../file");
	tree_add_text(&t, w, "\xc3\xa4 b", "utf-8 and a blank");
	add_long_name(&t, w);
	add_many(&t, w);
	return t;
}

FIXTURE_SETUP(fs)
{
	struct tree t;

	world_init(&self->world);
	cryptex_init(&self->cx, &self->world, "f");
	t = make_tree(&self->world);
	cryptex_mount_base(&self->cx, "1", &t);
	tree_exit(&t);
	/* Another one, so that there are two. */
	tree_add_text(&t, &self->world, "file", "content");
	cryptex_stage(&self->cx, "2", &t);
	ASSERT_EQ(0, chdir(self->cx.dir));
	umask(0);
}

FIXTURE_TEARDOWN(fs)
{
	world_exit(&self->world);
}

static int open_errno(const char *path, int flags)
{
	int fd = open(path, flags, 0644);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

TEST_F(fs, lookup)
{
	char name[NAME_MAX + 8] = "1/";

	EXPECT_EQ(0, open_errno("1/file", O_RDONLY));
	EXPECT_EQ(0, open_errno("1/sub/deep/file", O_RDONLY));
	EXPECT_EQ(0, open_errno("1/sub/../sub/./deep/file", O_RDONLY));
	EXPECT_EQ(0, open_errno("1/\xc3\xa4 b", O_RDONLY));
	EXPECT_EQ(ENOENT, open_errno("1/fil", O_RDONLY));
	EXPECT_EQ(ENOENT, open_errno("1/file2", O_RDONLY));
	EXPECT_EQ(ENOENT, open_errno("1/File", O_RDONLY));
	EXPECT_EQ(ENOENT, open_errno("1/sub/file", O_RDONLY));
	EXPECT_EQ(ENOENT, open_errno("1/empty/x", O_RDONLY));
	EXPECT_EQ(ENOENT, open_errno("3/file", O_RDONLY));
	EXPECT_EQ(ENOTDIR, open_errno("1/file/x", O_RDONLY));
	EXPECT_EQ(ENOTDIR, open_errno("1/file", O_RDONLY | O_DIRECTORY));
	memset(name + 2, 'n', NAME_MAX);
	EXPECT_EQ(0, open_errno(name, O_RDONLY));
	name[2 + NAME_MAX] = 'n';
	EXPECT_EQ(ENAMETOOLONG, open_errno(name, O_RDONLY));
}

/* A name that was not there once may be there later. */
TEST_F(fs, a_new_generation_appears)
{
	struct tree t = {};

	EXPECT_EQ(ENOENT, open_errno("3/file", O_RDONLY));
	EXPECT_EQ(ENOENT, open_errno("3", O_RDONLY));
	tree_add_text(&t, &self->world, "file", "3");
	cryptex_stage(&self->cx, "3", &t);
	EXPECT_EQ(0, open_errno("3/file", O_RDONLY));
}

static void check_stat(struct __test_metadata *_metadata, const char *path,
		       mode_t mode, off_t size)
{
	struct stat st;

	ASSERT_EQ(0, lstat(path, &st));
	EXPECT_EQ(mode, st.st_mode) TH_LOG("%s", path);
	EXPECT_EQ(size, st.st_size) TH_LOG("%s", path);
	EXPECT_EQ(0, st.st_uid);
	EXPECT_EQ(0, st.st_gid);
	EXPECT_EQ(MANIFEST_BUILD_TIME, st.st_mtim.tv_sec);
	EXPECT_EQ(MANIFEST_BUILD_TIME, st.st_ctim.tv_sec);
	EXPECT_EQ(0, st.st_mtim.tv_nsec);
	EXPECT_EQ((size + 511) / 512, st.st_blocks * S_ISREG(st.st_mode));
}

TEST_F(fs, attributes)
{
	check_stat(_metadata, "1/file", S_IFREG | 0644, 7);
	check_stat(_metadata, "1/nothing", S_IFREG | 0640, 0);
	check_stat(_metadata, "1/many/0007", S_IFREG | 0607, 4);
	check_stat(_metadata, "1/empty", S_IFDIR | 0700, 0);
	check_stat(_metadata, "1/many", S_IFDIR | 0711, 0);
	check_stat(_metadata, "1", S_IFDIR | 0755, 0);
}

/* Over all generations, though they share objects. */
TEST_F(fs, inode_numbers_are_unique)
{
	static const char *const paths[] = {
		".", "1", "2", "1/file", "2/file", "1/sub", "1/sub/deep",
		"1/sub/deep/file", "1/nothing", "1/many/0001", "1/many/0002",
		"1/empty", "1/link", "base", "active", "current",
	};
	struct stat a, b;
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		ASSERT_EQ(0, lstat(paths[i], &a));
		for (k = 0; k < i; k++) {
			ASSERT_EQ(0, lstat(paths[k], &b));
			EXPECT_NE(a.st_ino, b.st_ino)
				TH_LOG("%s and %s", paths[i], paths[k]);
			EXPECT_EQ(a.st_dev, b.st_dev);
		}
	}
}

/* Evicted and made again, an inode is the same. */
TEST_F(fs, inode_numbers_stay)
{
	struct stat before, after;

	ASSERT_EQ(0, stat("1/sub/deep/file", &before));
	ASSERT_EQ(0, system("echo 2 >/proc/sys/vm/drop_caches"));
	ASSERT_EQ(0, stat("1/sub/deep/file", &after));
	EXPECT_EQ(before.st_ino, after.st_ino);
}

static void check_link(struct __test_metadata *_metadata, const char *path,
		       const char *want)
{
	char target[PATH_MAX] = {};
	struct stat st;

	ASSERT_EQ((ssize_t)strlen(want),
		  readlink(path, target, sizeof(target)));
	EXPECT_STREQ(want, target);
	ASSERT_EQ(0, lstat(path, &st));
	EXPECT_EQ(S_IFLNK | 0777, st.st_mode);
}

TEST_F(fs, links)
{
	check_link(_metadata, "1/link", "sub/deep/file");
	check_link(_metadata, "1/dangling", "no/where");
	check_link(_metadata, "1/absolute", "/");
	check_link(_metadata, "1/sub/up", "../file");
	check_link(_metadata, "base", "1");
	check_link(_metadata, "active", "1");
	check_link(_metadata, "current", "1");
	EXPECT_EQ(0, open_errno("1/link", O_RDONLY));
	EXPECT_EQ(0, open_errno("1/sub/up", O_RDONLY));
	EXPECT_EQ(ENOENT, open_errno("1/dangling", O_RDONLY));
	EXPECT_EQ(ELOOP, open_errno("1/link", O_RDONLY | O_NOFOLLOW));
	EXPECT_EQ(0, open_errno("current/link", O_RDONLY));
}

/* Names of a directory, one a line, by system calls with a small buffer. */
static size_t list(const char *path, size_t buffer, char *names, size_t size)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY);
	char entries[32768];
	size_t count = 0;
	long got, at;

	names[0] = 0;
	while ((got = syscall(SYS_getdents64, fd, entries, buffer)) > 0) {
		for (at = 0; at < got; count++) {
			struct dirent64 *d = (void *)(entries + at);

			snprintf(names + strlen(names), size - strlen(names),
				 "%s %d\n", d->d_name, d->d_type);
			at += d->d_reclen;
		}
	}
	if (got < 0)
		die_errno("getdents64 %s", path);
	close(fd);
	return count;
}

TEST_F(fs, directories_list_all)
{
	static char all[65536], bit[65536];
	const size_t buffers[] = { 32, 48, 100, 1000, 4096 };
	char line[32];
	size_t i;

	EXPECT_EQ(MANY + 2, list("1/many", sizeof(all) / 2, all, sizeof(all)));
	EXPECT_EQ(0, strncmp(all, ". 4\n.. 4\n0000 8\n0001 8\n", 23));
	for (i = 0; i < MANY; i++) {
		snprintf(line, sizeof(line), "\n%04zu 8\n", i);
		EXPECT_NE(NULL, strstr(all, line));
	}
	for (i = 0; i < ARRAY_SIZE(buffers); i++) {
		EXPECT_EQ(MANY + 2, list("1/many", buffers[i], bit, sizeof(bit)));
		EXPECT_EQ(0, strcmp(all, bit)) TH_LOG("buffer %zu", buffers[i]);
	}
	EXPECT_EQ(2, list("1/empty", 4096, all, sizeof(all)));
}

TEST_F(fs, types_in_directories)
{
	char names[16384], small[16384];

	EXPECT_EQ(12, list("1", 4096, names, sizeof(names)));
	EXPECT_NE(NULL, strstr(names, "\nabsolute 10\n"));
	EXPECT_NE(NULL, strstr(names, "\nempty 4\n"));
	EXPECT_NE(NULL, strstr(names, "\nfile 8\n"));
	EXPECT_EQ(7, list(".", 4096, names, sizeof(names)));
	EXPECT_STREQ(". 4\n.. 4\nbase 10\nactive 10\ncurrent 10\n1 4\n2 4\n",
		     names);
	EXPECT_EQ(7, list(".", 32, small, sizeof(small)));
	EXPECT_STREQ(names, small);
}

/* Every entry can be found under its name, with its inode number. */
TEST_F(fs, directories_agree_with_lookup)
{
	DIR *dir = opendir("1");
	struct dirent *d;
	struct stat st;

	ASSERT_NE(NULL, dir);
	while ((d = readdir(dir))) {
		if (!strcmp(d->d_name, ".."))
			continue;
		EXPECT_EQ(0, fstatat(dirfd(dir), d->d_name, &st,
				     AT_SYMLINK_NOFOLLOW));
		EXPECT_EQ(d->d_ino, st.st_ino) TH_LOG("%s", d->d_name);
	}
	closedir(dir);
}

TEST_F(fs, seek_in_a_directory)
{
	DIR *dir = opendir("1/many");
	char third[256];
	long position;
	int i;

	for (i = 0; i < 5; i++)
		position = i < 4 ? (readdir(dir), telldir(dir)) : telldir(dir);
	snprintf(third, sizeof(third), "%s", readdir(dir)->d_name);
	for (i = 0; i < 500; i++)
		readdir(dir);
	seekdir(dir, position);
	EXPECT_STREQ(third, readdir(dir)->d_name);
	rewinddir(dir);
	EXPECT_STREQ(".", readdir(dir)->d_name);
	closedir(dir);
}

TEST_F(fs, nothing_can_be_changed)
{
	EXPECT_EQ(EROFS, open_errno("1/file", O_WRONLY));
	EXPECT_EQ(EROFS, open_errno("1/file", O_RDWR));
	EXPECT_EQ(EROFS, open_errno("1/file", O_RDONLY | O_TRUNC));
	EXPECT_EQ(EROFS, open_errno("1/new", O_CREAT | O_WRONLY));
	EXPECT_EQ(EROFS, open_errno("new", O_CREAT | O_WRONLY));
	EXPECT_ERRNO(EROFS, unlink("1/file"));
	EXPECT_ERRNO(EROFS, unlink("current"));
	EXPECT_ERRNO(EROFS, rmdir("1/empty"));
	EXPECT_ERRNO(EROFS, rmdir("2"));
	EXPECT_ERRNO(EROFS, mkdir("1/new", 0755));
	EXPECT_ERRNO(EROFS, rename("1/file", "1/other"));
	EXPECT_ERRNO(EROFS, rename("1", "3"));
	EXPECT_ERRNO(EROFS, link("1/file", "1/other"));
	EXPECT_ERRNO(EROFS, symlink("x", "1/new"));
	EXPECT_ERRNO(EROFS, mknod("1/new", S_IFIFO | 0644, 0));
	EXPECT_ERRNO(EROFS, chmod("1/file", 0777));
	EXPECT_ERRNO(EROFS, chown("1/file", 1, 1));
	EXPECT_ERRNO(EROFS, truncate("1/file", 0));
	EXPECT_ERRNO(EROFS, utimensat(AT_FDCWD, "1/file", NULL, 0));
	EXPECT_ERRNO(EROFS, setxattr("1/file", "user.x", "x", 1, 0));
}

TEST_F(fs, reading_does_not_touch_the_times)
{
	struct stat before, after;
	char byte;
	int fd = open("1/file", O_RDONLY);

	ASSERT_EQ(0, fstat(fd, &before));
	EXPECT_EQ(1, read(fd, &byte, 1));
	ASSERT_EQ(0, fstat(fd, &after));
	EXPECT_EQ(MANIFEST_BUILD_TIME, after.st_atim.tv_sec);
	EXPECT_EQ(before.st_atim.tv_sec, after.st_atim.tv_sec);
}

TEST_F(fs, permissions_hold_for_others)
{
	struct remote r;

	remote_start(&r);
	ASSERT_EQ(0, remote_do(&r, "uid 1000"));
	EXPECT_STREQ("content", remote_ask(&r, "head %s/1/file", self->cx.dir));
	EXPECT_STREQ("EACCES", remote_ask(&r, "head %s/1/nothing",
					  self->cx.dir));
	EXPECT_STREQ("EACCES", remote_ask(&r, "head %s/1/empty/x",
					  self->cx.dir));
	/* The store itself is closed to it. */
	EXPECT_STREQ("EACCES", remote_ask(&r, "open %s/objects",
					  self->world.store));
	remote_stop(&r);
}

TEST_HARNESS_MAIN
