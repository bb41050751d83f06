// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Objects that are missing, others, or damaged on the disk: refused when they
 * are sealed in, an I/O error later, never wrong data.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <kselftest_harness.h>

#include "disk.h"
#include "kmsg.h"
#include "refusal.h"
#include "remote.h"
#include "report.h"

#define PAGE 4096
#define SIZE (64 * PAGE + 100)

FIXTURE(object)
{
	struct world world;
	struct cryptex cx;
	struct tree tree;
	uint8_t data[SIZE];
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	char object[OBJECT_PATH];	/* where the content of "f" lies */
	char *path;			/* and where it appears */
	int log;
};

/* The content is this test's alone: the store is shared. */
FIXTURE_SETUP(object)
{
	size_t i;

	world_init(&self->world);
	cryptex_init(&self->cx, &self->world, "o");
	for (i = 0; i < SIZE; i++)
		self->data[i] = i + i / 251;
	snprintf((char *)self->data, 32, "%d", getpid());
	object_put(self->world.store, self->data, SIZE, self->digest);
	object_path(self->world.store, self->digest, self->object);
	tree_add_file(&self->tree, "f", 0755, SIZE, self->digest);
	cryptex_mount_base(&self->cx, "1", &self->tree);
	self->path = cryptex_path(&self->cx, "current/f");
	self->log = kmsg_open();
}

FIXTURE_TEARDOWN(object)
{
	unlink(self->object);
	world_exit(&self->world);
}

static bool stage_refused_as(FIXTURE_DATA(object) *self, struct tree *t,
			     const char *text)
{
	struct blob seal = cryptex_seal(&self->cx, "2", t);

	return stage_seal_refused(&self->cx, &seal, &(struct refusal) {
				  -EUCLEAN, text });
}

static int open_errno(const char *path)
{
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

TEST_F(object, missing)
{
	struct stat st;

	ASSERT_EQ(0, unlink(self->object));
	EXPECT_TRUE(stage_refused_as(self, &self->tree, "of f is missing"));
	EXPECT_EQ(EIO, open_errno(self->path));
	/* The path is there: the seal says so. */
	EXPECT_EQ(0, stat(self->path, &st));
	EXPECT_EQ(SIZE, st.st_size);
	/* And back. */
	object_put(self->world.store, self->data, SIZE, self->digest);
	EXPECT_EQ(0, open_errno(self->path));
	cryptex_stage(&self->cx, "2", &self->tree);
}

/* Who has it open keeps it: it is the content that was sealed. */
TEST_F(object, removed_while_open)
{
	int fd = open(self->path, O_RDONLY);
	uint8_t got[SIZE];

	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, unlink(self->object));
	EXPECT_EQ(EIO, open_errno(self->path));
	ASSERT_EQ(SIZE, pread(fd, got, SIZE, 0));
	EXPECT_EQ(0, memcmp(got, self->data, SIZE));
}

/* What was opened before is not taken for what the store has now. */
TEST_F(object, replaced_after_it_was_open)
{
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	char away[OBJECT_PATH + 8], other[OBJECT_PATH];

	ASSERT_EQ(0, open_errno(self->path));
	snprintf(away, sizeof(away), "%s.away", self->object);
	ASSERT_EQ(0, link(self->object, away));
	self->data[0] ^= 1;
	object_put(self->world.store, self->data, SIZE, digest);
	object_path(self->world.store, digest, other);
	ASSERT_EQ(0, rename(other, self->object));
	EXPECT_EQ(EIO, open_errno(self->path));
	ASSERT_EQ(0, rename(away, self->object));
	EXPECT_EQ(0, open_errno(self->path));
	EXPECT_EQ(0, open_errno(self->path));
}

static void replaced(struct __test_metadata *_metadata,
		     FIXTURE_DATA(object) *self)
{
	EXPECT_TRUE(stage_refused_as(self, &self->tree,
				     "of f is not what was sealed"));
	EXPECT_EQ(EIO, open_errno(self->path));
}

TEST_F(object, another_content)
{
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	char other[OBJECT_PATH];

	self->data[SIZE / 2] ^= 1;
	object_put(self->world.store, self->data, SIZE, digest);
	object_path(self->world.store, digest, other);
	ASSERT_EQ(0, rename(other, self->object));
	replaced(_metadata, self);
}

/* The right content, but nothing that would check it when it is read. */
TEST_F(object, without_verity)
{
	ASSERT_EQ(0, unlink(self->object));
	file_write(self->object, self->data, SIZE);
	replaced(_metadata, self);
}

