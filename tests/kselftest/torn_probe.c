// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Usage: torn_probe DIR MICROSECONDS
 *
 * Opens and maps two libraries below DIR as the dynamic linker does, with a
 * pause between them, and tells by its exit status whether both are of one
 * generation.
 *
 * Built with the kernel's nolibc, which the Makefile includes for it: an
 * emulated machine launches it twice as fast as with the C library.
 */
#include "torn_probe.h"

/* What the dynamic linker reads before it maps anything. */
#define HEAD 832

static int fail(const char *lib, const char *what)
{
	fprintf(stderr, "# torn_probe: %s: %s: errno %d\n", lib, what, errno);
	exit(TORN_NOT_OPENED);
}

static int generation_of(const char *dir, const char *lib)
{
	char path[256], head[HEAD];
	const char *text;
	off_t size;
	int fd;

	strlcpy(path, dir, sizeof(path));
	strlcat(path, "/", sizeof(path));
	strlcat(path, lib, sizeof(path));
	fd = open(path, O_RDONLY);
	if (fd < 0)
		fail(lib, "open");
	size = lseek(fd, 0, SEEK_END);
	if (lseek(fd, 0, SEEK_SET) || read(fd, head, HEAD) != HEAD)
		fail(lib, "read");
	text = mmap(NULL, size, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	if (text == MAP_FAILED)
		fail(lib, "mmap");
	close(fd);
	return text[size - TORN_MARK_SIZE] - '0';
}

static void pause_between(int microseconds)
{
	struct timeval t = { .tv_usec = microseconds };

	select(0, NULL, NULL, NULL, &t);
}

int main(int argc, char **argv)
{
	int a, b;

	if (argc != 3)
		return TORN_WRONG_USE;
	a = generation_of(argv[1], TORN_LIB_A);
	pause_between(atoi(argv[2]));
	b = generation_of(argv[1], TORN_LIB_B);
	return torn_judge(a, b);
}
