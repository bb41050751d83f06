// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/table.h"

#include <stdio.h>
#include <stdlib.h>

#include <libsmartcols.h>

struct ctl_table {
	struct libscols_table *scols;
	struct libscols_line *last;
	size_t columns;
	bool color;
};

static void need(bool ok)
{
	if (ok)
		return;
	fputs("cryptexctl: out of memory\n", stderr);
	exit(1);
}

struct ctl_table *ctl_table_new(const char *const titles[], size_t count,
				bool color)
{
	struct ctl_table *table = calloc(1, sizeof(*table));
	size_t i;

	need(table);
	table->scols = scols_new_table();
	need(table->scols);
	table->columns = count;
	table->color = color;
	scols_table_enable_colors(table->scols, color);
	for (i = 0; i < count; i++) {
		bool right = titles[i][0] == '>';

		need(scols_table_new_column(table->scols, titles[i] + right, 0,
					    right ? SCOLS_FL_RIGHT : 0));
	}
	return table;
}

void ctl_table_row(struct ctl_table *table, const char *const cells[])
{
	size_t i;

	table->last = scols_table_new_line(table->scols, NULL);
	need(table->last);
	for (i = 0; i < table->columns; i++)
		need(!scols_line_set_data(table->last, i, cells[i]));
}

void ctl_table_paint(struct ctl_table *table, size_t column, const char *color)
{
	if (table->color)
		scols_cell_set_color(scols_line_get_cell(table->last, column),
				     color);
}

void ctl_table_end(struct ctl_table *table)
{
	scols_print_table(table->scols);
	scols_unref_table(table->scols);
	free(table);
}
