// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzzes the making of patches (libFuzzer with ASan and UBSan): any two files,
 * ELF or nearly so, have to round trip.
 *
 * The first four bytes of an input are the size of the old file, which follows
 * them; the rest is the new one.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/delta/mutate.h"
#include "../unit/delta/trip.h"
#include "fuzz.h"

struct pair {
	struct bytes old;
	struct bytes new;
};

static struct pair split(const uint8_t *data, size_t size)
{
	uint32_t first = 0;

	if (size < sizeof(first))
		return (struct pair){ bytes_new(0), bytes_copy(data, size) };
	memcpy(&first, data, sizeof(first));
	data += sizeof(first);
	size -= sizeof(first);
	first %= size + 1;
	return (struct pair){ bytes_copy(data, first),
			      bytes_copy(data + first, size - first) };
}

/* What is too much for the fuzzer is cut off. */
static size_t join(uint8_t *data, size_t max, struct pair *pair)
{
	uint32_t first = pair->old.size;

	if (max < sizeof(first))
		return 0;
	max -= sizeof(first);
	if (first > max)
		first = max;
	if (pair->new.size > max - first)
		pair->new.size = max - first;
	memcpy(data, &first, sizeof(first));
	memcpy(data + sizeof(first), pair->old.data, first);
	memcpy(data + sizeof(first) + first, pair->new.data, pair->new.size);
	first += sizeof(first) + pair->new.size;
	bytes_free(&pair->old);
	bytes_free(&pair->new);
	return first;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pair pair = split(data, size);
	struct cx_error err = { "" };

	if (trip_round(&pair.old, &pair.new, NULL, &err)) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	bytes_free(&pair.old);
	bytes_free(&pair.new);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	struct random r = { seed };
	struct pair pair;

	if (random_one_in(&r, 3))
		return LLVMFuzzerMutate(data, size, max);
	pair = split(data, size);
	if (random_one_in(&r, 20)) {
		bytes_free(&pair.new);
		pair.new = bytes_copy(pair.old.data, pair.old.size);
	}
	do {
		mutate(random_one_in(&r, 2) ? &pair.old : &pair.new, &r);
	} while (random_one_in(&r, 2));
	return join(data, max, &pair);
}
