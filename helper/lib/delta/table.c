// SPDX-License-Identifier: LGPL-2.1-or-later
/* Memory of hashed probabilities. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/delta/table.h"

#define LINE_BYTES	(CX_TABLE_LINE * sizeof(cx_prob))

/* One takes less time to have than some tens of small ones. */
#define LARGE_PAGE	(2u << 20)

int cx_table_init(struct cx_table *t, uint32_t min, uint32_t max, bool plain)
{
	size_t size = max * LINE_BYTES;
	void *lines = aligned_alloc(LARGE_PAGE, size > LARGE_PAGE ? size : LARGE_PAGE);

	memset(t, 0, sizeof(*t));
	if (!lines)
		return -ENOMEM;
	if (size > LARGE_PAGE)
		madvise(lines, size, MADV_HUGEPAGE);
	memset(lines, 0, min * LINE_BYTES);
	*t = (struct cx_table){ .lines = lines, .mask = min - 1, .max = max, .plain = plain };
	return 0;
}

void cx_table_free(struct cx_table *t)
{
	free(t->lines);
	memset(t, 0, sizeof(*t));
}

/* A hash has one bit more then; a line's check is the hash, so it says where it goes. */
void cx_table_double(struct cx_table *t)
{
	uint32_t size = t->mask + 1;

	memset(t->lines + (size_t)size * CX_TABLE_LINE, 0, size * LINE_BYTES);
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
