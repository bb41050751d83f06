// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the two sides of the channel take from each other, and what not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/channel.h"

#define HEAD offsetof(struct cx_message, batch)

static int ends[2];
static struct cx_message got, sent;

static int set_up(void **unused)
{
	(void)unused;
	memset(&sent, 0, sizeof(sent));
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends);
}

static int tear_down(void **unused)
{
	(void)unused;
	close(ends[0]);
	close(ends[1]);
	return 0;
}

static int open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static int temporary(int flags)
{
	int fd = open("/tmp", O_TMPFILE | flags, 0600);

	assert_true(fd >= 0);
	return fd;
}

/* send_raw SIZE FDS...: any bytes with any descriptors */
static void send_raw(const void *data, size_t size, const int *fds, size_t count)
{
	struct iovec iov = { (void *)data, size };
	char space[CMSG_SPACE(32 * sizeof(int))] = { 0 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;

	if (count) {
		msg.msg_control = space;
		msg.msg_controllen = CMSG_SPACE(count * sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(c), fds, count * sizeof(int));
	}
	assert_true(sendmsg(ends[0], &msg, 0) == (ssize_t)size);
}

static int receive(enum cx_side from, int *fd)
{
	struct cx_error err = { "" };
	int rc = cx_channel_recv(ends[1], from, &got, fd, &err);

	assert_true(rc >= 0 || *err.text);
	return rc;
}

static void refuses(enum cx_side from)
{
	int fd, before = open_fds();

	assert_int_equal(receive(from, &fd), -EBADMSG);
	assert_int_equal(fd, -1);
	/* What was sent along is closed, as far as it arrived here. */
	assert_true(open_fds() <= before);
}

static void fill_release(void)
{
	sent.type = CX_MESSAGE_RELEASE;
	sent.release = (struct cx_release){
		.item = { "openssl", "3" }, .seal_size = 1, .patch = 1,
		.severity = "low", .channel = "stable",
	};
}

static void messages_arrive_as_they_were_sent(void **unused)
{
	struct cx_error err;
	int fd, file = temporary(O_RDWR);

	(void)unused;
	fill_release();
	assert_int_equal(cx_channel_send(ends[0], &sent, -1, &err), 0);
	assert_int_equal(receive(CX_SIDE_FETCHER, &fd), 1);
	assert_int_equal(fd, -1);
	assert_memory_equal(&got.release, &sent.release, sizeof(got.release));
	sent = (struct cx_message){ .type = CX_MESSAGE_FILE };
	sent.file.way = CX_WAY_DELTA;
	sent.file.size = 4;
	assert_int_equal(write(file, "data", 4), 4);
	assert_int_equal(cx_channel_send(ends[0], &sent, file, &err), 0);
	assert_int_equal(receive(CX_SIDE_FETCHER, &fd), 1);
	assert_true(fd >= 0 && fd != file);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(pread(fd, &got, 10, 0), 4);
	close(fd);
	close(file);
	close(ends[0]);
	ends[0] = -1;
	assert_int_equal(receive(CX_SIDE_FETCHER, &fd), 0);
}

static void an_end_is_told_to_the_sender(void **unused)
{
	struct cx_error err;

	(void)unused;
	close(ends[1]);
	ends[1] = -1;
	sent.type = CX_MESSAGE_GO;
	assert_int_equal(cx_channel_send(ends[0], &sent, -1, &err), -EPIPE);
}

/* Each type, with each size that is not its own */
static void only_the_right_size_is_taken(void **unused)
{
	size_t size, taken = 0;
	uint32_t type;
	int fd;

	(void)unused;
	fill_release();
	for (type = 0; type < CX_MESSAGE_TYPES + 2; type++) {
		sent.type = type;
		for (size = 0; size <= sizeof(sent); size += size < 1200 ? 1 : 97) {
			if (!size)
				continue;
			send_raw(&sent, size, NULL, 0);
			taken += receive(CX_SIDE_FETCHER, &fd) == 1;
			send_raw(&sent, size, NULL, 0);
			taken += receive(CX_SIDE_OWNER, &fd) == 1;
		}
	}
	/* REFRESH and GO are empty; of the others zeros make no sense */
	assert_in_range(taken, 2, 6);
}

static void more_than_a_message_is_refused(void **unused)
{
	static char large[sizeof(struct cx_message) + 8];

	(void)unused;
	fill_release();
	memcpy(large, &sent, sizeof(sent));
	send_raw(large, sizeof(large), NULL, 0);
	refuses(CX_SIDE_FETCHER);
}

static void nobody_speaks_for_the_other_side(void **unused)
{
	(void)unused;
	sent.type = CX_MESSAGE_GO;
	send_raw(&sent, HEAD, NULL, 0);
	refuses(CX_SIDE_FETCHER);
	fill_release();
	send_raw(&sent, HEAD + sizeof(sent.release), NULL, 0);
	refuses(CX_SIDE_OWNER);
}

static void send_file(const int *fds, size_t count)
{
	sent = (struct cx_message){ .type = CX_MESSAGE_FILE };
	sent.file.size = 1;
	send_raw(&sent, HEAD + sizeof(sent.file), fds, count);
}

static void only_regular_files_are_taken(void **unused)
{
	int fds[] = {
		open("/dev/zero", O_RDONLY), open("/", O_RDONLY | O_DIRECTORY),
		open("/etc/passwd", O_PATH), temporary(O_WRONLY), ends[0],
		-1, -1,
	};
	size_t i;

	(void)unused;
	assert_int_equal(pipe(fds + 5), 0);
	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		send_file(&fds[i], 1);
		refuses(CX_SIDE_FETCHER);
		if (fds[i] != ends[0])
			close(fds[i]);
	}
}

