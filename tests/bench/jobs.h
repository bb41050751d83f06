/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is measured; see the comment of each in the file of its kind. */
#ifndef _BENCH_JOBS_H
#define _BENCH_JOBS_H

#include <stddef.h>

#include "measure.h"

/**
 * struct file_arg - what a job on a file needs
 * @path: the file
 * @buffer: bytes for a read, of job_read()
 */
struct file_arg {
	const char *path;
	size_t buffer;
};

/* files.c; each takes a struct file_arg */
uint64_t job_read(void *arg);
uint64_t job_touch(void *arg);
uint64_t job_open(void *arg);
uint64_t job_stat(void *arg);
uint64_t job_path(void *arg);
uint64_t job_access(void *arg);

/**
 * map_many - give the calling process that many mappings more
 * @count: how many
 */
void map_many(size_t count);

/**
 * struct dlopen_arg - what is loaded
 * @dir: the folder of the libraries
 * @before: loaded before, not counted; NULL for none
 * @library: the file in @dir
 * @library2: another one, loaded after it; NULL for none
 */
struct dlopen_arg {
	const char *dir;
	const char *before;
	const char *library;
	const char *library2;
};

/* dlopen.c; takes a struct dlopen_arg, works in a process of its own */
uint64_t job_dlopen(void *arg);

/**
 * struct switching - between what a switch is measured
 * @name: the cryptex; of a set, what their names begin with, a number behind
 * @count: how many, as one set; 0 for one cryptex of just that name
 * @labels: two of its generations; the second is active at the end
 * @tree: a folder of which every file is looked up before each switch, or NULL
 * @files: how many there are
 */
struct switching {
	const char *name;
	size_t count;
	const char *labels[2];
	const char *tree;
	size_t files;
};

/*
 * switch.c: print `CALL BACKGROUND`, the median of the instructions in the call
 * and of those that kernel threads spend until it is settled
 */
void measure_switch(const struct switching *between);
void measure_rename(const char *dir);

/**
 * struct cpu - where the instructions of other tasks are read, see cpu.c
 */
struct cpu;

struct cpu *cpu_open(void);
void cpu_close(struct cpu *cpu);

/**
 * cpu_own - instructions of the calling thread
 */
uint64_t cpu_own(void);

/**
 * cpu_others - instructions of all other threads, once they have calmed down
 * @cpu: from cpu_open()
 *
 * Waits until, for several RCU grace periods, next to nothing is done.
 */
uint64_t cpu_others(const struct cpu *cpu);

/* stage.c: prints the instructions of staging a seal, which is read before. */
void measure_stage(const char *seal);

/* Mounts PREFIX-N.seal, N from 1, below @dir, and the reverse. */
void mount_many(const char *prefix, const char *store, const char *dir,
		size_t count);
void umount_many(const char *dir, size_t count);

/**
 * hold - keep processes that map a file, until standard input ends
 * @file: which
 * @count: how many processes
 * @namespaces: each in a mount namespace of its own
 *
 * Prints one line when all are there.
 */
void hold(const char *file, size_t count, int namespaces);

/**
 * hold_each - keep one process that maps a file of each of many mounts
 * @dir: where they are, by number from 1
 * @count: how many
 * @file: in each of them
 */
void hold_each(const char *dir, size_t count, const char *file);

#endif /* _BENCH_JOBS_H */
