// SPDX-License-Identifier: LGPL-2.1-or-later
/* Memory of hashed probabilities. */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/delta/table.h"

#define LINE_BYTES	(CX_TABLE_LINE * sizeof(cx_prob))

/* One takes less time to have than some tens of small ones. */
#define LARGE_PAGE	(2u << 20)

/* Zeros that cost nothing until they are touched; @t->memory is what to give back. */
static cx_prob *map_lines(struct cx_table *t, size_t size)
{
	uintptr_t aligned;

	t->memory_size = size + LARGE_PAGE;
	t->memory = mmap(NULL, t->memory_size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (t->memory == MAP_FAILED)
		return NULL;
	aligned = ((uintptr_t)t->memory + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
	if (size > LARGE_PAGE)
		madvise((void *)aligned, size, MADV_HUGEPAGE);
	return (cx_prob *)aligned;
}

int cx_table_init(struct cx_table *t, uint64_t expected, uint32_t min, uint32_t max, bool plain)
{
	memset(t, 0, sizeof(*t));
	while (min < max && min < expected)
		min *= 2;
	t->lines = map_lines(t, max * LINE_BYTES);
	t->mask = min - 1;
	t->max = max;
	t->plain = plain;
	return t->lines ? 0 : -ENOMEM;
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
