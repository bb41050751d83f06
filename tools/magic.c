// SPDX-License-Identifier: LGPL-2.1-or-later
#include "magic.h"

#include <string.h>
#include <unistd.h>

#include <cryptex/envelope.h>

#include "lib/file.h"

int magic_is(const char *path, const char *magic, struct cx_error *err)
{
	char found[CRYPTEX_SEAL_MAGIC_SIZE];
	int fd = cx_open_read(path, NULL, err);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = pread(fd, found, sizeof(found), 0);
	close(fd);
	return n == sizeof(found) && !memcmp(found, magic, sizeof(found));
}
