/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A table for people. */
#ifndef _CTL_TABLE_H
#define _CTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct ctl_table;

/**
 * ctl_table_new - begin a table
 * @titles: of the columns; one that begins with '>' stands at the right
 * @count: number of columns
 * @color: whether ctl_table_paint() shall do anything
 *
 * Out of memory ends the program: a table is all that is left to print.
 */
struct ctl_table *ctl_table_new(const char *const titles[], size_t count,
				bool color);

/**
 * ctl_table_row - add a row
 * @table: the table
 * @cells: a text for each column, copied; control characters are not printed
 */
void ctl_table_row(struct ctl_table *table, const char *const cells[]);

/**
 * ctl_table_paint - colour a cell of the last row
 * @table: the table
 * @column: index of the column
 * @color: "green", "yellow", "red", ...
 */
void ctl_table_paint(struct ctl_table *table, size_t column, const char *color);

/**
 * ctl_table_end - print the table on stdout and free it
 * @table: the table
 */
void ctl_table_end(struct ctl_table *table);

#endif /* _CTL_TABLE_H */
