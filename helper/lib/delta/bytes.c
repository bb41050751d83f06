// SPDX-License-Identifier: LGPL-2.1-or-later
/* The model of bytes: a mixture of contexts, and of the longest match. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/delta/bytes.h"
#include "lib/delta/image.h"

#define CONTEXTS	7
#define CONTEXTS_DIFFERS 6	/* of them, for bytes that replace others */
#define SETS		32	/* of weights, for each mode */
#define SET_STEPS	(2 * SETS)
#define ALL_SETS	(SET_STEPS + 2 * CX_BYTES_TIMES)
#define FIRST_LEARNT	1	/* the contexts before know of the place in the old file */
#define LINES_MIN	(1u << 10)
#define LINES_MAX	(1u << 19)
#define LINES_EACH	4	/* for each new byte */
#define GUESSES_MIN	(1u << 6)
#define GUESSES_MAX	(1u << 12)
/* Bytes that have to be the same before a match is tried */
#define MATCH_MIN	6
#define MATCH_MAX	28
/* So few bytes are not worth an index of the old file; how many places more are */
#define INDEX_FROM	64
#define INDEX_WORTH	8
#define INDEX_MIN	16384

static uint64_t hash(uint64_t x, uint32_t salt)
{
	x = (x + salt) * 0x9e3779b97f4a7c15ull;
	return x ^ x >> 29;
}

static uint64_t index_hash(const struct cx_bytes *b, const uint8_t *end)
{
	uint64_t key = cx_get(end - MATCH_MIN, MATCH_MIN);

	return key * 0xd6e8feb86659fd93ull >> b->index_shift;
}

/* The fewer bytes there are to code, the less is it worth to look at the old file. */
static int make_index(struct cx_bytes *b, uint64_t expected)
{
	uint64_t places = expected > INDEX_MIN / INDEX_WORTH ? INDEX_WORTH * expected : INDEX_MIN;
	uint64_t step = 1 + b->old_size / places;
	unsigned int bits = 10;

	while (bits < 18 && step << bits < b->old_size)
		bits++;
	b->index = calloc(1ull << bits, sizeof(*b->index));
	if (!b->index)
		return -ENOMEM;
	b->index_shift = 64 - bits;
	for (uint64_t i = MATCH_MIN; i < b->old_size; i += step)
		b->index[index_hash(b, b->old + i)] = (uint32_t)i;
	return 0;
}

int cx_bytes_init(struct cx_bytes *b, const uint8_t *old, uint64_t old_size,
		  const uint8_t *now, uint64_t expected)
{
	memset(b, 0, sizeof(*b));
	b->old = old;
	b->old_size = old_size;
	b->now = now;
	if (cx_table_init(&b->table, LINES_EACH * expected, LINES_MIN, LINES_MAX, false) ||
	    cx_table_init(&b->guesses, 0, GUESSES_MIN, GUESSES_MAX, true) ||
	    cx_mixer_init(&b->mixer, ALL_SETS, 65536 / 5, 30) ||
	    (expected >= INDEX_FROM && make_index(b, expected))) {
		cx_bytes_free(b);
		return -ENOMEM;
	}
	return 0;
}

void cx_bytes_free(struct cx_bytes *b)
{
	cx_table_free(&b->table);
	cx_table_free(&b->guesses);
	free(b->index);
	cx_mixer_free(&b->mixer);
	memset(b, 0, sizeof(*b));
}

static const uint8_t *byte_at(const struct cx_bytes *b, uint64_t place)
{
	return place < b->old_size ? b->old + place : b->now + (place - b->old_size);
}

static unsigned int common(const struct cx_bytes *b, uint64_t place, uint64_t at)
{
	uint64_t limit = place < b->old_size ? place : place - b->old_size;
	unsigned int n = 0;

	while (n < MATCH_MAX && n < limit && n < at &&
	       byte_at(b, place - 1 - n)[0] == b->now[at - 1 - n])
		n++;
	return n;
}

