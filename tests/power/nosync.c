// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * To be preloaded: a program that syncs nothing.  With it the test of power cuts
 * must fail, or it tests nothing.
 */
#include <unistd.h>

int fsync(int fd)
{
	(void)fd;
	return 0;
}

int fdatasync(int fd)
{
	(void)fd;
	return 0;
}

int syncfs(int fd)
{
	(void)fd;
	return 0;
}

void sync(void)
{
}
