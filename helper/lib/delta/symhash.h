/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hash table of dynamic symbols, .gnu.hash: it follows from the symbols, so
 * it is not sent but made anew.
 */
#ifndef _CX_DELTA_SYMHASH_H
#define _CX_DELTA_SYMHASH_H

#include "lib/delta/coder.h"
#include "lib/delta/map.h"

/**
 * struct cx_symhash - a table and where it follows from
 * @present: there is one, and it is left out
 * @start: its offset in the file
 * @end: behind it
 * @symbols: offset of the symbols
 * @symbols_end: behind them
 * @strings: offset of their names
 * @buckets: number of buckets
 * @first: number of the first symbol that is in the table
 * @words: words of the Bloom filter, of 64 bits
 * @shift: by which the filter's second hash is made
 */
struct cx_symhash {
	bool present;
	uint64_t start;
	uint64_t end;
	uint64_t symbols;
	uint64_t symbols_end;
	uint64_t strings;
	uint32_t buckets;
	uint32_t first;
	uint32_t words;
	uint32_t shift;
};

/**
 * cx_symhash_find - read where a file's table is
 * @image: the file
 *
 * Return: what it is, @present being false if there is none.
 */
struct cx_symhash cx_symhash_find(const struct cx_image *image);

/**
 * cx_symhash_make - make a table
 * @h: what to make
 * @data: the file that it belongs to; the table is written into it
 * @size: bytes of the file
 *
 * Return: false if the symbols and the table don't fit each other or the file;
 * then nothing was written.
 */
bool cx_symhash_make(const struct cx_symhash *h, uint8_t *data, uint64_t size);

/**
 * cx_symhash_code - code whether the table is left out, and where it is
 * @c: the coder
 * @old: of the old file, from which the new one's is predicted
 * @map: to the new file
 * @h: if making, what to write; if applying, filled
 */
void cx_symhash_code(struct cx_coder *c, const struct cx_symhash *old,
		     struct cx_map *map, struct cx_symhash *h);

#endif /* _CX_DELTA_SYMHASH_H */