/* Goes on with the match, or looks for one; remembers this place. */
static void find_match(struct cx_bytes *b, uint64_t at)
{
	uint32_t *entry;

	if (b->found_length && (b->found >= b->old_size + at || b->found == b->old_size))
		b->found_length = 0;
	if (!b->index || at < MATCH_MIN)
		return;
	entry = &b->index[index_hash(b, b->now + at)];
	if (!b->found_length && *entry) {
		b->found = *entry;
		b->found_length = common(b, b->found, at);
		if (b->found_length < MATCH_MIN || b->found == b->old_size)
			b->found_length = 0;
	}
	*entry = (uint32_t)(b->old_size + at);
}

/* @data: what the byte is in; @hints: as for cx_bytes_code() */
static void set_contexts(const struct cx_bytes *b, const uint8_t *data,
			 enum cx_byte_mode mode, uint64_t at, uint64_t like,
			 const uint64_t *hints, uint64_t *ctx)
{
	uint64_t before = 0, old = 256, next = 0, salt = mode;

	if (at >= 8)
		before = cx_get(data + at - 8, 8);
	else if (at)
		before = cx_get(data, (unsigned int)at) << 8 * (8 - at);
	if (like < b->old_size)
		old = b->old[like];
	if (like + 1 < b->old_size)
		next = b->old[like + 1];
	before = __builtin_bswap64(before);		/* the last byte is the lowest */
	ctx[0] = salt << 16 | old;
	ctx[1] = 1ull << 60 | salt << 8 | (before & 0xff);
	ctx[2] = 2ull << 60 | (before & 0xffff);
	ctx[3] = 3ull << 60 | (before & (mode == CX_BYTE_DIFFERS ? 0xffffff : 0xffffffff));
	ctx[4] = 6ull << 60 | salt << 32 | old << 16 | (before & 0xff) << 8 | next;
	ctx[5] = 7ull << 60 | (before >> 56) << 16 | (at & 7) << 8 |
		 (at >= 24 ? data[at - 24] : 0);
	ctx[6] = 5ull << 60 | (before & 0xffffffffffff);
	if (hints)
		memcpy(&ctx[CONTEXTS - CX_BYTES_HINTS], hints,
		       CX_BYTES_HINTS * sizeof(*hints));
}

/* Where contexts are found; all lines are on their way to the cache at once. */
static void find_hashes(const struct cx_bytes *b, const uint64_t *ctx, unsigned int first,
			unsigned int count, unsigned int node, uint64_t *hashes)
{
	for (unsigned int i = first; i < count; i++) {
		hashes[i] = hash(ctx[i], node);
		cx_table_prefetch(&b->table, hashes[i]);
	}
}

/*
 * A byte often differs from the old one by as much as one did before, as in
 * addresses that nobody knew to be one.  Two guesses: behind bytes that differed
 * by the same, one of them or three.  One bit for most of them is faster, and
 * shorter, than eight.
 */
static void find_steps(struct cx_bytes *b, uint64_t at, uint64_t like)
{
	uint64_t before = 0;

	for (unsigned int i = 1; i <= 3 && i <= at && i <= like && like - i < b->old_size; i++)
		before = before << 8 | (uint8_t)(b->now[at - i] - b->old[like - i]);
	b->steps[0] = &b->step_table[hash((before & 0xff) << 2 | (at & 3), 1) & (CX_BYTES_STEPS - 1)];
	b->steps[1] = &b->step_table[hash(before << 2 | (at & 3), 2) & (CX_BYTES_STEPS - 1)];
}

