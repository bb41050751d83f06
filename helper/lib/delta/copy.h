/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a block becomes in the new file: its bytes, its references moved on. */
#ifndef _CX_DELTA_COPY_H
#define _CX_DELTA_COPY_H

#include "lib/delta/bytes.h"
#include "lib/delta/map.h"
#include "lib/delta/refs.h"

/**
 * struct cx_copy - the models of copied blocks
 * @c: the coder
 * @refs: of the old file
 * @map: from the old file to the new one
 * @bytes: the model for bytes that differ
 * @now: the new file
 * @span: whether a span is as predicted; by what the last two were
 * @part: the same for its parts
 * @mixer: whether a byte or a reference is as predicted
 * @places: probabilities of that, by some hashes
 * @failed: the last outcomes, the latest in the lowest bit
 * @words_failed: the same for words of plain bytes
 * @since: how many were right since the last that was not
 * @distance: how far off a reference is, by its kind
 * @again: whether that is what it was the last time, by kind
 * @other: whether the map's other answer is right, by kind
 * @last_off: that, by kind
 * @random: the random words of the old file, in the new one
 * @span_history: whether the last spans were as predicted
 * @part_history: the same of parts
 */
struct cx_copy {
	struct cx_coder *c;
	const struct cx_refs *refs;
	struct cx_map *map;
	struct cx_bytes *bytes;
	uint8_t *now;
	cx_prob span[4];
	cx_prob part[16];
	struct cx_mixer mixer;
	struct cx_table places;
	uint32_t failed;
	uint32_t words_failed;
	uint32_t since;
	struct cx_number distance[CX_REF_KINDS];
	cx_prob again[CX_REF_KINDS];
	cx_prob other[CX_REF_KINDS];
	int64_t last_off[CX_REF_KINDS];
	uint32_t random[CX_RANDOM_MAX];
	uint32_t span_history;
	uint32_t part_history;
};

/**
 * cx_copy_init - make the models
 * @y: initialised; freed by cx_copy_free().  The others have to stay.
 *
 * Return: 0 or -ENOMEM.
 */
int cx_copy_init(struct cx_copy *y, struct cx_coder *c, const struct cx_refs *refs,
		 struct cx_map *map, struct cx_bytes *bytes, uint8_t *now);

/* cx_copy_free - also of one that was only zeroed */
void cx_copy_free(struct cx_copy *y);

/**
 * cx_copy_random - code the random words, before the first block
 * @y: the models
 * @size: of the new file
 */
void cx_copy_random(struct cx_copy *y, uint64_t size);

/* cx_copy_block - code what a block becomes; if applying, write it */
void cx_copy_block(struct cx_copy *y, const struct cx_block *block);

#endif /* _CX_DELTA_COPY_H */
