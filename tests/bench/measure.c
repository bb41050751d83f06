// SPDX-License-Identifier: LGPL-2.1-or-later
#include "measure.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WARM_UP 2

uint64_t bench_now(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_MONOTONIC_RAW, &now))
		bench_die("clock: %s", strerror(errno));
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

void bench_die(const char *fmt, ...)
{
	va_list args;

	fputs("bench: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

uint64_t bench_median(uint64_t *values, size_t count)
{
	qsort(values, count, sizeof(*values), by_value);
	return values[count / 2];
}

void bench_compare(bench_job *job, void *ours, void *peer, size_t passes)
{
	uint64_t mine[BENCH_MAX_PASSES], theirs[BENCH_MAX_PASSES];
	size_t i;

	if (!passes || passes > BENCH_MAX_PASSES)
		bench_die("between 1 and %d passes, not %zu", BENCH_MAX_PASSES,
			  passes);
	for (i = 0; i < WARM_UP; i++) {
		job(ours);
		job(peer);
	}
	for (i = 0; i < passes; i++) {
		mine[i] = job(ours);
		theirs[i] = job(peer);
	}
	printf("%" PRIu64 " %" PRIu64 "\n", bench_median(mine, passes),
	       bench_median(theirs, passes));
}