TEST_F(object, a_link)
{
	char real[OBJECT_PATH + 8];

	snprintf(real, sizeof(real), "%s.real", self->object);
	ASSERT_EQ(0, rename(self->object, real));
	ASSERT_EQ(0, symlink(real, self->object));
	replaced(_metadata, self);
	unlink(real);
}

TEST_F(object, a_folder)
{
	ASSERT_EQ(0, unlink(self->object));
	ASSERT_EQ(0, mkdir(self->object, 0755));
	replaced(_metadata, self);
	rmdir(self->object);
}

TEST_F(object, a_pipe)
{
	ASSERT_EQ(0, unlink(self->object));
	ASSERT_EQ(0, mkfifo(self->object, 0644));
	replaced(_metadata, self);
}

TEST_F(object, another_size)
{
	struct tree t = {};

	tree_add_file(&t, "f", 0755, SIZE + 1, self->digest);
	EXPECT_TRUE(stage_refused_as(self, &t, "of f is not what was sealed"));
	tree_exit(&t);
	tree_add_file(&t, "f", 0755, 0, self->digest);
	EXPECT_TRUE(stage_refused_as(self, &t, "of f is not what was sealed"));
	tree_exit(&t);
	tree_add_file(&t, "f", 0755, INT64_MAX, self->digest);
	EXPECT_TRUE(stage_refused_as(self, &t, "of f is not what was sealed"));
}

/* How often was it told, since last asked, that reading failed? */
static int told(FIXTURE_DATA(object) *self)
{
	return kmsg_count(self->log, "corrupted read");
}

/* Which pages cannot be read?  None must have other content than was sealed. */
static int count_bad_pages(FIXTURE_DATA(object) *self, int fd)
{
	uint8_t got[PAGE];
	int bad = 0;
	off_t at;

	for (at = 0; at < SIZE; at += PAGE) {
		ssize_t n = pread(fd, got, PAGE, at);

		if (n < 0 && errno == EIO)
			bad++;
		else if (n <= 0 || memcmp(got, self->data + at, n))
			die("wrong data at %ld", (long)at);
	}
	return bad;
}

TEST_F(object, damaged_on_the_disk)
{
	uint8_t got[SIZE];
	int fd, pipes[2];
	loff_t offset = 10 * PAGE;

	ASSERT_EQ(0, pipe(pipes));
	disk_flip(self->object, 10 * PAGE + 17, self->world.dir);
	fd = open(self->path, O_RDONLY);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(0, told(self));
	EXPECT_EQ(-1, pread(fd, got, 1, 10 * PAGE));
	EXPECT_EQ(EIO, errno);
	EXPECT_EQ(1, told(self));
	EXPECT_EQ(-1, splice(fd, &offset, pipes[1], NULL, 100, 0));
	EXPECT_EQ(EIO, errno);
	EXPECT_EQ(1, told(self));
	/* Nobody was given anything of what read ahead could not read. */
	EXPECT_EQ(0, posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED));
	EXPECT_EQ(1, pread(fd, got, 1, 9 * PAGE));
	EXPECT_EQ(0, told(self));
	EXPECT_EQ(1, count_bad_pages(self, fd));
	/* A read from before it ends before it. */
	EXPECT_GE(10 * PAGE, pread(fd, got, SIZE, 0));
	/* Mended, it can be read again. */
	disk_flip(self->object, 10 * PAGE + 17, self->world.dir);
	EXPECT_EQ(0, count_bad_pages(self, fd));
}

/* The end of the last block, which no read returns, is checked as well. */
TEST_F(object, damaged_behind_the_end)
{
	int fd;

	disk_flip(self->object, SIZE + 1000, self->world.dir);
	fd = open(self->path, O_RDONLY);
	EXPECT_GE(1, count_bad_pages(self, fd));
}

static off_t hashes(void)
{
	const off_t align = 65536;	/* where ext4 puts them */

	return (SIZE + align - 1) / align * align;
}

TEST_F(object, damaged_hashes)
{
	int fd;

	disk_flip(self->object, hashes() + 5, self->world.dir);
	fd = open(self->path, O_RDONLY);
	ASSERT_GE(fd, 0);
	EXPECT_LE(1, count_bad_pages(self, fd));
	EXPECT_LE(1, told(self));
	/* The log takes few lines of one kind in 5 seconds. */
	sleep(6);
}

