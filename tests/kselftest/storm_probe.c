// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Usage: storm_probe MICROSECONDS DIR...
 *
 * Opens and maps a file below each DIR as the dynamic linker does, with a pause
 * between them, and tells by its exit status whether all are of one set.
 *
 * Built with the kernel's nolibc, as torn_probe is.
 */
#include "storm_probe.h"

#define PAGE 4096

static int fail(const char *path, const char *what)
{
	int revoked = errno == EKEYREVOKED;

	if (!revoked)
		fprintf(stderr, "# storm_probe: %s: %s: errno %d\n", path, what,
			errno);
	exit(revoked ? STORM_REVOKED : STORM_NOT_OPENED);
}

static int number_of(const char *digits)
{
	int i, number = 0;

	for (i = 0; i < STORM_DIGITS; i++)
		number = number * 10 + digits[i] - '0';
	return number;
}

static int set_of(const char *dir)
{
	const char *text;
	char path[256];
	int fd;

	strlcpy(path, dir, sizeof(path));
	strlcat(path, "/" STORM_FILE, sizeof(path));
	fd = open(path, O_RDONLY);
	if (fd < 0)
		fail(path, "open");
	text = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	if (text == MAP_FAILED)
		fail(path, "mmap");
	close(fd);
	return number_of(text);
}

static void pause_between(int microseconds)
{
	struct timeval t = { .tv_usec = microseconds };

	select(0, NULL, NULL, NULL, &t);
}

int main(int argc, char **argv)
{
	int i, set, first;

	if (argc < 3)
		return STORM_WRONG_USE;
	first = set_of(argv[2]);
	for (i = 3; i < argc; i++) {
		pause_between(atoi(argv[1]));
		set = set_of(argv[i]);
		if (set == first)
			continue;
		fprintf(stderr, "# storm_probe: %s of set %d, %s of set %d\n",
			argv[2], first, argv[i], set);
		return STORM_MIXED;
	}
	return first;
}
