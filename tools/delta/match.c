// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Blocks of two files: first anchors, runs that are the same in both, then what
 * lies between two anchors goes to the one or the other for as long as more
 * than half of it is the same (as in C. Percival, "Naive differences of
 * executable code", 2003).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "match.h"
#include "suffixes.h"

/* A run along the present alignment that needs no search */
#define RUN_MIN		32
/* What is paid, in bits, for a byte that is in no block, and for a jump */
#define BITS_BYTE	4
#define BITS_JUMP	2
/* The block itself: what it really costs is only known when all are there. */
static const int bits_block[CX_MATCH_WAYS] = { 20, 28, 14 };
/* Longer matches are worth it in any case. */
#define GAIN_MAX	4096
/* A block may still be cut in two. */
#define ROOM_FOR_CUTS	1
/* How far a match is looked for without the suffixes */
#define NEAR		64
#define NEAR_MIN	sizeof(uint32_t)
/* By how much a match has to be better than one where the section suggests it */
#define GUIDE_GAIN	8
/* Shorter blocks are dropped. */
#define BLOCK_MIN	8

struct matcher {
	const uint8_t *old;
	uint64_t old_size;
	const uint8_t *now;
	uint64_t size;
	const struct cx_guide *guides;
	size_t guide_count;
	int bits_block;
	struct cx_block *list;
	size_t count;
	size_t room;
};

static int add_anchor(struct matcher *m, uint64_t old, uint64_t at, uint64_t length)
{
	struct cx_block *last = m->count ? &m->list[m->count - 1] : NULL;

	if (last && last->old - last->at == old - at) {
		last->length = at + length - last->at;
		return 0;
	}
	if (m->count == m->room) {
		size_t room = m->room ? 2 * m->room : 1024;
		struct cx_block *list = realloc(m->list, room * sizeof(*list));

		if (!list)
			return -ENOMEM;
		m->list = list;
		m->room = room;
	}
	m->list[m->count++] = (struct cx_block){ .old = old, .at = at, .length = length };
	return 0;
}

/* How far both files are the same from @at on, @shift apart */
static uint64_t run_at(const struct matcher *m, uint64_t at, uint64_t shift)
{
	uint64_t old = at + shift, room;

	if (old >= m->old_size)
		return 0;
	room = m->size - at < m->old_size - old ? m->size - at : m->old_size - old;
	return cx_common(m->old + old, m->now + at, room);
}

static uint64_t same_along(const struct matcher *m, uint64_t at, uint64_t length,
			   uint64_t shift)
{
	uint64_t same = 0;

	for (uint64_t i = at; i < at + length; i++)
		same += i + shift < m->old_size && m->old[i + shift] == m->now[i];
	return same;
}

/*
 * Tables are full of the same; of matches that are about as long, that at the
 * same distance from the beginning, or else the end, of the section is right.
 */
static uint64_t prefer_guide(const struct matcher *m, uint64_t at, uint64_t old,
			     uint64_t *length)
{
	for (size_t i = 0; i < m->guide_count; i++) {
		const struct cx_guide *g = &m->guides[i];
		uint64_t shifts[2] = { g->old - g->at,
				       g->old + g->old_size - g->at - g->size };

		if (at - g->at >= g->size)
			continue;
		for (unsigned int k = 0; k < 2; k++) {
			uint64_t run = run_at(m, at, shifts[k]);

			if (run + GUIDE_GAIN < *length)
				continue;
			*length = run;
			return at + shifts[k];
		}
	}
	return old;
}

/*
 * The longest match within a short distance of where going on would lead.  Shorter ones
 * than NEAR_MIN never pay; most places are told from a match by that.
 */
static uint64_t find_near(const struct matcher *m, uint64_t at, uint64_t shift,
			  uint64_t *length)
{
	uint64_t best = at + shift;
	uint32_t wanted, there;

	*length = 0;
	if (m->size - at < NEAR_MIN || m->old_size < NEAR_MIN)
		return best;
	memcpy(&wanted, m->now + at, NEAR_MIN);
	for (uint64_t d = 1; d <= NEAR; d++)
		for (int sign = 0; sign < 2; sign++) {
			uint64_t old = at + shift + (sign ? -d : d), run;

			if (old > m->old_size - NEAR_MIN)
				continue;
			memcpy(&there, m->old + old, NEAR_MIN);
			if (there != wanted)
				continue;
			run = run_at(m, at, old - at);
			if (run > *length) {
				*length = run;
				best = old;
			}
		}
	return best;
}

/* The bits that a match saves: some for each byte that is not the same anyway */
static int64_t gain_of(const struct matcher *m, uint64_t at, uint64_t shift, uint64_t old,
		       uint64_t length)
{
	uint64_t apart = old > at + shift ? old - at - shift : at + shift - old;
	uint64_t same = same_along(m, at, length < GAIN_MAX ? length : GAIN_MAX, shift);
	int bits = apart ? 64 - __builtin_clzll(apart) : 0;

	return BITS_BYTE * (int64_t)((length < GAIN_MAX ? length : GAIN_MAX) - same) -
	       (m->bits_block + BITS_JUMP * bits);
}

/*
 * The best match of what begins at @at; without suffixes only guesses count.
 * Its length is 0 if none is worth a block.
 */
static uint64_t find_match(const struct matcher *m, const struct cx_suffixes *sorted,
			   uint64_t at, uint64_t shift, uint64_t *length)
{
	uint64_t near_length, near = find_near(m, at, shift, &near_length), old = at;
	int64_t near_gain = gain_of(m, at, shift, near, near_length), gain;

	*length = 0;
	if (sorted)
		old = cx_suffixes_find(sorted, m->now + at, m->size - at, at + shift, length);
	old = prefer_guide(m, at, old, length);
	gain = gain_of(m, at, shift, old, *length);
	if (near_gain > gain) {
		*length = near_gain > 0 ? near_length : 0;
		return near;
	}
	if (gain <= 0)
		*length = 0;
	return old;
}

static int find_anchors(struct matcher *m, const struct cx_suffixes *sorted)
{
	uint64_t at = 0, shift = 0;
	int ret = 0;

	while (at < m->size && !ret) {
		uint64_t length = run_at(m, at, shift), old;

		if (length >= RUN_MIN) {
			ret = add_anchor(m, at + shift, at, length);
			at += length;
			continue;
		}
		old = find_match(m, sorted, at, shift, &length);
		if (!length) {
			at++;
			continue;
		}
		shift = old - at;
		ret = add_anchor(m, old, at, length);
		at += length;
	}
	return ret;
}

/* How far a block should go on forwards, at most @room bytes */
static uint64_t forwards(const struct matcher *m, const struct cx_block *b, uint64_t room)
{
	uint64_t old = b->old + b->length, at = b->at + b->length, best = 0;
	int64_t score = 0, best_score = 0;

	for (uint64_t i = 0; i < room && old + i < m->old_size; i++) {
		score += m->old[old + i] == m->now[at + i] ? 1 : -1;
		if (score > best_score) {
			best_score = score;
			best = i + 1;
		}
	}
	return best;
}

static uint64_t backwards(const struct matcher *m, const struct cx_block *b, uint64_t room)
{
	int64_t score = 0, best_score = 0;
	uint64_t best = 0;

	for (uint64_t i = 1; i <= room && i <= b->old; i++) {
		score += m->old[b->old - i] == m->now[b->at - i] ? 1 : -1;
		if (score > best_score) {
			best_score = score;
			best = i;
		}
	}
	return best;
}

/* Both want some of the same bytes: where should the one end, the other begin? */
static uint64_t best_cut(const struct matcher *m, const struct cx_block *a,
			 const struct cx_block *b, uint64_t from, uint64_t to)
{
	int64_t score = 0, best_score = 0;
	uint64_t best = from;

	for (uint64_t i = from; i < to; i++) {
		score += m->old[a->old + (i - a->at)] == m->now[i];
		score -= m->old[b->old - (b->at - i)] == m->now[i];
		if (score > best_score) {
			best_score = score;
			best = i + 1;
		}
	}
	return best;
}

/* Extend a block and the next one into what lies between. */
static void share(const struct matcher *m, struct cx_block *a, struct cx_block *b)
{
	uint64_t from = a->at + a->length, room = b->at - from;
	uint64_t forth = forwards(m, a, room), back = backwards(m, b, room);

	if (forth + back > room) {
		uint64_t cut = best_cut(m, a, b, b->at - back, from + forth);

		forth = cut - from;
		back = b->at - cut;
	}
	a->length += forth;
	b->at -= back;
	b->old -= back;
	b->length += back;
}

static void extend(struct matcher *m)
{
	struct cx_block *first, *last;
	uint64_t back;

	if (!m->count)
		return;
	first = &m->list[0];
	last = &m->list[m->count - 1];
	back = backwards(m, first, first->at);
	first->at -= back;
	first->old -= back;
	first->length += back;
	for (size_t i = 1; i < m->count; i++)
		share(m, &m->list[i - 1], &m->list[i]);
	last->length += forwards(m, last, m->size - last->at - last->length);
}

/* The format bounds the number of blocks, and so what is the shortest that pays. */
static void drop_short(struct matcher *m)
{
	for (uint64_t least = BLOCK_MIN; ; least *= 2) {
		size_t kept = 0;

		for (size_t i = 0; i < m->count; i++)
			if (m->list[i].length >= least)
				m->list[kept++] = m->list[i];
		m->count = kept;
		if (kept + ROOM_FOR_CUTS <= cx_blocks_max(m->size))
			return;
	}
}

static int match(struct matcher *m, const struct cx_suffixes *sorted, struct cx_blocks *blocks)
{
	int ret = find_anchors(m, sorted);

	if (!ret) {
		extend(m);
		drop_short(m);
	}
	blocks->list = m->list;
	blocks->count = m->count;
	return ret;
}

int cx_match(const uint8_t *old, uint64_t old_size, const uint8_t *now, uint64_t size,
	     const struct cx_guide *guides, size_t guide_count, struct cx_blocks *blocks,
	     unsigned int ways)
{
	bool sorts = old_size <= CX_SUFFIXES_MAX;
	struct cx_suffixes sorted = { 0 };
	int ret = sorts ? cx_suffixes_sort(&sorted, old, old_size) : 0;

	for (unsigned int i = 0; i < ways && !ret; i++) {
		struct matcher m = {
			.old = old, .old_size = old_size, .now = now, .size = size,
			.guides = guides, .guide_count = guide_count,
			.bits_block = bits_block[i],
		};

		ret = match(&m, sorts ? &sorted : NULL, &blocks[i]);
	}
	cx_suffixes_free(&sorted);
	return ret;
}
