/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How far two runs of bytes are the same. */
#ifndef _CX_DELTA_COMMON_H
#define _CX_DELTA_COMMON_H

#include <stdint.h>
#include <string.h>

/* cx_common - bytes that @a and @b have in common at their beginning, of @size */
static inline uint64_t cx_common(const uint8_t *a, const uint8_t *b, uint64_t size)
{
	uint64_t n = 0, x, y;

	for (; size - n >= 8; n += 8) {
		memcpy(&x, a + n, 8);
		memcpy(&y, b + n, 8);
		if (x != y)
			return n + (uint64_t)__builtin_ctzll(x ^ y) / 8;
	}
	while (n < size && a[n] == b[n])
		n++;
	return n;
}

#endif /* _CX_DELTA_COMMON_H */
