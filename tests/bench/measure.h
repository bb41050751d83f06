/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Comparing two jobs in one run.
 *
 * The clock is the machine's own.  Under QEMU's -icount it advances by 1 ns with
 * each instruction, whichever process or interrupt executes it, so what is
 * measured are instructions and does not depend on the host.  Medians drop the
 * passes that a timer interrupt fell into.
 */
#ifndef _BENCH_MEASURE_H
#define _BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>

/**
 * typedef bench_job - do something once
 * @arg: with what
 *
 * Return: its instructions.
 */
typedef uint64_t bench_job(void *arg);

/* The clock: instructions since the machine started. */
uint64_t bench_now(void);

/* Says why on stderr and ends the program with status 1. */
void bench_die(const char *fmt, ...)
	__attribute__((format(printf, 1, 2), noreturn));

/**
 * bench_median - the median of some figures
 * @values: sorted on return
 * @count: how many, above 0
 */
uint64_t bench_median(uint64_t *values, size_t count);

/**
 * bench_compare - do two jobs in turn and print the median of each
 * @job: what is done
 * @ours: its argument on our side
 * @peer: its argument on the peer's side
 * @passes: how often, at most %BENCH_MAX_PASSES
 *
 * Each is done twice before, so that caches are warm.  One line is printed: our
 * instructions, a space, the peer's.
 */
void bench_compare(bench_job *job, void *ours, void *peer, size_t passes);

#define BENCH_MAX_PASSES 101

#endif /* _BENCH_MEASURE_H */
