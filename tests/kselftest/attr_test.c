// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a mount tells of itself and of its files beyond their content.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <linux/fs.h>
#include <linux/fsverity.h>

#include <kselftest_harness.h>

#include "expect.h"
#include "fixture.h"
#include "report.h"

#define PAGE 4096
#define BIG (40 * PAGE + 100)

#ifndef AT_HANDLE_FID
#define AT_HANDLE_FID 0x200
#endif

FIXTURE(attr)
{
	struct world world;
	struct cryptex cx;
	struct tree tree;
	uint8_t data[BIG];
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	struct blob base;
};

static void mount_base(FIXTURE_DATA(attr) *self)
{
	int fd = world_seal_file(&self->world, &self->base);
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (cryptex_mount(path, self->world.store, self->cx.dir).err)
		die("mount");
	close(fd);
}

FIXTURE_SETUP(attr)
{
	struct tree *t = &self->tree;
	struct world *w = &self->world;
	size_t i;

	world_init(w);
	cryptex_init(&self->cx, w, "a");
	for (i = 0; i < BIG; i++)
		self->data[i] = i / 7;
	object_put(w->store, self->data, BIG, self->digest);
	tree_add_file(t, "big", 0644, BIG, self->digest);
	tree_add_text(t, w, "small", "12345");
	tree_add_data(t, w, "nothing", 0644, "", 0);
	tree_add_link(t, "link", "small");
	tree_add_dir(t, "empty", 0755);
	tree_add_dir(t, "files", 0755);
	tree_add_text(t, w, "files/f", "f");
	tree_add_link(t, "files/l", "f");
	tree_add_dir(t, "mixed", 0755);
	tree_add_dir(t, "mixed/a", 0755);
	tree_add_text(t, w, "mixed/b", "b");
	tree_add_dir(t, "mixed/c", 0755);
	self->base = cryptex_seal(&self->cx, "1", t);
	mount_base(self);
	ASSERT_EQ(0, chdir(self->cx.dir));
}

FIXTURE_TEARDOWN(attr)
{
	world_exit(&self->world);
}

static struct statx attributes(const char *path)
{
	struct statx st;

	if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &st))
		die_errno("statx %s", path);
	return st;
}

TEST_F(attr, statx_says_sealed)
{
	const uint64_t both = STATX_ATTR_VERITY | STATX_ATTR_IMMUTABLE;
	static const char *const files[] = { "1/big", "1/nothing", "1/files/f" };
	static const char *const others[] = { "1", "1/mixed", "1/link" };
	struct statx st;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		st = attributes(files[i]);
		EXPECT_EQ(both, st.stx_attributes & both);
		EXPECT_EQ(both, st.stx_attributes_mask & both);
	}
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		st = attributes(others[i]);
		EXPECT_EQ(STATX_ATTR_IMMUTABLE, st.stx_attributes & both);
		EXPECT_EQ(both, st.stx_attributes_mask & both);
	}
	/* Generations come and go in it. */
	EXPECT_EQ(0, attributes(".").stx_attributes & both);
}

TEST_F(attr, links_of_directories)
{
	int round;

	for (round = 0; round < 2; round++) {
		EXPECT_EQ(5, attributes("1").stx_nlink);
		EXPECT_EQ(2, attributes("1/empty").stx_nlink);
		EXPECT_EQ(2, attributes("1/files").stx_nlink);
		EXPECT_EQ(4, attributes("1/mixed").stx_nlink);
		EXPECT_EQ(1, attributes("1/big").stx_nlink);
		EXPECT_EQ(1, attributes("1/link").stx_nlink);
		/* Made again, an inode knows as much. */
		ASSERT_EQ(0, system("echo 2 >/proc/sys/vm/drop_caches"));
	}
}

static struct statfs statfs_of(const char *path)
{
	struct statfs st;

	if (statfs(path, &st))
		die_errno("statfs %s", path);
	return st;
}

TEST_F(attr, statfs_counts_what_is_sealed)
{
	struct tree t = {};
	struct statfs st = statfs_of("1/big");
	/* big, small, f and b */
	const uint64_t bytes = BIG + 5 + 1 + 1;

	EXPECT_EQ(CRYPTEX_SUPER_MAGIC, st.f_type);
	EXPECT_EQ(PAGE, st.f_bsize);
	EXPECT_EQ((bytes + PAGE - 1) / PAGE, st.f_blocks);
	EXPECT_EQ(0, st.f_bfree);
	EXPECT_EQ(0, st.f_bavail);
	EXPECT_EQ(self->tree.count + 1, st.f_files);
	EXPECT_EQ(0, st.f_ffree);
	EXPECT_EQ(CRYPTEX_NAME_MAX, st.f_namelen);
	/* A generation more. */
	tree_add_file(&t, "big", 0644, BIG, self->digest);
	cryptex_stage(&self->cx, "2", &t);
	st = statfs_of(".");
	EXPECT_EQ((bytes + BIG + PAGE - 1) / PAGE, st.f_blocks);
	EXPECT_EQ(self->tree.count + 1 + 2, st.f_files);
}

TEST_F(attr, the_id_is_the_base_s)
{
	struct statfs first = statfs_of("."), again, other;
	struct cryptex cx;
	struct tree t = {};
	fsid_t none = {};

	EXPECT_NE(0, memcmp(&none, &first.f_fsid, sizeof(none)));
	ASSERT_EQ(0, chdir("/"));
	ASSERT_EQ(0, umount(self->cx.dir));
	mount_base(self);
	again = statfs_of(self->cx.dir);
	EXPECT_EQ(0, memcmp(&first.f_fsid, &again.f_fsid, sizeof(none)));
	cryptex_init(&cx, &self->world, "b");
	tree_add_text(&t, &self->world, "small", "12345");
	cryptex_mount_base(&cx, "1", &t);
	other = statfs_of(cx.dir);
	EXPECT_NE(0, memcmp(&first.f_fsid, &other.f_fsid, sizeof(none)));
}