/* Does the byte differ by as much as step @i says? */
static bool code_step(struct cx_bytes *b, struct cx_coder *c, unsigned int i, uint64_t like,
		      uint8_t was, bool right)
{
	const struct cx_step *step = b->steps[i];
	uint64_t before = like && like <= b->old_size ? b->old[like - 1] : 0;
	uint64_t salt = (uint64_t)(i + 1) << 56 | (uint64_t)step->by << 16 | (like & 3) << 24;

	cx_table_grow(&b->guesses);
	b->guesses.used++;
	cx_mixer_add(&b->mixer, &b->step_right[0][b->steps[0]->times][i]);
	cx_mixer_add(&b->mixer, &b->step_right[1][b->steps[1]->times][i]);
	cx_mixer_add(&b->mixer, cx_table_slot(&b->guesses, hash(salt | was, 3) >> 32));
	cx_mixer_add(&b->mixer, cx_table_slot(&b->guesses, hash(salt | before, 4) >> 32));
	cx_mixer_add(&b->mixer, cx_table_slot(&b->guesses, hash(salt | before << 32 | was, 5) >> 32));
	cx_mixer_add(&b->mixer, cx_table_slot(&b->guesses, hash(i << 8 | (b->hits & 0xff), 6) >> 32));
	right = cx_mixer_bit(&b->mixer, c, SET_STEPS + i * CX_BYTES_TIMES + step->times, right);
	b->hits = b->hits << 1 | right;
	return right;
}

/* The better guess first; a guess that is the other one, or no difference, is none. */
static bool code_steps(struct cx_bytes *b, struct cx_coder *c, uint64_t like, uint8_t was,
		       uint8_t *byte)
{
	for (int i = 1; i >= 0; i--) {
		uint8_t guess = (uint8_t)(was + b->steps[i]->by);

		if (guess == was || (i == 0 && b->steps[0]->by == b->steps[1]->by))
			continue;
		if (code_step(b, c, (unsigned int)i, like, was, guess == *byte)) {
			*byte = guess;
			return true;
		}
	}
	return false;
}

static void learn_steps(struct cx_bytes *b, uint8_t by)
{
	for (unsigned int i = 0; i < 2; i++) {
		struct cx_step *step = b->steps[i];

		if (step->by != by)
			*step = (struct cx_step){ .by = by };
		else if (step->times < CX_BYTES_TIMES - 1)
			step->times++;
	}
}

/* What the match says of the next bit, if it has been right in this byte so far */
static cx_prob *match_input(struct cx_bytes *b, uint64_t expected, unsigned int node,
			    unsigned int bit)
{
	unsigned int length = b->found_length < 31 ? b->found_length : 31;

	if (!b->found_length || (expected | 0x100) >> (8 - bit) != node)
		return NULL;
	return &b->match[length * 2 + (expected >> (7 - bit) & 1)];
}

/* What is told of the next bit beside the contexts; returns the weight set to use */
static unsigned int add_guesses(struct cx_bytes *b, enum cx_byte_mode mode,
				unsigned int node, unsigned int bit)
{
	uint64_t expected = b->found_length ? *byte_at(b, b->found) : 0;
	cx_prob *match;

	if (mode == CX_BYTE_DIFFERS)
		return bit;
	match = match_input(b, expected, node, bit);
	if (!match)
		return SETS;
	cx_mixer_add(&b->mixer, match);
	return SETS + (b->found_length < SETS - 1 ? b->found_length : SETS - 1);
}

static void code_nibble(struct cx_bytes *b, struct cx_coder *c, enum cx_byte_mode mode,
			const uint64_t *hashes, unsigned int *node, unsigned int byte)
{
	unsigned int count = mode == CX_BYTE_DIFFERS ? CONTEXTS_DIFFERS : CONTEXTS;
	unsigned int first = *node == 1 ? 0 : 4, slot = 1;
	cx_prob *lines[CONTEXTS];

	for (unsigned int i = 0; i < count; i++)
		lines[i] = cx_table_line(&b->table, hashes[i]);
	for (unsigned int bit = first; bit < first + 4; bit++) {
		unsigned int set, got;

		for (unsigned int i = 0; i < count; i++)
			cx_mixer_add(&b->mixer, &lines[i][slot]);
		set = add_guesses(b, mode, *node, bit);
		got = cx_mixer_bit(&b->mixer, c, set, byte >> (7 - bit) & 1);
		slot = slot * 2 + got;
		*node = *node * 2 + got;
	}
}

