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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jobs.h"
#include "lib/netlink.h"

#define PASSES		7
#define BATCH		16	/* steps of a pass */
#define SPACING_US	100000	/* some RCU grace periods */

struct flip {
	struct cx_netlink *nl;
	struct cx_item *items[2];
	size_t count;
	size_t batch;
	int steps;
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
	if (nftw(between->tree, look_up, 20, FTW_PHYS | FTW_CHDIR))
		bench_die("%s: %s", between->tree, strerror(errno));
	if (looked_up != between->files)
		bench_die("%s has %zu files, not %zu", between->tree, looked_up,
			  between->files);
}

static void activate(struct flip *flip, int i)
{
	struct cx_error err;

	if (cx_netlink_activate(flip->nl, flip->items[i % 2], flip->count,
				NULL, &err))
		bench_die("%s", err.text);
}

static void rename_link(struct flip *flip, int i)
{
	if (symlinkat(i % 2 ? "one" : "other", flip->dir, "new") ||
	    renameat(flip->dir, "new", flip->dir, "current") ||
	    fsync(flip->dir))
		bench_die("rename: %s", strerror(errno));
}

/* Into the log, for whoever wants to know how much they differ. */
static void tell(const char *what, const uint64_t *figures, size_t count)
{
	size_t i;

	fprintf(stderr, "%s:", what);
	for (i = 0; i < count; i++)
		fprintf(stderr, " %" PRIu64, figures[i]);
	fputc('\n', stderr);
}

/*
 * So many steps, or none, and what others do meanwhile and until all is calm.
 */
static uint64_t run_batch(struct flip *flip, const struct cpu *cpu,
			  void (*step)(struct flip *, int), uint64_t *call)
{
	uint64_t others = cpu_others(cpu), start;
	size_t i;

	for (i = 0; i < flip->batch; i++) {
		if (call) {
			start = cpu_own();
			step(flip, flip->steps++);
			call[i] = cpu_own() - start;
		}
		usleep(SPACING_US);
	}
	return cpu_others(cpu) - others;
}

/*
 * What is done after a step is what others do, less what they do without.  They
 * always do something, more or less, which many steps in a row make small.
 */
static void measure(struct flip *flip, void (*step)(struct flip *, int))
{
	uint64_t call[PASSES * BATCH], after[PASSES];
	struct cpu *cpu = cpu_open();
	size_t i;

	step(flip, flip->steps++);
	step(flip, flip->steps++);
	for (i = 0; i < PASSES; i++) {
		uint64_t idle = run_batch(flip, cpu, step, NULL), busy;

		fill_cache(flip);
		busy = run_batch(flip, cpu, step, call + i * flip->batch);
		after[i] = busy > idle ? (busy - idle) / flip->batch : 0;
	}
	cpu_close(cpu);
	tell("calls", call, PASSES * flip->batch);
	tell("work after them", after, PASSES);
	printf("%" PRIu64 " %" PRIu64 "\n",
	       bench_median(call, PASSES * flip->batch),
	       bench_median(after, PASSES));
}

static struct cx_item *make_items(const struct switching *between,
				  const char *label)
{
	size_t i, count = between->count ? between->count : 1;
	struct cx_item *items = calloc(count, sizeof(*items));

	if (!items)
		bench_die("out of memory");
	for (i = 0; i < count; i++) {
		if (between->count)
			snprintf(items[i].name, sizeof(items[i].name), "%s%zu",
				 between->name, i + 1);
		else
			snprintf(items[i].name, sizeof(items[i].name), "%s",
				 between->name);
		snprintf(items[i].label, sizeof(items[i].label), "%s", label);
	}
	return items;
}

void measure_switch(const struct switching *between)
{
	struct flip flip = {
		.between = between,
		.items = { make_items(between, between->labels[0]),
			   make_items(between, between->labels[1]) },
		.count = between->count ? between->count : 1,
		/* The cache is filled for one step; a set is a batch itself. */
		.batch = between->tree || between->count > 1 ? 1 : BATCH,
	};
	struct cx_error err;

	if (cx_netlink_open(&flip.nl, &err))
		bench_die("%s", err.text);
	measure(&flip, activate);
	activate(&flip, 1);
	cx_netlink_close(flip.nl);
	free(flip.items[0]);
	free(flip.items[1]);
}

void measure_rename(const char *dir)
{
	struct flip flip = {
		.dir = open(dir, O_RDONLY | O_DIRECTORY),
		.batch = BATCH,
	};

	if (flip.dir < 0)
		bench_die("%s: %s", dir, strerror(errno));
	measure(&flip, rename_link);
	close(flip.dir);
}
