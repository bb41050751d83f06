// SPDX-License-Identifier: LGPL-2.1-or-later
/* The results for programs. */
#include "bench.h"

#include <errno.h>

#include <jansson.h>

static json_t *cost(const struct bench_cost *c)
{
	return json_pack("{s:f, s:I}", "seconds", c->seconds, "peak",
			 (json_int_t)c->peak);
}

static json_t *way(const struct bench_way *w)
{
	return json_pack("{s:I, s:o, s:o}", "size", (json_int_t)w->size, "diff",
			 cost(&w->diff), "apply", cost(&w->apply));
}

static json_t *pair(const struct bench_result *r)
{
	return json_pack("{s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:i}", "pair",
			 r->pair->name, "old_size",
			 (json_int_t)r->pair->old_size, "new_size",
			 (json_int_t)r->pair->new_size, "ours", way(&r->ours),
			 "back", way(&r->back), "bsdiff", way(&r->bsdiff),
			 "zstd", way(&r->zstd), "missed",
			 __builtin_popcount(bench_missed(r)));
}

int bench_write_json(const struct bench_result *results, size_t count,
		     const char *path, struct cx_error *err)
{
	json_t *rows = json_array(), *all;
	int ret = 0;
	size_t i;

	for (i = 0; i < count; i++)
		if (json_array_append_new(rows, pair(&results[i])))
			ret = -ENOMEM;
	all = json_pack("{s:o, s:f, s:f}", "pairs", rows, "mean",
			bench_mean(results, count,
				   offsetof(struct bench_result, ours)),
			"bar", BENCH_MEAN_BAR);
	if (ret || !all)
		ret = cx_fail(err, -ENOMEM, "%s: out of memory", path);
	else if (json_dump_file(all, path, JSON_INDENT(2) | JSON_REAL_PRECISION(6)))
		ret = cx_fail(err, -EIO, "%s cannot be written", path);
	json_decref(all);
	return ret;
}