static void go_on(struct cx_bytes *b, uint8_t byte)
{
	if (!b->found_length)
		return;
	b->found_length = *byte_at(b, b->found) == byte ? b->found_length + 1 : 0;
	b->found++;
}

/* Both nibbles; the lines of the first are on their way. */
static uint8_t code_whole(struct cx_bytes *b, struct cx_coder *c, enum cx_byte_mode mode,
			  const uint64_t *ctx, uint64_t *hashes, uint8_t byte)
{
	unsigned int count = mode == CX_BYTE_DIFFERS ? CONTEXTS_DIFFERS : CONTEXTS;
	unsigned int node = 1;

	code_nibble(b, c, mode, hashes, &node, byte);
	find_hashes(b, ctx, 0, count, node, hashes);
	code_nibble(b, c, mode, hashes, &node, byte);
	return (uint8_t)node;
}

static uint8_t code_new(struct cx_bytes *b, struct cx_coder *c, uint64_t at, uint64_t like,
			uint8_t byte, const uint64_t *hints)
{
	uint64_t ctx[CONTEXTS], hashes[CONTEXTS];

	if (at != b->next)
		b->found_length = 0;
	cx_table_grow(&b->table);
	set_contexts(b, b->now, CX_BYTE_IS_NEW, at, like, hints, ctx);
	find_hashes(b, ctx, 0, CONTEXTS, 1, hashes);
	find_match(b, at);
	byte = code_whole(b, c, CX_BYTE_IS_NEW, ctx, hashes, byte);
	go_on(b, byte);
	return byte;
}

static uint8_t code_differing(struct cx_bytes *b, struct cx_coder *c, uint64_t at,
			      uint64_t like, uint8_t byte, const uint64_t *hints)
{
	uint8_t was = like < b->old_size ? b->old[like] : 0;
	uint64_t ctx[CONTEXTS], hashes[CONTEXTS];

	b->found_length = 0;
	find_steps(b, at, like);
	if (!code_steps(b, c, like, was, &byte)) {
		cx_table_grow(&b->table);
		set_contexts(b, b->now, CX_BYTE_DIFFERS, at, like, hints, ctx);
		find_hashes(b, ctx, 0, CONTEXTS_DIFFERS, 1, hashes);
		byte = code_whole(b, c, CX_BYTE_DIFFERS, ctx, hashes, byte);
	}
	learn_steps(b, (uint8_t)(byte - was));
	return byte;
}

uint8_t cx_bytes_code(struct cx_bytes *b, struct cx_coder *c, enum cx_byte_mode mode,
		      uint64_t at, uint64_t like, uint8_t byte, const uint64_t *hints)
{
	if (mode == CX_BYTE_DIFFERS)
		byte = code_differing(b, c, at, like, byte, hints);
	else
		byte = code_new(b, c, at, like, byte, hints);
	b->next = at + 1;
	return byte;
}

static void learn_nibble(cx_prob *line, unsigned int nibble)
{
	unsigned int slot = 1;

	for (int bit = 3; bit >= 0; bit--) {
		cx_prob_learn(&line[slot], nibble >> bit & 1);
		slot = slot * 2 + (nibble >> bit & 1);
	}
}

void cx_bytes_learn(struct cx_bytes *b, const uint8_t *data, uint64_t at,
		    const uint64_t *hints)
{
	const unsigned int nibbles[2] = { data[at] >> 4, data[at] & 15u };
	uint64_t ctx[CONTEXTS], hashes[2][CONTEXTS];

	cx_table_grow(&b->table);
	set_contexts(b, data, CX_BYTE_IS_NEW, at, UINT64_MAX - 1, hints, ctx);
	find_hashes(b, ctx, FIRST_LEARNT, CONTEXTS, 1, hashes[0]);
	find_hashes(b, ctx, FIRST_LEARNT, CONTEXTS, 16 + nibbles[0], hashes[1]);
	for (unsigned int half = 0; half < 2; half++)
		for (unsigned int i = FIRST_LEARNT; i < CONTEXTS; i++)
			learn_nibble(cx_table_line(&b->table, hashes[half][i]), nibbles[half]);
}
