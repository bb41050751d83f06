// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>

#include "kmsg.h"
#include "report.h"

int kmsg_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || lseek(fd, 0, SEEK_END) < 0)
		die_errno("/dev/kmsg");
	return fd;
}

int kmsg_count(int fd, const char *text)
{
	char record[8192];
	int count = 0;
	ssize_t got;

	for (;;) {
		got = read(fd, record, sizeof(record) - 1);
		/* A part of what came meanwhile was overwritten. */
		if (got < 0 && errno == EPIPE)
			die("the kernel's log ran over");
		if (got < 0 && errno == EAGAIN)
			return count;
		if (got <= 0)
			die_errno("/dev/kmsg");
		record[got] = 0;
		if (strstr(record, text))
			count++;
	}
}
