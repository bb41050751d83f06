/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The bytes that a patch has to spell out: each is predicted from those before
 * it, from what stands at its place in the old file, and from where the like of
 * it stood before.
 */
#ifndef _CX_DELTA_BYTES_H
#define _CX_DELTA_BYTES_H

#include "lib/delta/model.h"
#include "lib/delta/table.h"

#define CX_BYTES_HINTS	3

/* A byte that replaces one of a block; one that is in no block */
enum cx_byte_mode { CX_BYTE_DIFFERS, CX_BYTE_IS_NEW };

#define CX_BYTES_STEPS	4096
#define CX_BYTES_TIMES	16

/* By how much a byte differed, and how often again */
struct cx_step {
	uint8_t by;
	uint8_t times;
};

/**
 * struct cx_bytes - the model
 * @table: probabilities, a line for each nibble of each context
 * @guesses: probabilities of a step's being right, by hashes
 * @hits: whether the last ones were, the latest in the lowest bit
 * @mixer: mixes the contexts
 * @match: for each length, whether a match predicts the next bit
 * @old: the old file
 * @old_size: bytes of it
 * @now: the new file
 * @index: by a hash of some bytes: where they were, plus 1; old places, then new
 * @index_shift: of the hash
 * @found: where the match goes on, in old and then new; 0 if there is none
 * @found_length: how long it is
 * @step_table: by how much bytes differed, by a hash of how those before them did
 * @steps: those for the present byte
 * @step_right: whether a step comes again, by how often it did
 * @next: the place behind the last byte, where a match goes on
 */
struct cx_bytes {
	struct cx_table table;
	struct cx_table guesses;
	uint32_t hits;
	struct cx_mixer mixer;
	cx_prob match[64];
	const uint8_t *old;
	uint64_t old_size;
	const uint8_t *now;
	uint32_t *index;
	unsigned int index_shift;
	uint64_t found;
	unsigned int found_length;
	uint64_t next;
	struct cx_step step_table[CX_BYTES_STEPS];
	struct cx_step *steps[2];
	cx_prob step_right[2][CX_BYTES_TIMES][2];
};

/**
 * cx_bytes_init - make the model
 * @b: initialised; freed by cx_bytes_free()
 * @old: the old file
 * @old_size: bytes of it
 * @now: the new file, of which all before the present byte is there
 * @expected: bytes that are in no block; the model's size follows from it
 *
 * Return: 0 or -ENOMEM.
 */
int cx_bytes_init(struct cx_bytes *b, const uint8_t *old, uint64_t old_size,
		  const uint8_t *now, uint64_t expected);

/* cx_bytes_free - also of one that was only zeroed */
void cx_bytes_free(struct cx_bytes *b);

/**
 * cx_bytes_code - code one byte
 * @b: the model
 * @c: the coder
 * @mode: what kind of byte
 * @at: its place in the new file
 * @like: its place in the old file, or where that would be
 * @byte: if making
 * @hints: CX_BYTES_HINTS contexts that the caller knows of, or NULL
 */
uint8_t cx_bytes_code(struct cx_bytes *b, struct cx_coder *c, enum cx_byte_mode mode,
		      uint64_t at, uint64_t like, uint8_t byte, const uint64_t *hints);

/**
 * cx_bytes_learn - learn from a byte that need not be coded
 * @b: the model
 * @data: what it is in
 * @at: its place there
 * @hints: as above
 */
void cx_bytes_learn(struct cx_bytes *b, const uint8_t *data, uint64_t at,
		    const uint64_t *hints);

#endif /* _CX_DELTA_BYTES_H */
