// SPDX-License-Identifier: LGPL-2.1-or-later
/* The list of blocks, and the biases of segments. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/delta/blocks.h"
#include "lib/delta/model.h"

/* Segments move by whole pages, mostly. */
#define PAGE_BITS 12

/* How a block is found from the one before */
enum start {
	START_JUMP,		/* some old bytes were left out, or it is from elsewhere */
	START_BACK,		/* as far moved as one of the last blocks */
	START_PAD,		/* behind a padding */
	START_RESUME,		/* where the last jump was made */
	STARTS
};

/* A longer way is a jump that may be taken back. */
#define FAR	256

/* So many distances are remembered. */
#define SHIFTS	8

struct models {
	struct cx_number count;
	struct cx_number pages;
	struct cx_number rest;
	cx_prob back[STARTS + 1];
	cx_prob pad[STARTS + 1];
	cx_prob resume[STARTS + 1];
	struct cx_number gap[STARTS];
	struct cx_number which;
	struct cx_number skipped;
	struct cx_number jump;
	struct cx_number resumed;
	cx_prob to_pad[STARTS + 1];
	struct cx_number pads;
	struct cx_number length[STARTS + 1];
};

/* What is known when a block is coded */
struct state {
	struct cx_coder *c;
	const struct cx_pads *pads;
	struct models m;
	uint64_t shifts[SHIFTS];	/* new place minus old one, the latest first */
	unsigned int start;		/* how the last block began; STARTS behind a padding */
	uint64_t before;		/* where it would have gone on without the last jump */
	uint64_t old;			/* the end of the last block */
	uint64_t at;
	const struct cx_pad *pad;	/* the last block ended at this one, or NULL */
};

static void remember(struct state *s, uint64_t shift)
{
	unsigned int i = 0;

	while (i < SHIFTS - 1 && s->shifts[i] != shift)
		i++;
	memmove(&s->shifts[1], &s->shifts[0], i * sizeof(shift));
	s->shifts[0] = shift;
}

static unsigned int shift_index(const struct state *s, uint64_t shift)
{
	unsigned int i = 0;

	while (i < SHIFTS && s->shifts[i] != shift)
		i++;
	return i;
}

/* The first padding that is not before the last block's end */
static size_t next_pad(const struct state *s)
{
	return cx_pads_from(s->pads, s->old < CX_PAD_ALIGN ? 0 : s->old - CX_PAD_ALIGN + 1);
}

/* The number of the padding that ends at @old, or the count of them */
static size_t pad_before(const struct cx_pads *pads, uint64_t old)
{
	size_t i = cx_pads_from(pads, old < CX_PAD_ALIGN ? 0 : old - CX_PAD_ALIGN + 1);

	while (i < pads->count && pads->list[i].end < old)
		i++;
	return i < pads->count && pads->list[i].end == old ? i : pads->count;
}

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

static unsigned int start_of(const struct state *s, const struct cx_block *b)
{
	size_t pad;

	if (shift_index(s, b->at - b->old) < SHIFTS)
		return START_BACK;
	if (distance(b->old, s->before) < FAR && distance(b->old, s->old) >= FAR)
		return START_RESUME;
	pad = pad_before(s->pads, b->old);
	return pad < s->pads->count && pad >= next_pad(s) && b->at % CX_PAD_ALIGN == 0 ?
	       START_PAD : START_JUMP;
}

static void code_back(struct state *s, struct cx_block *b)
{
	unsigned int i = shift_index(s, b->at - b->old);

	i = (unsigned int)cx_number_code(s->c, &s->m.which, i);
	if (i >= SHIFTS)
		s->c->broken = true;
	b->at = s->at + cx_number_code(s->c, &s->m.gap[START_BACK], b->at - s->at);
	b->old = b->at - s->shifts[i & (SHIFTS - 1)];
}

static void code_behind_pad(struct state *s, struct cx_block *b)
{
	size_t first = next_pad(s), pad = s->c->making ? pad_before(s->pads, b->old) : 0;
	uint64_t at = cx_pads_aligned(s->at), gap = (b->at - at) / CX_PAD_ALIGN;

	pad = first + cx_number_code(s->c, &s->m.skipped, pad - first);
	if (pad >= s->pads->count)
		s->c->broken = true;
	else
		b->old = s->pads->list[pad].end;
	gap = cx_number_code(s->c, &s->m.gap[START_PAD], gap);
	b->at = at + gap * CX_PAD_ALIGN;
}

static void code_jump(struct state *s, struct cx_block *b)
{
	uint64_t gap = cx_number_code(s->c, &s->m.gap[START_JUMP], b->at - s->at);

	b->at = s->at + gap;
	b->old = s->old + gap + (uint64_t)cx_number_code_signed(
		s->c, &s->m.jump, (int64_t)(b->old - s->old - gap));
}

static void code_resumed(struct state *s, struct cx_block *b)
{
	uint64_t gap = cx_number_code(s->c, &s->m.gap[START_RESUME], b->at - s->at);

	b->at = s->at + gap;
	b->old = s->before + gap + (uint64_t)cx_number_code_signed(
		s->c, &s->m.resumed, (int64_t)(b->old - s->before - gap));
}

