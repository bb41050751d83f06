// SPDX-License-Identifier: LGPL-2.1-or-later
/* One pair, through each program. */
#include "bench.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

/* This very program, wherever it is. */
#define SELF	"/proc/self/exe"

struct work {
	char patch[4200];
	char made[4200];
};

/* A way to make a patch, and to apply it: programs and their arguments. */
struct way {
	const char *from;
	const char *to;
	const char *const *diff;
	const char *const *apply;	/* NULL: not measured */
};

static int measure_way(const struct way *way, const struct work *work,
		       struct bench_way *result, struct cx_error *err)
{
	int ret;

	ret = bench_run(way->diff, work->patch, &result->diff, err);
	if (!ret)
		ret = bench_size(work->patch, &result->size, err);
	if (ret || !way->apply)
		return ret;
	ret = bench_run(way->apply, work->made, &result->apply, err);
	if (!ret)
		ret = bench_same(work->made, way->to, err);
	return ret ? cx_prefix(err, ret, "%s to %s", way->from, way->to) : 0;
}

static int measure_ours(const char *from, const char *to,
			const struct work *work, struct bench_way *result,
			struct cx_error *err)
{
	const char *const diff[] = { SELF, "diff", from, to, work->patch, NULL };
	const char *const apply[] = { SELF, "apply", from, work->patch,
				      work->made, NULL };
	const struct way way = { from, to, diff, apply };

	return measure_way(&way, work, result, err);
}

static int measure_bsdiff(const struct bench_pair *pair,
			  const struct work *work, struct bench_way *result,
			  struct cx_error *err)
{
	const char *const diff[] = { "bsdiff", pair->old, pair->new,
				     work->patch, NULL };
	const char *const apply[] = { "bspatch", pair->old, work->made,
				      work->patch, NULL };
	const struct way way = { pair->old, pair->new, diff, apply };

	return measure_way(&way, work, result, err);
}

static int measure_zstd(const struct bench_pair *pair, const struct work *work,
			struct bench_way *result, struct cx_error *err)
{
	const char *const diff[] = { "zstd", "-qq", "-f", "--ultra", "-22",
				     "--long=31", "--patch-from", pair->old,
				     pair->new, "-o", work->patch, NULL };
	const struct way way = { pair->old, pair->new, diff, NULL };

	return measure_way(&way, work, result, err);
}

int bench_measure(const struct bench_pair *pair, const char *folder,
		  struct bench_result *result, struct cx_error *err)
{
	struct work work;
	int ret;

	snprintf(work.patch, sizeof(work.patch), "%s/patch", folder);
	snprintf(work.made, sizeof(work.made), "%s/made", folder);
	*result = (struct bench_result){ .pair = pair };
	ret = measure_ours(pair->old, pair->new, &work, &result->ours, err);
	if (!ret)
		ret = measure_ours(pair->new, pair->old, &work, &result->back, err);
	if (!ret)
		ret = measure_bsdiff(pair, &work, &result->bsdiff, err);
	if (!ret)
		ret = measure_zstd(pair, &work, &result->zstd, err);
	unlink(work.patch);
	unlink(work.made);
	return ret;
}

static bool is_larger(const struct bench_result *r)
{
	uint64_t best = r->bsdiff.size < r->zstd.size ? r->bsdiff.size : r->zstd.size;

	return r->ours.size > BENCH_WORST_BAR * best;
}

unsigned int bench_missed(const struct bench_result *r)
{
	const struct bench_pair *pair = r->pair;
	double apply = BENCH_APPLY_BASE + 1.5 * (pair->old_size + pair->new_size);
	double diff = fmax(BENCH_DIFF_BASE, BENCH_DIFF_MEMORY_BAR * pair->old_size);
	double back = fmax(BENCH_DIFF_BASE, BENCH_DIFF_MEMORY_BAR * pair->new_size);
	unsigned int missed = 0;

	if (is_larger(r))
		missed |= 1 << BENCH_BAR_SIZE;
	if (fmax(r->ours.diff.seconds, r->back.diff.seconds) >
	    BENCH_DIFF_TIME_BAR * r->bsdiff.diff.seconds)
		missed |= 1 << BENCH_BAR_DIFF_TIME;
	if (r->ours.diff.peak > diff || r->back.diff.peak > back)
		missed |= 1 << BENCH_BAR_DIFF_MEMORY;
	if (fmax(r->ours.apply.seconds, r->back.apply.seconds) >
	    BENCH_APPLY_TIME_BAR * r->bsdiff.apply.seconds)
		missed |= 1 << BENCH_BAR_APPLY_TIME;
	if (fmax(r->ours.apply.peak, r->back.apply.peak) > apply)
		missed |= 1 << BENCH_BAR_APPLY_MEMORY;
	return missed;
}

double bench_mean(const struct bench_result *results, size_t count,
		  size_t offset)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		const struct bench_way *way =
			(const void *)((const char *)&results[i] + offset);

		sum += log((double)way->size / results[i].bsdiff.size);
	}
	return exp(sum / count);
}