static void exactly_one_descriptor_is_taken(void **unused)
{
	int fds[32], i, file = temporary(O_RDWR), before;

	(void)unused;
	for (i = 0; i < 32; i++)
		fds[i] = file;
	before = open_fds();
	for (i = 0; i <= 32; i++) {
		if (i == 1)
			continue;
		send_file(fds, i);
		refuses(CX_SIDE_FETCHER);
	}
	/* One where none belongs */
	fill_release();
	send_raw(&sent, HEAD + sizeof(sent.release), fds, 1);
	refuses(CX_SIDE_FETCHER);
	assert_int_equal(open_fds(), before);
	close(file);
}

static void values_are_checked(void **unused)
{
	static const struct cx_object too_large = { .size = UINT64_MAX };

	(void)unused;
	sent.type = CX_MESSAGE_WANT;
	sent.batch.count = CX_CHANNEL_BATCH + 1;
	send_raw(&sent, HEAD + sizeof(sent.batch), NULL, 0);
	refuses(CX_SIDE_OWNER);
	sent.batch.count = 1;
	sent.batch.objects[0] = too_large;
	send_raw(&sent, HEAD + sizeof(sent.batch), NULL, 0);
	refuses(CX_SIDE_OWNER);
	sent = (struct cx_message){ .type = CX_MESSAGE_FAIL };
	send_raw(&sent, HEAD + sizeof(sent.fail), NULL, 0);
	refuses(CX_SIDE_FETCHER);
	sent.fail.code = -EIO;
	strcpy(sent.fail.reason.text, "\033[2J");
	send_raw(&sent, HEAD + sizeof(sent.fail), NULL, 0);
	refuses(CX_SIDE_FETCHER);
	memset(sent.fail.reason.text, 'a', sizeof(sent.fail.reason.text));
	send_raw(&sent, HEAD + sizeof(sent.fail), NULL, 0);
	refuses(CX_SIDE_FETCHER);
	sent = (struct cx_message){ .type = CX_MESSAGE_SEAL };
	strcpy(sent.item.name, "../../etc");
	strcpy(sent.item.label, "1");
	send_raw(&sent, HEAD + sizeof(sent.item), NULL, 0);
	refuses(CX_SIDE_OWNER);
}

/* A million bytes that mean nothing, half of them behind a true head: nothing
 * is taken that does not pass the checks again, and no descriptor stays. */
static void noise_is_survived(void **unused)
{
	unsigned int i, taken = 0;
	int fds[3], before, fd;
	static uint8_t noise[sizeof(struct cx_message) + 64];

	(void)unused;
	fds[0] = fds[1] = fds[2] = temporary(O_RDWR);
	before = open_fds();
	srandom(1);
	for (i = 0; i < 20000; i++) {
		size_t k, size = 1 + random() % sizeof(noise);
		enum cx_side from = random() % 2;

		for (k = 0; k < size && k < 64; k++)
			noise[random() % size] = random();
		if (i % 2 && size >= HEAD) {
			memset(noise, 0, HEAD);
			noise[0] = random() % (CX_MESSAGE_TYPES + 1);
		}
		send_raw(noise, size, fds, random() % 4);
		if (receive(from, &fd) != 1)
			continue;
		taken++;
		if (fd >= 0)
			close(fd);
		assert_true(got.type < CX_MESSAGE_TYPES);
	}
	assert_int_equal(open_fds(), before);
	assert_true(taken < 1000);
	close(fds[0]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(messages_arrive_as_they_were_sent),
		TEST(an_end_is_told_to_the_sender),
		TEST(only_the_right_size_is_taken),
		TEST(more_than_a_message_is_refused),
		TEST(nobody_speaks_for_the_other_side),
		TEST(only_regular_files_are_taken),
		TEST(exactly_one_descriptor_is_taken),
		TEST(values_are_checked),
		TEST(noise_is_survived),
	};

	return cmocka_run_group_tests_name("channel", tests, NULL, NULL);
}