static void code_start(struct state *s, struct cx_block *b)
{
	unsigned int start = start_of(s, b);

	if (cx_prob_bit(s->c, &s->m.back[s->start], start == START_BACK)) {
		code_back(s, b);
		s->start = START_BACK;
	} else if (cx_prob_bit(s->c, &s->m.pad[s->start], start == START_PAD)) {
		code_behind_pad(s, b);
		s->start = START_PAD;
	} else if (cx_prob_bit(s->c, &s->m.resume[s->start], start == START_RESUME)) {
		code_resumed(s, b);
		s->start = START_RESUME;
	} else {
		code_jump(s, b);
		s->start = START_JUMP;
	}
}

/* Does @b go on until a padding, behind which the next block begins? */
static const struct cx_pad *pad_behind(const struct state *s, const struct cx_block *b,
				       const struct cx_block *next)
{
	uint64_t end = b->old + b->length;
	size_t pad = cx_pads_from(s->pads, end);

	if (!next || pad == s->pads->count || s->pads->list[pad].start != end ||
	    next->old != s->pads->list[pad].end ||
	    next->at != cx_pads_aligned(b->at + b->length))
		return NULL;
	return &s->pads->list[pad];
}

static const struct cx_pad *code_to_pad(struct state *s, struct cx_block *b,
					const struct cx_pad *pad)
{
	size_t first = cx_pads_from(s->pads, b->old + 1);
	size_t i = pad ? (size_t)(pad - s->pads->list) - first : 0;

	i = first + cx_number_code(s->c, &s->m.pads, i);
	if (i >= s->pads->count) {
		s->c->broken = true;
		return NULL;
	}
	b->length = s->pads->list[i].start - b->old;
	return &s->pads->list[i];
}

/* @next: if making, the block behind, or NULL */
static void code_block(struct state *s, struct cx_block *b, const struct cx_block *next)
{
	const struct cx_pad *pad = s->c->making ? pad_behind(s, b, next) : NULL;
	uint64_t shift;

	if (s->pad) {
		b->old = s->pad->end;
		b->at = cx_pads_aligned(s->at);
		s->start = STARTS;
	} else {
		code_start(s, b);
	}
	shift = b->at - b->old;
	b->padded = 0;
	s->pad = NULL;
	if (shift % CX_PAD_ALIGN && s->pads->count)
		b->padded = cx_prob_bit(s->c, &s->m.to_pad[s->start], pad != NULL);
	if (b->padded)
		s->pad = code_to_pad(s, b, pad);
	else
		b->length = cx_number_code(s->c, &s->m.length[s->start], b->length);
	remember(s, shift);
	if (distance(b->old, s->old) >= FAR)
		s->before = s->old;
	s->old = b->old + b->length;
	s->at = b->at + b->length;
}

static void code_bias(struct cx_coder *c, struct models *m, const struct cx_segment *s,
		      uint64_t *bias)
{
	uint64_t usual = s->addr - s->offset, more = *bias - usual;
	int64_t pages = (int64_t)more >> PAGE_BITS;
	uint64_t rest = more & ((1 << PAGE_BITS) - 1);

	pages = cx_number_code_signed(c, &m->pages, pages);
	rest = cx_number_code(c, &m->rest, rest);
	*bias = usual + ((uint64_t)pages << PAGE_BITS) + rest;
}

static bool is_possible(const struct cx_block *last, const struct cx_block *b,
			uint64_t old_size, uint64_t size)
{
	return b->at >= last->at + last->length && b->at <= size &&
	       b->length && b->length <= size - b->at &&
	       b->old <= old_size && b->length <= old_size - b->old;
}

static int code_list(struct state *s, struct cx_blocks *blocks,
		     uint64_t old_size, uint64_t size, struct cx_error *err)
{
	struct cx_block last = { 0 };

	for (size_t i = 0; i < blocks->count; i++) {
		code_block(s, &blocks->list[i],
			   i + 1 < blocks->count ? &blocks->list[i + 1] : NULL);
		if (s->c->broken || !is_possible(&last, &blocks->list[i], old_size, size))
			return cx_fail(err, -EBADMSG,
				       "the patch is broken: block %zu is not in the files", i);
		last = blocks->list[i];
	}
	return 0;
}

/* Numbers of patches in general, so that small ones need not learn them */
static void expect(struct models *m)
{
	cx_number_expect(&m->count, 220);
	cx_number_expect(&m->jump, 200);
	cx_number_expect(&m->resumed, 190);
	for (unsigned int i = 0; i < STARTS; i++)
		cx_number_expect(&m->gap[i], 190);
	for (unsigned int i = 0; i < STARTS + 1; i++)
		cx_number_expect(&m->length[i], 220);
}

int cx_blocks_code(struct cx_coder *c, const struct cx_image *old,
		   const struct cx_pads *pads, struct cx_blocks *blocks, uint64_t size, struct cx_error *err)
{
	struct state s = { .c = c, .pads = pads };

	c->part = CX_DELTA_PART_BLOCKS;
	expect(&s.m);
	for (unsigned int i = 0; i < old->segment_count; i++)
		code_bias(c, &s.m, &old->segments[i], &blocks->bias[i]);
	blocks->count = cx_number_code(c, &s.m.count, blocks->count);
	if (c->broken || blocks->count > cx_blocks_max(size))
		return cx_fail(err, -EBADMSG, "the patch is broken: it has %zu blocks",
			       blocks->count);
	if (!c->making) {
		blocks->list = calloc(blocks->count + 1, sizeof(*blocks->list));
		if (!blocks->list)
			return cx_fail(err, -ENOMEM, "no memory for %zu blocks", blocks->count);
	}
	return code_list(&s, blocks, old->size, size, err);
}
