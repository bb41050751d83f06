// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Prints the measurements as a table and writes them as JSON.
 *
 * Standard input has a line for each fact, its fields separated by tabs:
 *
 *	info KEY VALUE
 *	row NAME OURS PEER UNIT BAR PEER-NAME	(BAR "-": none)
 *
 * Other lines are output of the tools that were called, and are skipped.
 */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <libsmartcols.h>

#define FIELDS 7

enum { R_ROW, R_NAME, R_OURS, R_PEER, R_UNIT, R_BAR, R_PEER_NAME };

static const struct {
	const char *title;
	int flags;
} columns[] = {
	{ "MEASUREMENT", 0 },
	{ "OURS", SCOLS_FL_RIGHT },
	{ "PEER", SCOLS_FL_RIGHT },
	{ "UNIT", 0 },
	{ "RATIO", SCOLS_FL_RIGHT },
	{ "BAR", SCOLS_FL_RIGHT },
	{ "VERDICT", 0 },
	{ "PEER IS", 0 },
};

#define COLUMNS (sizeof(columns) / sizeof(*columns))

struct report {
	struct libscols_table *table;
	json_t *info;
	json_t *rows;
	unsigned int bars;
	unsigned int missed;
};

static void die(const char *what, const char *detail)
{
	fprintf(stderr, "bench-report: %s: %s\n", what, detail);
	exit(1);
}

static void must(bool ok)
{
	if (!ok)
		die("out of memory", "a row or more are lost");
}

static double number(const char *text)
{
	char *end;
	double value;

	errno = 0;
	value = strtod(text, &end);
	if (errno || end == text || *end || !isfinite(value) || value < 0)
		die("not a figure", text);
	return value;
}

static const char *judge(struct report *r, double ratio, const char *bar)
{
	if (!strcmp(bar, "-"))
		return "";
	r->bars++;
	if (ratio <= number(bar))
		return "met";
	r->missed++;
	return "MISSED";
}

static void add_line(struct report *r, char *const *f, double ratio,
		     const char *verdict)
{
	char text[32];
	const char *cells[COLUMNS] = { f[R_NAME], f[R_OURS], f[R_PEER],
				       f[R_UNIT], text, f[R_BAR], verdict,
				       f[R_PEER_NAME] };
	struct libscols_line *line = scols_table_new_line(r->table, NULL);
	size_t i;

	must(line);
	snprintf(text, sizeof(text), "%.3f", ratio);
	for (i = 0; i < COLUMNS; i++)
		must(!scols_line_set_data(line, i, cells[i]));
}

static void add_row(struct report *r, char *const *f)
{
	double ours = number(f[R_OURS]), peer = number(f[R_PEER]);
	const char *verdict;
	json_t *row;

	if (peer <= 0)
		die("the peer's figure is 0", f[R_NAME]);
	verdict = judge(r, ours / peer, f[R_BAR]);
	add_line(r, f, ours / peer, verdict);
	row = json_pack("{s:s, s:f, s:f, s:s, s:f, s:s}", "name", f[R_NAME],
			"ours", ours, "peer", peer, "unit", f[R_UNIT], "ratio",
			ours / peer, "peer_name", f[R_PEER_NAME]);
	must(row);
	if (*verdict) {
		json_object_set_new(row, "bar", json_real(number(f[R_BAR])));
		json_object_set_new(row, "met", json_boolean(*verdict == 'm'));
	}
	must(!json_array_append_new(r->rows, row));
}

static void take_line(struct report *r, char *line)
{
	char *f[FIELDS], *field, *save = NULL;
	int n = 0;

	line[strcspn(line, "\r\n")] = '\0';
	for (field = strtok_r(line, "\t", &save); field && n < FIELDS;
	     field = strtok_r(NULL, "\t", &save))
		f[n++] = field;
	if (n == 3 && !strcmp(f[0], "info"))
		must(!json_object_set_new(r->info, f[1], json_string(f[2])));
	else if (n == FIELDS && !strcmp(f[R_ROW], "row"))
		add_row(r, f);
	else if (n && (!strcmp(f[0], "row") || !strcmp(f[0], "info")))
		die("too few fields", f[0]);
}

static void read_all(struct report *r)
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) >= 0)
		take_line(r, line);
	free(line);
	if (!json_array_size(r->rows))
		die("nothing was measured", "no row on standard input");
}

static void print(struct report *r)
{
	const char *key;
	json_t *value;

	scols_print_table(r->table);
	putchar('\n');
	json_object_foreach(r->info, key, value)
		printf("%s: %s\n", key, json_string_value(value));
	if (r->missed)
		printf("\nMISSED: %u of %u bars\n", r->missed, r->bars);
	else
		printf("\nAll %u bars met\n", r->bars);
}

int main(int argc, char **argv)
{
	struct report r = { 0 };
	json_t *all;
	size_t i;

	if (argc != 2)
		die("usage", "bench-report RESULT.json < FACTS");
	r.table = scols_new_table();
	r.info = json_object();
	r.rows = json_array();
	must(r.table && r.info && r.rows);
	for (i = 0; i < COLUMNS; i++)
		must(scols_table_new_column(r.table, columns[i].title, 0,
					    columns[i].flags));
	/* Whole names, also where nothing tells the width of a terminal. */
	scols_table_set_termforce(r.table, SCOLS_TERMFORCE_NEVER);
	read_all(&r);
	print(&r);
	all = json_pack("{s:o, s:o, s:i, s:i}", "machine", r.info, "rows",
			r.rows, "bars", r.bars, "missed", r.missed);
	must(all);
	if (json_dump_file(all, argv[1], JSON_INDENT(2) | JSON_REAL_PRECISION(6)))
		die("cannot write", argv[1]);
	json_decref(all);
	scols_unref_table(r.table);
	return 0;
}
