// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The switch, and the step that other schemes use for it: a symbolic link that
 * is renamed over another one, and made durable.
 *
 * A rename waits for the disk, whose speed is no property of ours; so here CPU
 * time is counted, of the caller, and of all others (kernel threads) apart.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "jobs.h"
#include "lib/netlink.h"

#define PASSES	21
#define MAX_THREADS 512
#define SETTLE_US 200000	/* several RCU grace periods */

static uint64_t own_cpu(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now))
		bench_die("clock: %s", strerror(errno));
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

/*
 * Where each kernel thread tells its CPU time.  Held open, because closing files
 * leaves work behind that would be done, and counted, during what is measured.
 */
struct kernel_threads {
	int fd[MAX_THREADS];
	size_t count;
};

static void find_kernel_threads(struct kernel_threads *threads)
{
	glob_t found;
	size_t i;

	threads->count = 0;
	if (glob("/proc/[0-9]*", GLOB_NOSORT, NULL, &found))
		bench_die("/proc lists no process");
	for (i = 0; i < found.gl_pathc && threads->count < MAX_THREADS; i++) {
		char path[64], target[8];
		int fd;

		/* Only a kernel thread has no program. */
		snprintf(path, sizeof(path), "%.40s/exe", found.gl_pathv[i]);
		if (readlink(path, target, sizeof(target)) >= 0)
			continue;
		snprintf(path, sizeof(path), "%.40s/schedstat",
			 found.gl_pathv[i]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0)
			threads->fd[threads->count++] = fd;
	}
	globfree(&found);
	if (!threads->count)
		bench_die("no kernel thread tells its CPU time");
}

static void forget_kernel_threads(struct kernel_threads *threads)
{
	while (threads->count)
		close(threads->fd[--threads->count]);
}

static uint64_t kernel_threads_cpu(const struct kernel_threads *threads)
{
	uint64_t sum = 0;
	char text[128];
	size_t i;

	for (i = 0; i < threads->count; i++) {
		ssize_t got = pread(threads->fd[i], text, sizeof(text) - 1, 0);

		/* One that has ended has used nothing since. */
		if (got <= 0)
			continue;
		text[got] = '\0';
		sum += strtoull(text, NULL, 10);
	}
	return sum;
}

struct flip {
	struct cx_netlink *nl;
	struct cx_item items[2];
	int dir;
};

static void activate(struct flip *flip, int i)
{
	struct cx_error err;

	if (cx_netlink_activate(flip->nl, &flip->items[i % 2], 1, NULL, &err))
		bench_die("%s", err.text);
}

static void rename_link(struct flip *flip, int i)
{
	if (symlinkat(i % 2 ? "one" : "other", flip->dir, "new") ||
	    renameat(flip->dir, "new", flip->dir, "current") ||
	    fsync(flip->dir))
		bench_die("rename: %s", strerror(errno));
}

static void measure(struct flip *flip, void (*step)(struct flip *, int))
{
	uint64_t call[PASSES], after[PASSES];
	struct kernel_threads threads;
	int i;

	find_kernel_threads(&threads);
	step(flip, 0);
	step(flip, 1);
	for (i = 0; i < PASSES; i++) {
		uint64_t others, start;

		usleep(SETTLE_US);
		others = kernel_threads_cpu(&threads);
		start = own_cpu();
		step(flip, i);
		call[i] = own_cpu() - start;
		usleep(SETTLE_US);
		after[i] = kernel_threads_cpu(&threads) - others;
	}
	forget_kernel_threads(&threads);
	printf("%" PRIu64 " %" PRIu64 "\n", bench_median(call, PASSES),
	       bench_median(after, PASSES));
}

void measure_switch(const char *name, const char *first, const char *second)
{
	struct flip flip = { 0 };
	struct cx_error err;
	int i;

	for (i = 0; i < 2; i++) {
		snprintf(flip.items[i].name, sizeof(flip.items[i].name), "%s",
			 name);
		snprintf(flip.items[i].label, sizeof(flip.items[i].label), "%s",
			 i ? second : first);
	}
	if (cx_netlink_open(&flip.nl, &err))
		bench_die("%s", err.text);
	measure(&flip, activate);
	/* Ends on @second, as an even number of steps would. */
	activate(&flip, 1);
	cx_netlink_close(flip.nl);
}

void measure_rename(const char *dir)
{
	struct flip flip = { .dir = open(dir, O_RDONLY | O_DIRECTORY) };

	if (flip.dir < 0)
		bench_die("%s: %s", dir, strerror(errno));
	measure(&flip, rename_link);
	close(flip.dir);
}

static void hold_one(const char *path, int namespaces, int ready)
{
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (namespaces && unshare(CLONE_NEWNS))
		bench_die("unshare: %s", strerror(errno));
	fd = open(path, O_RDONLY);
	if (fd < 0 || mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd,
			   0) == MAP_FAILED)
		bench_die("%s: %s", path, strerror(errno));
	close(fd);
	if (write(ready, "", 1) != 1)
		exit(1);
	close(ready);
	for (;;)
		pause();
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
	puts("ready");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
}
