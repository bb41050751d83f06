// SPDX-License-Identifier: LGPL-2.1-or-later
/* Memory of hashed probabilities. */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/delta/table.h"

#define LINE_BYTES	(CX_TABLE_LINE * sizeof(cx_prob))

/* Large pages are faster, but one is cleared as a whole: a table that stays small goes without. */
#define LARGE_PAGE	(2u << 20)
#define LARGE_FROM	(128u << 10)

/*
 * Zeros that cost nothing until they are touched; @t->memory is what to give back.
 * @min: bytes at first
 */
static cx_prob *map_lines(struct cx_table *t, size_t min, size_t size)
{
	size_t small = min < LARGE_FROM ? LARGE_PAGE : 0;
	uintptr_t aligned;

	t->memory_size = size + LARGE_PAGE;
	t->memory = mmap(NULL, t->memory_size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (t->memory == MAP_FAILED)
		return NULL;
	aligned = ((uintptr_t)t->memory + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
	if (size > small)
		madvise((void *)(aligned + small), size - small, MADV_HUGEPAGE);
	return (cx_prob *)aligned;
}

int cx_table_init(struct cx_table *t, uint64_t expected, uint32_t min, uint32_t max, bool plain)
{
	memset(t, 0, sizeof(*t));
	while (min < max && min < expected)
		min *= 2;
	t->lines = map_lines(t, min * LINE_BYTES, max * LINE_BYTES);
	if (!t->lines)
		return -ENOMEM;
	t->mask = min - 1;
	t->max = max;
	t->plain = plain;
	return 0;
}

void cx_table_free(struct cx_table *t)
{
	if (t->lines)
		munmap(t->memory, t->memory_size);
	memset(t, 0, sizeof(*t));
}

/* A hash has one bit more then; a line's check is the hash, so it says where it goes. */
void cx_table_double(struct cx_table *t)
{
	uint32_t size = t->mask + 1;

	for (uint32_t i = 0; i < size; i++) {
		cx_prob *line = t->lines + (size_t)i * CX_TABLE_LINE;

		if (!t->plain && !(line[0] & size))
			continue;
		memcpy(line + (size_t)size * CX_TABLE_LINE, line, LINE_BYTES);
		if (!t->plain)
			memset(line, 0, LINE_BYTES);
	}
	t->mask = 2 * size - 1;
}
