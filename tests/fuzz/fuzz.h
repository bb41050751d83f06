/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What every fuzzer has: what libFuzzer calls and offers, and an end. */
#ifndef _FUZZ_H
#define _FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
			       unsigned int seed);

/* need - a promise of the parser, whose breach the fuzzer reports */
static inline void need(bool truth)
{
	if (!truth)
		abort();
}

/* Reads every byte, so that ASan sees one out of bounds. */
static inline void touch(const void *p, size_t len)
{
	const volatile uint8_t *byte = p;

	while (len--)
		(void)*byte++;
}

#endif /* _FUZZ_H */
