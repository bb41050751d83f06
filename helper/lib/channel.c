// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define MANY_FDS 8	/* room for more than there may be, to close them */

#define SIZE(member) sizeof(((struct cx_message *)0)->member)

/* What there is: who sends it, how long it is behind its type, and whether a
 * descriptor comes with it. */
static const struct {
	enum cx_side from;
	size_t size;
	bool has_fd;
} kinds[CX_MESSAGE_TYPES] = {
	[CX_MESSAGE_REFRESH] = { CX_SIDE_OWNER, SIZE(refresh), false },
	[CX_MESSAGE_SEAL] = { CX_SIDE_OWNER, SIZE(item), false },
	[CX_MESSAGE_HAVE] = { CX_SIDE_OWNER, SIZE(batch), false },
	[CX_MESSAGE_WANT] = { CX_SIDE_OWNER, SIZE(batch), false },
	[CX_MESSAGE_GO] = { CX_SIDE_OWNER, 0, false },
	[CX_MESSAGE_TAKEN] = { CX_SIDE_OWNER, SIZE(file), false },
	[CX_MESSAGE_REFUSED] = { CX_SIDE_OWNER, SIZE(file), false },
	[CX_MESSAGE_RELEASE] = { CX_SIDE_FETCHER, SIZE(release), false },
	[CX_MESSAGE_LIST] = { CX_SIDE_FETCHER, SIZE(list), true },
	[CX_MESSAGE_FILE] = { CX_SIDE_FETCHER, SIZE(file), true },
	[CX_MESSAGE_PROGRESS] = { CX_SIDE_FETCHER, SIZE(progress), false },
	[CX_MESSAGE_NOTE] = { CX_SIDE_FETCHER, SIZE(fail), false },
	[CX_MESSAGE_DONE] = { CX_SIDE_FETCHER, SIZE(done), false },
	[CX_MESSAGE_FAIL] = { CX_SIDE_FETCHER, SIZE(fail), false },
};

#define HEAD offsetof(struct cx_message, batch)

union control {
	struct cmsghdr align;
	char space[CMSG_SPACE(MANY_FDS * sizeof(int))];
};

static void attach(struct msghdr *msg, union control *control, int fd)
{
	struct cmsghdr *c;

	memset(control, 0, sizeof(*control));
	msg->msg_control = control->space;
	msg->msg_controllen = CMSG_SPACE(sizeof(fd));
	c = CMSG_FIRSTHDR(msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
}

int cx_channel_send(int sock, const struct cx_message *message, int fd,
		    struct cx_error *err)
{
	struct iovec iov = { (void *)message, HEAD + kinds[message->type].size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	union control control;
	ssize_t n;

	if (fd >= 0)
		attach(&msg, &control, fd);
	do
		n = sendmsg(sock, &msg, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return cx_fail(err, -errno, "the other process cannot be reached: %s",
			       strerror(errno));
	return 0;
}

/* Take the descriptors out; more than one, and something else, is refused. */
static bool detach(struct msghdr *msg, int *fd)
{
	struct cmsghdr *c;
	int fds[MANY_FDS];
	size_t i, count;
	bool good = !(msg->msg_flags & MSG_CTRUNC);

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) {
			good = false;
			continue;
		}
		count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(c), count * sizeof(int));
		for (i = 0; i < count; i++) {
			if (*fd < 0) {
				*fd = fds[i];
				continue;
			}
			close(fds[i]);
			good = false;
		}
	}
	return good;
}

/* A file that reading cannot block on; what it holds may change all the time. */
static bool fd_ok(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	struct stat st;

	return flags >= 0 && !(flags & O_PATH) &&
	       (flags & O_ACCMODE) != O_WRONLY && !fstat(fd, &st) &&
	       S_ISREG(st.st_mode);
}

static bool file_ok(const struct cx_message_file *file)
{
	return file->way <= CX_WAY_DELTA && file->size && !file->reserved &&
	       file->size <= INT64_MAX && file->fetched <= INT64_MAX;
}

static bool batch_ok(const struct cx_message_batch *batch)
{
	uint32_t i;

	if (batch->count > CX_CHANNEL_BATCH || batch->reserved)
		return false;
	for (i = 0; i < batch->count; i++)
		if (batch->objects[i].size > INT64_MAX)
			return false;
	return true;
}

static bool item_ok(const struct cx_item *item)
{
	return !item->name[sizeof(item->name) - 1] &&
	       !item->label[sizeof(item->label) - 1] &&
	       cryptex_name_ok(item->name) && cryptex_label_ok(item->label);
}

/* The sentence goes to a terminal. */
static bool fail_ok(const struct cx_message_fail *fail)
{
	return fail->code < 0 && fail->code >= -4095 &&
	       !fail->reason.text[sizeof(fail->reason.text) - 1] &&
	       cx_is_one_line(fail->reason.text);
}

static bool content_ok(const struct cx_message *m)
{
	switch (m->type) {
	case CX_MESSAGE_HAVE:
	case CX_MESSAGE_WANT:
		return batch_ok(&m->batch);
	case CX_MESSAGE_SEAL:
		return item_ok(&m->item);
	case CX_MESSAGE_TAKEN:
	case CX_MESSAGE_REFUSED:
	case CX_MESSAGE_FILE:
		return file_ok(&m->file);
	case CX_MESSAGE_PROGRESS:
		return m->progress.done <= INT64_MAX &&
		       m->progress.total <= INT64_MAX;
	case CX_MESSAGE_DONE:
		return m->done.fetched <= INT64_MAX;
	case CX_MESSAGE_LIST:
		return m->list.number;
	case CX_MESSAGE_FAIL:
	case CX_MESSAGE_NOTE:
		return fail_ok(&m->fail);
	default:
		return true;
	}
}

static int check(const struct cx_message *m, size_t size, enum cx_side from,
		 int fd, struct cx_error *err)
{
	if (size < HEAD || m->reserved || !m->type ||
	    m->type >= CX_MESSAGE_TYPES || kinds[m->type].from != from)
		return cx_fail(err, -EBADMSG,
			       "the other process sent what is no message");
	if (size != HEAD + kinds[m->type].size ||
	    kinds[m->type].has_fd != (fd >= 0) || (fd >= 0 && !fd_ok(fd)) ||
	    !content_ok(m))
		return cx_fail(err, -EBADMSG,
			       "the other process sent a message of type %u that cannot be",
			       m->type);
	return m->type == CX_MESSAGE_RELEASE ?
	       cx_release_check(&m->release, err) : 0;
}

int cx_channel_recv(int sock, enum cx_side from, struct cx_message *message,
		    int *fd, struct cx_error *err)
{
	struct iovec iov = { message, sizeof(*message) };
	union control control;
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof(control.space),
	};
	ssize_t n;
	int rc;

	*fd = -1;
	do
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return cx_fail(err, -errno, "the other process cannot be heard: %s",
			       strerror(errno));
	if (!n && !msg.msg_controllen)
		return 0;
	rc = detach(&msg, fd) && !(msg.msg_flags & MSG_TRUNC) ?
	     check(message, n, from, *fd, err) :
	     cx_fail(err, -EBADMSG, "the other process sent more than a message");
	if (rc && *fd >= 0) {
		close(*fd);
		*fd = -1;
	}
	return rc ? rc : 1;
}
