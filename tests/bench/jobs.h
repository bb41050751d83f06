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

/* switch.c: print `CALL BACKGROUND`, instructions in the call and after it */
void measure_switch(const char *name, const char *first, const char *second);
void measure_rename(const char *dir);

/**
 * hold - keep processes that map a file, until standard input ends
 * @file: which
 * @count: how many processes
 * @namespaces: each in a mount namespace of its own
 *
 * Prints one line when all are there.
 */
void hold(const char *file, size_t count, int namespaces);

#endif /* _BENCH_JOBS_H */
