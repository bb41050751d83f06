/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Probabilities that are found by hashes of their contexts: a table that grows
 * with what it has to hold, as a page that is never touched costs nothing.  One that
 * begins with 128 KB or more has pages of 2 MB, and so has what grows beyond 2 MB.
 */
#ifndef _CX_DELTA_TABLE_H
#define _CX_DELTA_TABLE_H

#include <stddef.h>

#include "lib/delta/model.h"

/* A check of which context it is, and the probabilities for a nibble: a cache line */
#define CX_TABLE_LINE	16

/**
 * struct cx_table - the table
 * @lines: CX_TABLE_LINE probabilities each; NULL in a table that was only zeroed
 * @mask: number of lines minus 1
 * @max: number of lines that there is room for
 * @used: lines that were taken, so far
 * @plain: there are only slots, not checked
 * @memory: what @lines are in
 * @memory_size: bytes of that
 */
struct cx_table {
	cx_prob *lines;
	uint32_t mask;
	uint32_t max;
	uint64_t used;
	bool plain;
	void *memory;
	size_t memory_size;
};

/**
 * cx_table_init - make a table
 * @t: initialised; given back by cx_table_free()
 * @expected: so many lines will probably be used
 * @min: the least to begin with, a power of 2
 * @max: the most in the end, likewise
 * @plain: it is only asked for slots
 *
 * Return: 0 or -ENOMEM.
 */
int cx_table_init(struct cx_table *t, uint64_t expected, uint32_t min, uint32_t max, bool plain);

/* cx_table_free - also of one that was only zeroed */
void cx_table_free(struct cx_table *t);

/* cx_table_double - make it twice as large; each context keeps what it has learnt */
void cx_table_double(struct cx_table *t);

/*
 * cx_table_grow - make room for what comes, if it is full; pointers into it from before
 * are invalid then.  For tables without lines @used says so.
 */
static inline void cx_table_grow(struct cx_table *t)
{
	if (t->used > t->mask && t->mask + 1 < t->max)
		cx_table_double(t);
}

/**
 * cx_table_line - the probabilities of a context
 * @t: the table
 * @hash: of the context
 *
 * A context has one of two lines.  If both are taken, that which was used less is
 * forgotten.
 */
static inline cx_prob *cx_table_line(struct cx_table *t, uint64_t hash)
{
	uint32_t check = (uint32_t)(hash >> 32);
	cx_prob *line = t->lines + (size_t)(check & t->mask) * CX_TABLE_LINE;
	cx_prob *other = t->lines + (size_t)((check & t->mask) ^ 1) * CX_TABLE_LINE;

	if (line[0] == check)
		return line;
	if (other[0] == check)
		return other;
	if (cx_prob_count(other[1]) < cx_prob_count(line[1]))
		line = other;
	__builtin_memset(line, 0, CX_TABLE_LINE * sizeof(*line));
	line[0] = check;
	t->used++;
	return line;
}

/* cx_table_prefetch - a line will be asked for: one of two next to each other */
static inline void cx_table_prefetch(const struct cx_table *t, uint64_t hash)
{
	size_t first = (uint32_t)(hash >> 32) & t->mask & ~1u;

	__builtin_prefetch(t->lines + first * CX_TABLE_LINE, 1);
	__builtin_prefetch(t->lines + (first + 1) * CX_TABLE_LINE, 1);
}

/* cx_table_slot - one probability, whichever context uses it; for tables without lines */
static inline cx_prob *cx_table_slot(const struct cx_table *t, uint64_t hash)
{
	return t->lines + (hash & ((uint64_t)t->mask * CX_TABLE_LINE | (CX_TABLE_LINE - 1)));
}

#endif /* _CX_DELTA_TABLE_H */
