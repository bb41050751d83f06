// SPDX-License-Identifier: LGPL-2.1-or-later
/* The program that measures, inside the machine; tests/bench/guest.sh calls it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jobs.h"

#define FILE_PASSES	15
#define LOAD_PASSES	31

static void compare_files(bench_job *job, char **argv)
{
	struct file_arg ours = { .path = argv[0] };
	struct file_arg peer = { .path = argv[1] };

	ours.buffer = peer.buffer = argv[2] ? strtoul(argv[2], NULL, 10) : 0;
	bench_compare(job, &ours, &peer, FILE_PASSES);
}

static void run_read(char **argv)
{
	compare_files(job_read, argv);
}

static void run_touch(char **argv)
{
	compare_files(job_touch, argv);
}

static void run_open(char **argv)
{
	compare_files(job_open, argv);
}

static void run_stat(char **argv)
{
	compare_files(job_stat, argv);
}

static void run_open_among(char **argv)
{
	map_many(strtoul(argv[2], NULL, 10));
	compare_files(job_open, argv);
}

static void run_dlopen(char **argv)
{
	struct dlopen_arg ours = { argv[0], argv[3], argv[2], NULL };
	struct dlopen_arg peer = { argv[1], argv[3], argv[2], NULL };

	bench_compare(job_dlopen, &ours, &peer, LOAD_PASSES);
}

/* libssl with the libcrypto that it needs, which is found by its name. */
static void run_dlopen_both(char **argv)
{
	struct dlopen_arg ours = { argv[0], NULL, "libcrypto.so.3",
				   "libssl.so.3" };
	struct dlopen_arg peer = { argv[1], NULL, "libcrypto.so.3",
				   "libssl.so.3" };

	bench_compare(job_dlopen, &ours, &peer, LOAD_PASSES);
}

static void run_switch(char **argv)
{
	struct switching between = {
		.name = argv[0],
		.labels = { argv[1], argv[2] },
		.tree = argv[3],
		.files = argv[3] ? strtoul(argv[4], NULL, 10) : 0,
	};

	measure_switch(&between);
}

static void run_switch_set(char **argv)
{
	struct switching between = {
		.name = argv[0],
		.count = strtoul(argv[1], NULL, 10),
		.labels = { argv[2], argv[3] },
	};

	measure_switch(&between);
}

static void run_rename(char **argv)
{
	measure_rename(argv[0]);
}

static void run_hold(char **argv)
{
	hold(argv[0], strtoul(argv[1], NULL, 10), 0);
}

static void run_namespaces(char **argv)
{
	hold(argv[0], strtoul(argv[1], NULL, 10), 1);
}

static void run_hold_each(char **argv)
{
	hold_each(argv[0], strtoul(argv[1], NULL, 10), argv[2]);
}

static void run_stage(char **argv)
{
	measure_stage(argv[0]);
}

static void run_mount_many(char **argv)
{
	mount_many(argv[0], argv[1], argv[2], strtoul(argv[3], NULL, 10));
}

static void run_umount_many(char **argv)
{
	umount_many(argv[0], strtoul(argv[1], NULL, 10));
}

static const struct command {
	const char *name;
	int min, max;
	void (*run)(char **argv);
	const char *usage;
} commands[] = {
	{ "read", 3, 3, run_read, "FILE PEER BUFFER" },
	{ "touch", 2, 2, run_touch, "FILE PEER" },
	{ "open", 2, 2, run_open, "FILE PEER" },
	{ "stat", 2, 2, run_stat, "FILE PEER" },
	{ "open-among", 3, 3, run_open_among, "FILE PEER MAPPINGS" },
	{ "dlopen", 3, 4, run_dlopen, "DIR PEER LIBRARY [LOADED-BEFORE]" },
	{ "dlopen-both", 2, 2, run_dlopen_both, "DIR PEER" },
	{ "switch", 3, 3, run_switch, "NAME LABEL LABEL" },
	{ "switch-cached", 5, 5, run_switch, "NAME LABEL LABEL TREE FILES" },
	{ "switch-set", 4, 4, run_switch_set, "NAMES COUNT LABEL LABEL" },
	{ "stage", 1, 1, run_stage, "SEAL" },
	{ "mount-many", 4, 4, run_mount_many, "SEALS STORE DIR COUNT" },
	{ "umount-many", 2, 2, run_umount_many, "DIR COUNT" },
	{ "rename", 1, 1, run_rename, "DIR" },
	{ "hold", 2, 2, run_hold, "FILE PROCESSES" },
	{ "hold-each", 3, 3, run_hold_each, "DIR COUNT FILE" },
	{ "namespaces", 2, 2, run_namespaces, "FILE PROCESSES" },
};

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; argc > 1 && i < sizeof(commands) / sizeof(*commands); i++) {
		const struct command *c = &commands[i];

		if (strcmp(argv[1], c->name) || argc - 2 < c->min ||
		    argc - 2 > c->max)
			continue;
		c->run(argv + 2);
		return 0;
	}
	fputs("Usage: bench COMMAND ARGUMENT...\n", stderr);
	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		fprintf(stderr, "  %-15s%s\n", commands[i].name,
			commands[i].usage);
	return 2;
}
