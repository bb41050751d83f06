// SPDX-License-Identifier: LGPL-2.1-or-later
/* The suffix array, by libdivsufsort. */
#include <divsufsort.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "suffixes.h"

/* How many neighbours are asked whether they are as good and nearer */
#define NEIGHBOURS 16

int cx_suffixes_sort(struct cx_suffixes *s, const uint8_t *text, uint64_t size)
{
	s->text = text;
	s->size = size;
	s->sorted = malloc((size + 1) * sizeof(*s->sorted));
	if (!s->sorted || (size && divsufsort(text, s->sorted, (saidx_t)size))) {
		cx_suffixes_free(s);
		return -ENOMEM;
	}
	return 0;
}

void cx_suffixes_free(struct cx_suffixes *s)
{
	free(s->sorted);
	memset(s, 0, sizeof(*s));
}

/* How much of @wanted the suffix number @i begins with */
static uint64_t length_at(const struct cx_suffixes *s, int64_t i, const uint8_t *wanted,
			  uint64_t size)
{
	uint64_t at = (uint64_t)s->sorted[i];

	return cx_common(s->text + at, wanted, size < s->size - at ? size : s->size - at);
}

/* The first suffix that is not below @wanted */
static int64_t lower_bound(const struct cx_suffixes *s, const uint8_t *wanted, uint64_t size)
{
	int64_t low = 0, high = (int64_t)s->size;

	while (low < high) {
		int64_t middle = (low + high) / 2;
		uint64_t at = (uint64_t)s->sorted[middle];
		uint64_t room = s->size - at;
		uint64_t n = cx_common(s->text + at, wanted, size < room ? size : room);

		if (n < size && (n == room || s->text[at + n] < wanted[n]))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static uint64_t apart(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

uint64_t cx_suffixes_find(const struct cx_suffixes *s, const uint8_t *wanted,
			  uint64_t size, uint64_t near, uint64_t *length)
{
	int64_t bound, from, to, best = -1;

	if (size > CX_SUFFIXES_LENGTH)
		size = CX_SUFFIXES_LENGTH;
	*length = 0;
	bound = lower_bound(s, wanted, size);
	from = bound > NEIGHBOURS ? bound - NEIGHBOURS : 0;
	to = bound + NEIGHBOURS < (int64_t)s->size ? bound + NEIGHBOURS : (int64_t)s->size;
	for (int64_t i = from; i < to; i++) {
		uint64_t n = length_at(s, i, wanted, size);

		if (n < *length || (best >= 0 && n == *length &&
				    apart((uint64_t)s->sorted[i], near) >=
				    apart((uint64_t)s->sorted[best], near)))
			continue;
		*length = n;
		best = i;
	}
	return best < 0 ? 0 : (uint64_t)s->sorted[best];
}