struct handle {
	struct file_handle h;
	unsigned char bytes[MAX_HANDLE_SZ];
};

static int get_handle(const char *path, struct handle *handle, int flags)
{
	int mount;

	memset(handle, 0, sizeof(*handle));
	handle->h.handle_bytes = MAX_HANDLE_SZ;
	return name_to_handle_at(AT_FDCWD, path, &handle->h, &mount, flags);
}

/* A handle would lead past the permissions and the path to a generation. */
TEST_F(attr, no_file_handles)
{
	struct handle a, b;
	int mount = open(".", O_RDONLY | O_DIRECTORY);

	EXPECT_ERRNO(EOPNOTSUPP, get_handle("1/big", &a, 0));
	EXPECT_ERRNO(EOPNOTSUPP, get_handle("1", &a, 0));
	EXPECT_ERRNO(EOPNOTSUPP, get_handle(".", &a, 0));
	/* An identifier, as fanotify gives it, is another thing. */
	ASSERT_EQ(0, get_handle("1/big", &a, AT_HANDLE_FID));
	ASSERT_EQ(0, get_handle("1/small", &b, AT_HANDLE_FID));
	EXPECT_NE(0, memcmp(&a, &b, sizeof(a)));
	ASSERT_EQ(0, get_handle("1/big", &b, AT_HANDLE_FID));
	EXPECT_EQ(0, memcmp(&a, &b, sizeof(a)));
	EXPECT_ERRNO(ESTALE, open_by_handle_at(mount, &a.h, O_RDONLY));
}

static int measure(const char *path, uint16_t room, uint8_t *digest)
{
	char buffer[sizeof(struct fsverity_digest) + 64] = {};
	struct fsverity_digest *d = (void *)buffer;
	int err, fd = open(path, O_RDONLY);

	d->digest_size = room;
	err = ioctl(fd, FS_IOC_MEASURE_VERITY, d);
	close(fd);
	if (!err && (d->digest_algorithm != FS_VERITY_HASH_ALG_SHA256 ||
		     d->digest_size != CRYPTEX_DIGEST_SIZE))
		die("%s: algorithm %u, %u bytes", path, d->digest_algorithm,
		    d->digest_size);
	memcpy(digest, d->digest, CRYPTEX_DIGEST_SIZE);
	return err;
}

TEST_F(attr, the_digest_can_be_asked_for)
{
	uint8_t digest[CRYPTEX_DIGEST_SIZE];

	ASSERT_EQ(0, measure("1/big", 64, digest));
	EXPECT_EQ(0, memcmp(self->digest, digest, sizeof(digest)));
	ASSERT_EQ(0, measure("1/nothing", 32, digest));
	EXPECT_NE(0, memcmp(self->digest, digest, sizeof(digest)));
	EXPECT_ERRNO(EOVERFLOW, measure("1/big", 31, digest));
	EXPECT_ERRNO(ENOTTY, measure("1/mixed", 64, digest));
	EXPECT_ERRNO(ENOTTY, measure(".", 64, digest));
}

static ssize_t metadata(int fd, uint64_t type, uint64_t offset, void *buffer,
			uint64_t size)
{
	struct fsverity_read_metadata_arg arg = {
		.metadata_type = type,
		.offset = offset,
		.length = size,
		.buf_ptr = (uintptr_t)buffer,
	};

	return ioctl(fd, FS_IOC_READ_VERITY_METADATA, &arg);
}

/* The hashes of a file are its object's. */
TEST_F(attr, the_hashes_can_be_read)
{
	static const uint64_t types[] = { FS_VERITY_METADATA_TYPE_MERKLE_TREE,
					  FS_VERITY_METADATA_TYPE_DESCRIPTOR };
	char object[OBJECT_PATH], ours[2 * PAGE], its[2 * PAGE];
	int real, fd = open("1/big", O_RDONLY);
	ssize_t size;
	size_t i;

	object_path(self->world.store, self->digest, object);
	real = open(object, O_RDONLY);
	ASSERT_LE(0, real);
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		size = metadata(real, types[i], 0, its, sizeof(its));
		ASSERT_LT(0, size);
		EXPECT_EQ(size, metadata(fd, types[i], 0, ours, sizeof(ours)));
		EXPECT_EQ(0, memcmp(ours, its, size));
	}
	EXPECT_EQ(10, metadata(fd, types[0], 20, ours, 10));
	EXPECT_ERRNO(EINVAL, metadata(fd, 77, 0, ours, 10));
	EXPECT_ERRNO(EFAULT, metadata(fd, types[0], 0, NULL, 10));
}

TEST_F(attr, no_other_ioctl)
{
	struct fsverity_enable_arg enable = { .version = 1, .block_size = PAGE };
	int flags = 0, fd = open("1/big", O_RDONLY);

	EXPECT_ERRNO(EFAULT, ioctl(fd, FS_IOC_MEASURE_VERITY, NULL));
	EXPECT_ERRNO(ENOTTY, ioctl(fd, FS_IOC_ENABLE_VERITY, &enable));
	EXPECT_ERRNO(ENOTTY, ioctl(fd, FS_IOC_GETFLAGS, &flags));
	EXPECT_ERRNO(ENOTTY, ioctl(fd, 0x12345678, &flags));
}

TEST_HARNESS_MAIN