static int wait_for_signal(void)
{
	int status;

	if (wait(&status) < 0)
		die_errno("wait");
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static int touch_in_child(const char *path, int prot, off_t at)
{
	int fd = open(path, O_RDONLY);

	if (!fork()) {
		volatile uint8_t *p = mmap(NULL, 2 * SIZE, prot, MAP_PRIVATE, fd,
					    0);

		signal(SIGBUS, SIG_DFL);
		_exit(p == MAP_FAILED ? 1 : 0 * p[at]);
	}
	close(fd);
	return wait_for_signal();
}

TEST_F(object, damaged_and_mapped)
{
	disk_flip(self->object, 10 * PAGE + 17, self->world.dir);
	EXPECT_EQ(SIGBUS, touch_in_child(self->path, PROT_READ, 10 * PAGE));
	EXPECT_EQ(1, told(self));
	EXPECT_EQ(SIGBUS, touch_in_child(self->path, PROT_READ | PROT_EXEC,
					 10 * PAGE + 1));
	EXPECT_EQ(1, told(self));
	EXPECT_EQ(0, touch_in_child(self->path, PROT_READ, 0));
	EXPECT_EQ(0, touch_in_child(self->path, PROT_READ, SIZE - 1));
	/* What mmap(2) promises of an access behind the end. */
	EXPECT_EQ(SIGBUS, touch_in_child(self->path, PROT_READ, SIZE + PAGE));
	EXPECT_EQ(0, told(self));
}

/* The kernel meets it on behalf of a process, which gets an error. */
TEST_F(object, damaged_and_written_from)
{
	int pipes[2], fd = open(self->path, O_RDONLY);
	uint8_t *p;

	disk_flip(self->object, 10 * PAGE + 17, self->world.dir);
	p = mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE, fd, 0);
	ASSERT_NE(MAP_FAILED, p);
	ASSERT_EQ(0, pipe(pipes));
	EXPECT_EQ(-1, write(pipes[1], p + 10 * PAGE, 1));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_LE(1, told(self));
}

/* Mapped from two generations, all of it through one set of operations. */
TEST_F(object, damaged_and_mapped_twice)
{
	char *other = cryptex_path(&self->cx, "2/f");

	cryptex_stage(&self->cx, "2", &self->tree);
	disk_flip(self->object, 10 * PAGE + 17, self->world.dir);
	EXPECT_EQ(SIGBUS, touch_in_child(self->path, PROT_READ, 10 * PAGE));
	EXPECT_EQ(SIGBUS, touch_in_child(other, PROT_READ, 10 * PAGE));
	EXPECT_EQ(2, told(self));
	EXPECT_EQ(0, touch_in_child(other, PROT_READ, 11 * PAGE));
	EXPECT_EQ(0, told(self));
}

/* A mapping outlives its descriptor and the mount's place in the tree. */
TEST_F(object, damaged_behind_a_detached_mount)
{
	volatile uint8_t *p;
	int fd = open(self->path, O_RDONLY);

	p = mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE, fd, 0);
	ASSERT_NE(MAP_FAILED, p);
	close(fd);
	ASSERT_EQ(0, umount2(self->cx.dir, MNT_DETACH));
	disk_flip(self->object, 10 * PAGE + 17, self->world.dir);
	EXPECT_EQ(self->data[0], p[0]);
	if (!fork())
		_exit(p[10 * PAGE]);
	EXPECT_EQ(SIGBUS, wait_for_signal());
	EXPECT_EQ(1, told(self));
}

/* A damaged program does not start, and does not run to the damaged page. */
TEST_F(object, damaged_program)
{
	struct cryptex cx;
	struct tree t = {};
	struct remote r;
	char object[OBJECT_PATH];

	cryptex_init(&cx, &self->world, "p");
	tree_add_program(&t, &self->world, "agent", "agent");
	object_path(self->world.store, t.nodes[0].digest, object);
	cryptex_mount_base(&cx, "1", &t);
	remote_start(&r);
	ASSERT_EQ(0, remote_do(&r, "exec %s/1/agent", cx.dir));
	remote_stop(&r);
	disk_flip(object, 100, self->world.dir);
	remote_start(&r);
	EXPECT_EQ(-EIO, remote_do(&r, "exec %s/1/agent", cx.dir));
	EXPECT_EQ(1, told(self));
	remote_stop(&r);
	disk_flip(object, 100, self->world.dir);
}

TEST_HARNESS_MAIN
