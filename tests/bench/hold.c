// SPDX-License-Identifier: LGPL-2.1-or-later
/* Processes that use a cryptex and do nothing, until they are let go. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "jobs.h"

static void map_code(const char *path)
{
	int fd = open(path, O_RDONLY);

	if (fd < 0 || mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd,
			   0) == MAP_FAILED)
		bench_die("%s: %s", path, strerror(errno));
	close(fd);
}

static void hold_one(const char *path, int namespaces, int ready)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (namespaces && unshare(CLONE_NEWNS))
		bench_die("unshare: %s", strerror(errno));
	map_code(path);
	if (write(ready, "", 1) != 1)
		exit(1);
	close(ready);
	for (;;)
		pause();
}

static void wait_for_end(void)
{
	char byte;

	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
}

void hold(const char *path, size_t count, int namespaces)
{
	char byte;
	int ready[2];
	size_t i;

	if (pipe(ready))
		bench_die("pipe: %s", strerror(errno));
	for (i = 0; i < count; i++) {
		pid_t pid = fork();

		if (pid < 0)
			bench_die("fork: %s", strerror(errno));
		if (!pid)
			hold_one(path, namespaces, ready[1]);
	}
	close(ready[1]);
	for (i = 0; i < count; i++)
		if (read(ready[0], &byte, 1) != 1)
			bench_die("a process that was to map %s ended", path);
	wait_for_end();
}

void hold_each(const char *dir, size_t count, const char *file)
{
	char path[PATH_MAX];
	size_t i;

	for (i = 1; i <= count; i++) {
		snprintf(path, sizeof(path), "%s/%zu/%s", dir, i, file);
		map_code(path);
	}
	wait_for_end();
}
