/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Measuring deltas beside bsdiff and zstd, pair by pair. */
#ifndef _CX_DELTA_BENCH_H
#define _CX_DELTA_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/* What is asked of a delta. */
#define BENCH_MEAN_BAR		0.10	/* geometric mean, relative to bsdiff */
#define BENCH_WORST_BAR		1.02	/* each, to the best of bsdiff and zstd */
#define BENCH_APPLY_TIME_BAR	2.0	/* relative to bspatch */
#define BENCH_DIFF_TIME_BAR	4.0	/* relative to bsdiff */
#define BENCH_APPLY_BASE	(64ull << 20)	/* bytes beside 1.5 * (old + new) */
#define BENCH_DIFF_MEMORY_BAR	20.0	/* relative to the old file */
#define BENCH_DIFF_BASE		(64ull << 20)	/* no bar is below that many bytes */

/**
 * struct bench_pair - two versions of a file
 * @name: of the pair, as the list has it
 * @old: path of the old file
 * @new: path of the new file
 * @old_size: bytes
 * @new_size: bytes
 */
struct bench_pair {
	char name[64];
	char old[4096];
	char new[4096];
	uint64_t old_size;
	uint64_t new_size;
};

/**
 * struct bench_pick - which pairs of a list
 * @list: path of the list, a TSV file; its first column is the pair's name
 * @folder: where NAME/old and NAME/new are
 * @names: names of pairs
 * @count: of @names; 0 stands for all pairs
 * @max_size: pairs with a larger old or new file are left out, in bytes
 */
struct bench_pick {
	const char *list;
	char folder[4096];
	char *const *names;
	size_t count;
	uint64_t max_size;
};

/**
 * bench_pairs - read the list
 * @pick: which
 * @pairs: set to an array, small pairs first; to be freed
 * @count: set to its length, which is not 0
 * @err: filled on failure
 *
 * A pair whose files are not there is left out with a word on stderr; one that
 * is named but not in the list is an error.
 */
int bench_pairs(const struct bench_pick *pick, struct bench_pair **pairs,
		size_t *count, struct cx_error *err);

/**
 * struct bench_cost - what a program took
 * @seconds: processor time, the least of some runs
 * @peak: most memory that was resident, mapped files included, in bytes
 */
struct bench_cost {
	double seconds;
	uint64_t peak;
};

/**
 * bench_run - run a program and measure it
 * @argv: its path or name, arguments, NULL
 * @output: the file that it makes; is removed before each run
 * @cost: set on success
 * @err: filled on failure, which is also that the program fails
 *
 * A short program runs several times.
 */
int bench_run(const char *const argv[], const char *output,
	      struct bench_cost *cost, struct cx_error *err);

/**
 * bench_size - bytes of a file
 * @path: the file
 * @size: set on success
 * @err: filled on failure
 */
int bench_size(const char *path, uint64_t *size, struct cx_error *err);

/**
 * bench_same - compare two files
 * @a: one
 * @b: the other
 * @err: filled on failure, which is also that they differ (-EBADMSG)
 */
int bench_same(const char *a, const char *b, struct cx_error *err);

/**
 * struct bench_way - one direction of a pair
 * @size: bytes of the patch
 * @diff: making it
 * @apply: applying it
 */
struct bench_way {
	uint64_t size;
	struct bench_cost diff;
	struct bench_cost apply;
};

/**
 * struct bench_result - all about a pair
 * @pair: which
 * @ours: from old to new
 * @back: from new to old
 * @bsdiff: from old to new; its @apply is bspatch
 * @zstd: from old to new, --patch-from -22; its @apply is not measured
 */
struct bench_result {
	const struct bench_pair *pair;
	struct bench_way ours;
	struct bench_way back;
	struct bench_way bsdiff;
	struct bench_way zstd;
};

/**
 * bench_measure - measure a pair
 * @pair: which
 * @folder: for the files in between, which are removed
 * @result: set on success
 * @err: filled on failure, which is also that a patch makes another file
 */
int bench_measure(const struct bench_pair *pair, const char *folder,
		  struct bench_result *result, struct cx_error *err);

/* The bars, in the order in which they are printed. */
enum bench_bar {
	BENCH_BAR_SIZE,
	BENCH_BAR_DIFF_TIME,
	BENCH_BAR_DIFF_MEMORY,
	BENCH_BAR_APPLY_TIME,
	BENCH_BAR_APPLY_MEMORY,
	BENCH_BARS
};

/**
 * bench_missed - which bars a pair misses
 * @result: of the pair
 *
 * Return: a bit for each enum bench_bar; the larger of both directions counts.
 */
unsigned int bench_missed(const struct bench_result *result);

/**
 * bench_mean - geometric mean of the patches' sizes, relative to bsdiff's
 * @results: of the pairs
 * @count: of @results
 * @offset: of the struct bench_way in struct bench_result
 */
double bench_mean(const struct bench_result *results, size_t count,
		  size_t offset);

/**
 * bench_print - print a table and the sums
 * @results: of the pairs
 * @count: of @results
 */
void bench_print(const struct bench_result *results, size_t count);

/**
 * bench_write_json - the same for programs
 * @results: of the pairs
 * @count: of @results
 * @path: the file
 * @err: filled on failure
 */
int bench_write_json(const struct bench_result *results, size_t count,
		     const char *path, struct cx_error *err);

#endif /* _CX_DELTA_BENCH_H */
