// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What is in a file is what was sealed, by whatever way it is read.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <linux/aio_abi.h>

#include <kselftest_harness.h>

#include "expect.h"
#include "fixture.h"
#include "remote.h"
#include "report.h"

#define SIZE (5 * 1024 * 1024 + 4321)

FIXTURE(content)
{
	struct world world;
	struct cryptex cx;
	uint8_t *data;
	char *path;
	int fd;
};

FIXTURE_SETUP(content)
{
	struct tree t = {};
	uint32_t x = 1;
	size_t i;

	world_init(&self->world);
	cryptex_init(&self->cx, &self->world, "c");
	self->data = malloc(SIZE);
	for (i = 0; i < SIZE; i++) {
		x = x * 1664525 + 1013904223;
		self->data[i] = x >> 24;
	}
	tree_add_data(&t, &self->world, "big", 0644, self->data, SIZE);
	tree_add_text(&t, &self->world, "small", "small");
	tree_add_data(&t, &self->world, "empty", 0644, "", 0);
	tree_add_program(&t, &self->world, "agent", "agent");
	cryptex_mount_base(&self->cx, "1", &t);
	self->path = cryptex_path(&self->cx, "current/big");
	self->fd = open(self->path, O_RDONLY);
	ASSERT_GE(self->fd, 0);
}

FIXTURE_TEARDOWN(content)
{
	world_exit(&self->world);
}

static int copy(const char *from, const char *to)
{
	char command[1024];

	snprintf(command, sizeof(command), "cp %s %s", from, to);
	return system(command);
}

TEST_F(content, read_whole)
{
	uint8_t want[32], got[32];
	size_t size;
	void *data = file_read(self->path, &size);

	ASSERT_NE(NULL, data);
	EXPECT_EQ(SIZE, size);
	signer_sha256(self->data, SIZE, want);
	signer_sha256(data, size, got);
	EXPECT_EQ(0, memcmp(want, got, sizeof(want)));
}

/* The object's pages are read from the disk again, and checked again. */
TEST_F(content, read_from_disk)
{
	size_t size;
	void *data;

	ASSERT_EQ(0, system("sync; echo 3 >/proc/sys/vm/drop_caches"));
	data = file_read(self->path, &size);
	ASSERT_NE(NULL, data);
	EXPECT_EQ(0, memcmp(self->data, data, SIZE));
}

TEST_F(content, pread_at_odd_offsets)
{
	static const struct {
		off_t offset;
		size_t size;
	} cases[] = {
		{ 0, 1 }, { 1, 1 }, { 4095, 2 }, { 4096, 4096 }, { 4097, 8191 },
		{ 1234567, 100001 }, { SIZE - 1, 1 }, { SIZE - 4321, 4321 },
	};
	uint8_t *got = malloc(SIZE);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		ASSERT_EQ((ssize_t)cases[i].size,
			  pread(self->fd, got, cases[i].size, cases[i].offset));
		EXPECT_EQ(0, memcmp(got, self->data + cases[i].offset,
				    cases[i].size)) TH_LOG("case %zu", i);
	}
	EXPECT_EQ(1, pread(self->fd, got, 100, SIZE - 1));
	EXPECT_EQ(0, pread(self->fd, got, 100, SIZE));
	EXPECT_EQ(0, pread(self->fd, got, 100, SIZE + 100));
}

TEST_F(content, seek)
{
	EXPECT_EQ(SIZE, lseek(self->fd, 0, SEEK_END));
	EXPECT_EQ(SIZE + 10, lseek(self->fd, 10, SEEK_CUR));
	EXPECT_ERRNO(EINVAL, lseek(self->fd, -1, SEEK_SET));
	/* All of it is data, with the hole behind the end that there always is. */
	EXPECT_EQ(5000, lseek(self->fd, 5000, SEEK_DATA));
	EXPECT_EQ(SIZE, lseek(self->fd, 5000, SEEK_HOLE));
	EXPECT_ERRNO(ENXIO, lseek(self->fd, SIZE, SEEK_DATA));
	EXPECT_ERRNO(ENXIO, lseek(self->fd, SIZE, SEEK_HOLE));
}

/* Asked for in vain, so that nobody measures what is not done. */
TEST_F(content, no_direct_reads)
{
	struct iovec v = { self->data, 1 };

	EXPECT_ERRNO(EINVAL, open(self->path, O_RDONLY | O_DIRECT));
	EXPECT_ERRNO(EINVAL, fcntl(self->fd, F_SETFL, O_DIRECT));
	EXPECT_ERRNO(EOPNOTSUPP, preadv2(self->fd, &v, 1, 0, RWF_NOWAIT));
}

