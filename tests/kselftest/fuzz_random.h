/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers that the seed alone decides, so that what they led to can be had again. */
#ifndef _KSFT_FUZZ_RANDOM_H
#define _KSFT_FUZZ_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct fuzz_random - a stream of numbers (splitmix64)
 * @state: at first the seed
 */
struct fuzz_random {
	uint64_t state;
};

static inline uint64_t fuzz_next(struct fuzz_random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* A number below @limit, which is not 0. */
static inline size_t fuzz_below(struct fuzz_random *r, size_t limit)
{
	return fuzz_next(r) % limit;
}

/* True once in @odds times. */
static inline bool fuzz_once_in(struct fuzz_random *r, unsigned int odds)
{
	return !fuzz_below(r, odds);
}

/* A number such as programs are wrong with. */
static inline uint64_t fuzz_number(struct fuzz_random *r)
{
	static const uint64_t edges[] = {
		0, 1, 2, 3, 4, 7, 8, 15, 16, 63, 64, 255, 256, 4095, 4096,
		65535, 65536, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000,
		INT64_MAX, UINT64_MAX,
	};
	uint64_t number = edges[fuzz_below(r, sizeof(edges) / sizeof(*edges))];

	switch (fuzz_below(r, 4)) {
	case 0: return number + 1;
	case 1: return number - 1;
	case 2: return fuzz_next(r) >> fuzz_below(r, 64);
	default: return number;
	}
}

#endif /* _KSFT_FUZZ_RANDOM_H */
