// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * In place of cryptex-fetch: what a fetcher that was taken over may tell the process
 * that owns the store.  The last word of the URL's path says which lie.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/channel.h"

#define SOCK	3
#define SPOOL	4

static struct cx_message message;

static void send_message(uint32_t type, int fd)
{
	message.type = type;
	if (cx_channel_send(SOCK, &message, fd, NULL))
		exit(1);
}

static int part(const char *text)
{
	int fd = openat(SPOOL, "lie", O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		exit(1);
	return fd;
}

static void fill_release(void)
{
	message.release = (struct cx_release){
		.item = { "hello", "9" }, .digest = { 9 }, .base = { 1 },
		.seal_size = 100, .patch = 1, .rollout_percent = 100,
		.severity = "low", .channel = "stable",
	};
}

static void noise(void)
{
	char bytes[5000];
	int i;

	for (i = 0; i < 1000; i++)
		if (getrandom(bytes, sizeof(bytes), 0) < 0 ||
		    send(SOCK, bytes, 1 + i, MSG_NOSIGNAL) < 0)
			return;
}

static void flood(void)
{
	for (;;) {
		fill_release();
		send_message(CX_MESSAGE_RELEASE, -1);
	}
}

static void bad_release(void)
{
	fill_release();
	strcpy(message.release.item.name, "../../etc");
	send_message(CX_MESSAGE_RELEASE, -1);
}

static void unasked(void)
{
	message.file.size = 4;
	send_message(CX_MESSAGE_FILE, part("lie"));
}

static void list(int fd)
{
	message.list.number = 9;
	send_message(CX_MESSAGE_LIST, fd);
	memset(&message, 0, sizeof(message));
	send_message(CX_MESSAGE_DONE, -1);
}

static void device(void)
{
	list(open("/dev/zero", O_RDONLY));
}

static void memory(void)
{
	int fd = memfd_create("lie", 0);

	if (write(fd, "lie", 3) == 3)
		list(fd);
}

static void elsewhere(void)
{
	list(open("/etc/passwd", O_RDONLY));
}

static void garbage(void)
{
	list(part("no revocation list"));
}

static void huge(void)
{
	int fd = part("x");

	if (!ftruncate(fd, 3LL << 30))
		list(fd);
}

static void silent_end(void)
{
}

static void attack(void)
{
	raise(SIGSYS);
}

static void escape(void)
{
	message.fail.code = -EIO;
	strcpy(message.fail.reason.text, "\033]0;lie\007");
	send_message(CX_MESSAGE_FAIL, -1);
}

static void reason(void)
{
	message.fail.code = -EIO;
	strcpy(message.fail.reason.text, "all is lost");
	send_message(CX_MESSAGE_FAIL, -1);
}

static const struct {
	const char *name;
	void (*tell)(void);
} lies[] = {
	{ "noise", noise }, { "flood", flood }, { "bad-release", bad_release },
	{ "unasked", unasked }, { "device", device }, { "memory", memory },
	{ "elsewhere", elsewhere }, { "garbage", garbage }, { "huge", huge },
	{ "silent-end", silent_end }, { "attack", attack },
	{ "escape", escape }, { "reason", reason },
};

int main(int argc, char **argv)
{
	struct cx_error err;
	const char *name = argc == 2 ? strrchr(argv[1], '/') : NULL;
	size_t i;
	int fd;

	if (!name || cx_channel_recv(SOCK, CX_SIDE_OWNER, &message, &fd, &err) < 0)
		return 2;
	memset(&message, 0, sizeof(message));
	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++)
		if (!strcmp(lies[i].name, name + 1))
			lies[i].tell();
	return 0;
}