TEST_F(content, read_asynchronously)
{
	uint8_t *got = malloc(100000);
	struct iocb cb = {
		.aio_lio_opcode = IOCB_CMD_PREAD,
		.aio_fildes = self->fd,
		.aio_buf = (uintptr_t)got,
		.aio_nbytes = 100000,
		.aio_offset = 77777,
	}, *cbs = &cb;
	struct io_event event;
	aio_context_t context = 0;

	ASSERT_EQ(0, system("sync; echo 3 >/proc/sys/vm/drop_caches"));
	ASSERT_EQ(0, syscall(SYS_io_setup, 1, &context));
	ASSERT_EQ(1, syscall(SYS_io_submit, context, 1, &cbs));
	ASSERT_EQ(1, syscall(SYS_io_getevents, context, 1, 1, &event, NULL));
	EXPECT_EQ(100000, event.res);
	EXPECT_EQ(0, memcmp(got, self->data + 77777, 100000));
	syscall(SYS_io_destroy, context);
}

/* Pages of the file that are in memory; looking at it reads none in. */
static size_t count_cached(int fd)
{
	static unsigned char state[SIZE / 4096 + 1];
	void *p = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);
	size_t i, count = 0;

	if (p == MAP_FAILED || mincore(p, SIZE, state))
		die_errno("mincore");
	for (i = 0; i < ARRAY_SIZE(state); i++)
		count += state[i] & 1;
	munmap(p, SIZE);
	return count;
}

/* So much is read ahead at once on any disk. */
#define AHEAD 65536

/* Nobody waits for what is read ahead. */
static bool gets_cached(int fd)
{
	int tries;

	for (tries = 0; tries < 500; tries++) {
		if (count_cached(fd) == AHEAD / 4096)
			return true;
		usleep(10000);
	}
	return false;
}

TEST_F(content, advice_reaches_the_object)
{
	ASSERT_EQ(0, system("sync; echo 3 >/proc/sys/vm/drop_caches"));
	EXPECT_EQ(0, count_cached(self->fd));
	EXPECT_EQ(0, posix_fadvise(self->fd, SIZE / 4096 / 2 * 4096, AHEAD,
				   POSIX_FADV_WILLNEED));
	EXPECT_TRUE(gets_cached(self->fd));
	EXPECT_EQ(0, posix_fadvise(self->fd, 0, 0, POSIX_FADV_DONTNEED));
	EXPECT_EQ(0, count_cached(self->fd));
	EXPECT_EQ(0, posix_fadvise(self->fd, 0, 0, POSIX_FADV_RANDOM));
	EXPECT_EQ(0, posix_fadvise(self->fd, 0, 0, POSIX_FADV_SEQUENTIAL));
	EXPECT_EQ(0, posix_fadvise(self->fd, 0, 0, POSIX_FADV_NOREUSE));
	EXPECT_EQ(0, posix_fadvise(self->fd, 0, 0, POSIX_FADV_NORMAL));
	EXPECT_EQ(EINVAL, posix_fadvise(self->fd, 0, 0, 99));
	EXPECT_EQ(EINVAL, posix_fadvise(self->fd, 0, -1, POSIX_FADV_NORMAL));
}

/* A page alone is read when reads are said to be at random. */
TEST_F(content, random_reads_do_not_read_ahead)
{
	uint8_t byte;

	ASSERT_EQ(0, system("sync; echo 3 >/proc/sys/vm/drop_caches"));
	ASSERT_EQ(0, posix_fadvise(self->fd, 0, 0, POSIX_FADV_RANDOM));
	ASSERT_EQ(1, pread(self->fd, &byte, 1, SIZE / 2));
	EXPECT_EQ(1, count_cached(self->fd));
}

TEST_F(content, readahead)
{
	char *dir = cryptex_path(&self->cx, "1");

	ASSERT_EQ(0, system("sync; echo 3 >/proc/sys/vm/drop_caches"));
	EXPECT_EQ(0, readahead(self->fd, 0, AHEAD));
	EXPECT_TRUE(gets_cached(self->fd));
	EXPECT_ERRNO(EINVAL, readahead(open(dir, O_RDONLY), 0, 1));
}

TEST_F(content, readv)
{
	uint8_t got[3][1000];
	struct iovec v[3] = { { got[0], 1000 }, { got[1], 1 }, { got[2], 999 } };

	ASSERT_EQ(2000, readv(self->fd, v, 3));
	EXPECT_EQ(0, memcmp(got[0], self->data, 1000));
	EXPECT_EQ(self->data[1000], got[1][0]);
	EXPECT_EQ(0, memcmp(got[2], self->data + 1001, 999));
}

