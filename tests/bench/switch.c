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
#include <ftw.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jobs.h"
#include "lib/netlink.h"

#define PASSES		21
#define FEW_PASSES	7	/* where each one takes long */

struct flip {
	struct cx_netlink *nl;
	struct cx_item items[2];
	const struct switching *between;
	int dir;
};

static size_t looked_up;

static int look_up(const char *path, const struct stat *st, int type,
		   struct FTW *ftw)
{
	(void)path;
	(void)ftw;
	looked_up += type == FTW_F && S_ISREG(st->st_mode);
	return 0;
}

/* So that the generation that is left has its dentries in the cache. */
static void fill_cache(const struct flip *flip)
{
	const struct switching *between = flip->between;

	if (!between || !between->tree)
		return;
	looked_up = 0;
	if (nftw(between->tree, look_up, 20, FTW_PHYS))
		bench_die("%s: %s", between->tree, strerror(errno));
	if (looked_up != between->files)
		bench_die("%s has %zu files, not %zu", between->tree, looked_up,
			  between->files);
}

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

/*
 * What is done after a step is what others do until all is calm, less what they
 * do until then when there was no step.
 */
static void measure(struct flip *flip, void (*step)(struct flip *, int),
		    size_t passes)
{
	uint64_t call[PASSES], after[PASSES];
	struct cpu *cpu = cpu_open();
	size_t i;

	step(flip, 0);
	step(flip, 1);
	for (i = 0; i < passes; i++) {
		uint64_t others, idle, start;

		fill_cache(flip);
		idle = cpu_others(cpu);
		others = cpu_others(cpu);
		idle = others - idle;
		start = cpu_own();
		step(flip, i);
		call[i] = cpu_own() - start;
		others = cpu_others(cpu) - others;
		after[i] = others > idle ? others - idle : 0;
	}
	cpu_close(cpu);
	printf("%" PRIu64 " %" PRIu64 "\n", bench_median(call, passes),
	       bench_median(after, passes));
}

void measure_switch(const struct switching *between)
{
	struct flip flip = { .between = between };
	struct cx_error err;
	int i;

	for (i = 0; i < 2; i++) {
		snprintf(flip.items[i].name, sizeof(flip.items[i].name), "%s",
			 between->name);
		snprintf(flip.items[i].label, sizeof(flip.items[i].label), "%s",
			 between->labels[i]);
	}
	if (cx_netlink_open(&flip.nl, &err))
		bench_die("%s", err.text);
	measure(&flip, activate, between->tree ? FEW_PASSES : PASSES);
	/* Ends on the second, as an even number of steps would. */
	activate(&flip, 1);
	cx_netlink_close(flip.nl);
}

void measure_rename(const char *dir)
{
	struct flip flip = { .dir = open(dir, O_RDONLY | O_DIRECTORY) };

	if (flip.dir < 0)
		bench_die("%s: %s", dir, strerror(errno));
	measure(&flip, rename_link, PASSES);
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
