// SPDX-License-Identifier: LGPL-2.1-or-later
/* The results as a table for people. */
#include "bench.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <libsmartcols.h>

static const char *const titles[] = {
	"PAIR", "NEW FILE", "BSDIFF", "ZSTD", "OURS", "BACK", "RATIO",
	"DIFF TIME", "APPLY TIME", "DIFF MEMORY", "APPLY MEMORY", "MISSED",
};

#define COLUMNS (sizeof(titles) / sizeof(*titles))

static const char *const bar_names[BENCH_BARS] = {
	"size", "diff time", "diff memory", "apply time", "apply memory",
};

static void must(bool ok)
{
	if (ok)
		return;
	fputs("cryptex-delta: out of memory\n", stderr);
	exit(EXIT_FAILURE);
}

static void name_missed(unsigned int missed, char *text, size_t size)
{
	size_t used = 0;
	int bar;

	*text = '\0';
	for (bar = 0; bar < BENCH_BARS; bar++)
		if (missed & 1 << bar)
			used += snprintf(text + used, size - used, "%s%s",
					 used ? ", " : "", bar_names[bar]);
}

static void add_row(struct libscols_table *table, const struct bench_result *r)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);
	const struct bench_pair *pair = r->pair;
	char cells[COLUMNS][96];
	size_t i = 0;

#define CELL(...) snprintf(cells[i++], sizeof(*cells), __VA_ARGS__)
	CELL("%s", pair->name);
	CELL("%" PRIu64, pair->new_size);
	CELL("%" PRIu64, r->bsdiff.size);
	CELL("%" PRIu64, r->zstd.size);
	CELL("%" PRIu64, r->ours.size);
	CELL("%" PRIu64, r->back.size);
	CELL("%.4f", (double)r->ours.size / r->bsdiff.size);
	CELL("%.2f", fmax(r->ours.diff.seconds, r->back.diff.seconds) /
	     r->bsdiff.diff.seconds);
	CELL("%.2f", fmax(r->ours.apply.seconds, r->back.apply.seconds) /
	     r->bsdiff.apply.seconds);
	CELL("%.1f", (double)r->ours.diff.peak / pair->old_size);
	CELL("%.2f", (double)r->ours.apply.peak /
	     (BENCH_APPLY_BASE + 1.5 * (pair->old_size + pair->new_size)));
#undef CELL
	name_missed(bench_missed(r), cells[i], sizeof(*cells));
	must(line);
	for (i = 0; i < COLUMNS; i++)
		must(!scols_line_set_data(line, i, cells[i]));
}

static void print_sums(const struct bench_result *results, size_t count)
{
	double mean = bench_mean(results, count,
				 offsetof(struct bench_result, ours));
	unsigned int missed = mean > BENCH_MEAN_BAR;
	size_t i;

	for (i = 0; i < count; i++)
		missed += __builtin_popcount(bench_missed(&results[i]));
	printf("\nTimes are relative to bsdiff and bspatch (processor time, the worse direction),\n"
	       "memory to the old file and to %llu MiB + 1.5 * (old + new).\n\n"
	       "Geometric mean of %zu pairs, relative to bsdiff: %.4f (bar %.2f, %s);\n"
	       "back %.4f; zstd --patch-from -22 %.4f\n",
	       BENCH_APPLY_BASE >> 20, count, mean, BENCH_MEAN_BAR,
	       mean <= BENCH_MEAN_BAR ? "met" : "MISSED",
	       bench_mean(results, count, offsetof(struct bench_result, back)),
	       bench_mean(results, count, offsetof(struct bench_result, zstd)));
	printf("Missed: %u of %zu bars\n", missed, 1 + count * BENCH_BARS);
}

void bench_print(const struct bench_result *results, size_t count)
{
	struct libscols_table *table = scols_new_table();
	size_t i;

	must(table);
	for (i = 0; i < COLUMNS; i++)
		must(scols_table_new_column(table, titles[i], 0,
					    i && i < COLUMNS - 1 ?
					    SCOLS_FL_RIGHT : 0));
	scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
	for (i = 0; i < count; i++)
		add_row(table, &results[i]);
	scols_print_table(table);
	scols_unref_table(table);
	print_sums(results, count);
}
