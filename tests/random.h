/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers that a seed decides. */
#ifndef _TESTS_RANDOM_H
#define _TESTS_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

/* struct random - splitmix64; any @state is a seed */
struct random {
	uint64_t state;
};

static inline uint64_t random_u64(struct random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* random_below - evenly below @n; 0 if @n is 0 */
static inline uint64_t random_below(struct random *r, uint64_t n)
{
	return n ? random_u64(r) % n : 0;
}

/* random_length - up to @max, short ones more often */
static inline uint64_t random_length(struct random *r, uint64_t max)
{
	return random_below(r, random_below(r, max) + 1);
}

/* random_one_in - true once in @n times */
static inline bool random_one_in(struct random *r, unsigned int n)
{
	return !random_below(r, n);
}

#endif /* _TESTS_RANDOM_H */