/* Runs through a pipe, so through splice as well as sendfile. */
TEST_F(content, sendfile)
{
	char path[128];
	uint8_t *got;
	size_t size;
	off_t offset = 3;
	int out;

	snprintf(path, sizeof(path), "%s/copy", self->world.dir);
	out = open(path, O_WRONLY | O_CREAT, 0644);
	ASSERT_GE(out, 0);
	while (offset < SIZE) {
		ASSERT_LT(0, sendfile(out, self->fd, &offset, SIZE));
	}
	got = file_read(path, &size);
	ASSERT_EQ(SIZE - 3, size);
	EXPECT_EQ(0, memcmp(got, self->data + 3, size));
}

TEST_F(content, splice)
{
	uint8_t got[4096];
	off64_t offset = 4093;
	int pipes[2];
	ssize_t n;

	ASSERT_EQ(0, pipe(pipes));
	n = splice(self->fd, &offset, pipes[1], NULL, sizeof(got), 0);
	ASSERT_LT(0, n);
	EXPECT_EQ(4093 + n, offset);
	ASSERT_EQ(n, read(pipes[0], got, sizeof(got)));
	EXPECT_EQ(0, memcmp(got, self->data + 4093, n));
}

static void copies_out(struct __test_metadata *_metadata,
		       FIXTURE_DATA(content) *self, const char *dir)
{
	char path[256];
	uint8_t *got;
	size_t size;
	int out;

	snprintf(path, sizeof(path), "%s/copied", dir);
	out = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
	ASSERT_LE(0, out);
	EXPECT_ERRNO(EXDEV, copy_file_range(self->fd, NULL, out, NULL, SIZE, 0));
	close(out);
	ASSERT_EQ(0, copy(self->path, path));
	got = file_read(path, &size);
	ASSERT_EQ(SIZE, size);
	EXPECT_EQ(0, memcmp(got, self->data, size));
	unlink(path);
}

/*
 * The kernel copies between two file systems of different types for none; who
 * copies falls back to reading, as cp does.
 */
TEST_F(content, copy)
{
	copies_out(_metadata, self, self->world.dir);
	copies_out(_metadata, self, self->world.store);
}

TEST_F(content, mappings)
{
	uint8_t *private = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE,
				self->fd, 0);
	uint8_t *shared = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, self->fd, 0);

	ASSERT_NE(MAP_FAILED, private);
	ASSERT_NE(MAP_FAILED, shared);
	EXPECT_EQ(0, memcmp(private, self->data, SIZE));
	EXPECT_EQ(0, memcmp(shared, self->data, SIZE));
	/* The rest of the last page is zero. */
	EXPECT_EQ(0, shared[SIZE]);
	/* A private copy is one's own. */
	private[5000] ^= 0xff;
	EXPECT_EQ(self->data[5000], shared[5000]);
	EXPECT_EQ(-1, mprotect(shared, SIZE, PROT_READ | PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
				   MAP_SHARED, self->fd, 0));
	EXPECT_EQ(EACCES, errno);
}

TEST_F(content, a_mapping_outlives_its_descriptor)
{
	uint8_t *data = mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE, self->fd, 0);

	ASSERT_NE(MAP_FAILED, data);
	close(self->fd);
	ASSERT_EQ(0, system("sync; echo 3 >/proc/sys/vm/drop_caches"));
	EXPECT_EQ(0, memcmp(data, self->data, SIZE));
}

TEST_F(content, empty_and_small)
{
	char got[100];
	char *path = cryptex_path(&self->cx, "1/empty");
	int fd = open(path, O_RDONLY);

	EXPECT_EQ(0, read(fd, got, sizeof(got)));
	path = cryptex_path(&self->cx, "1/small");
	fd = open(path, O_RDONLY);
	EXPECT_EQ(5, read(fd, got, sizeof(got)));
	EXPECT_EQ(0, memcmp(got, "small", 5));
}

TEST_F(content, exec)
{
	struct remote r;

	remote_start(&r);
	ASSERT_EQ(0, remote_do(&r, "exec %s/current/agent", self->cx.dir));
	/* Neither what has no permission to be executed. */
	EXPECT_EQ(-EACCES, remote_do(&r, "exec %s/current/small",
				     self->cx.dir));
	remote_stop(&r);
}

/* The store is closed to others; what is mounted from it is not. */
TEST_F(content, an_unprivileged_reader)
{
	struct stat st;
	struct remote r;

	ASSERT_EQ(0, stat(self->world.store, &st));
	ASSERT_EQ(0700, st.st_mode & 0777);
	ASSERT_EQ(0, system("sync; echo 3 >/proc/sys/vm/drop_caches"));
	remote_start(&r);
	ASSERT_EQ(0, remote_do(&r, "uid 1000"));
	EXPECT_STREQ("small", remote_ask(&r, "head %s/current/small",
					 self->cx.dir));
	ASSERT_EQ(0, remote_do(&r, "map %s/current/agent rx p", self->cx.dir));
	ASSERT_EQ(0, remote_do(&r, "exec %s/current/agent", self->cx.dir));
	remote_stop(&r);
}

TEST_HARNESS_MAIN
