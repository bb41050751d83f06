// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Copied blocks.  Most of a block is as predicted, so that is asked in three
 * steps: for a span, for each of its parts, and for each byte or reference.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/delta/copy.h"

#define SPAN		1024
#define PART		64
/* A reference may reach over the end of a span. */
#define SPAN_ROOM	(SPAN + 8)

/* Bytes that are asked for together, in files without references */
#define WORD		4

/* Weight sets of the mixer: a byte, one of a word, a word, a reference by kind and source */
enum { SET_BYTE, SET_IN_WORD, SET_WORD = SET_IN_WORD + WORD, SET_REF };
#define SETS		(SET_REF + CX_REF_KINDS * CX_MAP_SOURCES)

/* The table of places has room for so many lines for each place that is coded. */
#define PLACE_LINES	4
/* Its size, in lines of CX_TABLE_LINE */
#define LINES_MIN	(1u << 9)
#define LINES_MAX	(1u << 14)

/* Contexts of a place that say exactly what is there */
#define EXACTLY		4

/* A prediction of one field */
struct guess {
	const struct cx_ref *ref;
	uint64_t target;
	struct cx_map_answer answer;
	uint64_t value;
};

int cx_copy_init(struct cx_copy *y, struct cx_coder *c, const struct cx_refs *refs,
		 struct cx_map *map, struct cx_bytes *bytes, uint8_t *now)
{
	memset(y, 0, sizeof(*y));
	y->c = c;
	y->refs = refs;
	y->map = map;
	y->bytes = bytes;
	y->now = now;
	if (cx_table_init(&y->places, 0, LINES_MIN, LINES_MAX, true) ||
	    cx_mixer_init(&y->mixer, SETS, 65536 / 4, 20)) {
		cx_copy_free(y);
		return -ENOMEM;
	}
	return 0;
}

void cx_copy_free(struct cx_copy *y)
{
	cx_table_free(&y->places);
	cx_mixer_free(&y->mixer);
	memset(y, 0, sizeof(*y));
}

static bool has_base(enum cx_ref_kind kind)
{
	return kind == CX_REF_TABLE || kind == CX_REF_INDEX || kind == CX_REF_EXTENT ||
	       kind == CX_REF_EXTENT32 || kind == CX_REF_NAME || kind == CX_REF_LENGTH;
}

/* What the new value counts from */
static uint64_t origin_of(struct cx_copy *y, const struct cx_ref *ref, uint64_t at)
{
	int i;

	if (has_base(ref->kind)) {
		uint64_t base = y->refs->bases[ref->extra];

		return cx_ref_in_file(ref->kind) ? cx_map_offset(y->map, base, false).now :
						   cx_map_address(y->map, base, false).now;
	}
	i = cx_image_segment_of(y->refs->image, ref->at);
	return i < 0 ? at : at + y->map->bias[i];
}

static struct guess predict(struct cx_copy *y, const struct cx_ref *ref, uint64_t at)
{
	struct guess g = { .ref = ref, .target = cx_ref_target(y->refs, ref) };
	bool end = cx_ref_is_end(ref->kind);

	if (cx_ref_in_file(ref->kind))
		g.answer = cx_map_offset(y->map, g.target, end);
	else
		g.answer = cx_map_address(y->map, g.target, end);
	if (ref->kind == CX_REF_RANDOM)
		g.value = y->random[ref->extra];
	else if (ref->kind == CX_REF_HEX)
		g.value = cx_ref_hex(g.answer.now < at ? y->now[g.answer.now] : 0);
	else
		g.value = cx_ref_value(ref, g.answer.now, origin_of(y, ref, at));
	return g;
}

/* predict() for references of code, as most are.  @away: address minus offset, before and now */
static uint64_t predict_code(const struct cx_copy *y, const struct cx_ref *ref, uint64_t at,
			     const uint64_t *away)
{
	unsigned int size = cx_ref_size(ref->kind), rest = size + ref->extra;
	uint64_t distance = (uint64_t)cx_sign_extend(
		cx_get(y->refs->image->data + ref->at, size), size);

	return cx_map_start(y->map, ref->at + away[0] + rest + distance) - at - away[1] - rest;
}

/* The reference number @i, if it is wholly before @end */
static const struct cx_ref *ref_within(const struct cx_copy *y, size_t i, uint64_t end)
{
	const struct cx_ref *ref;

	if (i >= y->refs->count)
		return NULL;
	ref = &y->refs->refs[i];
	return ref->at + cx_ref_size(ref->kind) <= end ? ref : NULL;
}

/*
 * Where a span that begins at @old should end: at @end, but not inside of a
 * reference.  @first: the first reference in it; @limit: of the block.
 */
static uint64_t span_end(const struct cx_copy *y, uint64_t end, uint64_t limit)
{
	size_t i;

	if (end >= limit)
		return limit;
	i = cx_refs_first(y->refs, end > 7 ? end - 7 : 0);
	for (; i < y->refs->count && y->refs->refs[i].at < end; i++) {
		const struct cx_ref *ref = ref_within(y, i, limit);

		if (ref && ref->at + cx_ref_size(ref->kind) > end)
			end = ref->at + cx_ref_size(ref->kind);
	}
	return end;
}

/* What old bytes from @old to @end would be */
static void predict_span(struct cx_copy *y, const struct cx_block *b, uint64_t old,
			 uint64_t end, size_t first, uint8_t *out)
{
	const struct cx_image *image = y->refs->image;
	int found = cx_image_segment_of(image, old), i = found < 0 ? 0 : found;
	const struct cx_segment *segment = &image->segments[i];
	const uint64_t away[2] = { segment->addr - segment->offset, y->map->bias[i] };
	bool within = found >= 0 && end - segment->offset <= segment->file_size;
	const struct cx_ref *ref;

	memcpy(out, image->data + old, end - old);
	while ((ref = ref_within(y, first++, end))) {
		uint64_t at = b->at + (ref->at - b->old);
		bool code = within && ref->kind <= CX_REF_CODE;

		cx_put(out + (ref->at - old), cx_ref_size(ref->kind), code ?
		       predict_code(y, ref, at, away) : predict(y, ref, at).value);
	}
}

static void note_outcome(struct cx_copy *y, bool wrong)
{
	y->failed = y->failed << 1 | wrong;
	y->since = wrong ? 0 : y->since + 1;
}

static cx_prob *place(struct cx_copy *y, uint64_t context, unsigned int salt)
{
	uint64_t x = (context * 16 + salt) * 0x9e3779b97f4a7c15ull;

	return cx_table_slot(&y->places, x >> 40);
}

static unsigned int log_since(const struct cx_copy *y)
{
	return y->since ? 32 - (unsigned int)__builtin_clz(y->since) : 0;
}

/* Old bytes in front of a place */
static uint64_t data_before(const struct cx_copy *y, uint64_t old, unsigned int count)
{
	return old < count ? 0 : cx_get(y->refs->image->data + old - count, count);
}

/* Is a field, or a byte, something else than predicted? */
static bool code_place(struct cx_copy *y, unsigned int set, uint64_t what,
		       const uint64_t *exactly, bool wrong)
{
	y->c->part = CX_DELTA_PART_PLACES;
	cx_table_grow(&y->places);
	cx_mixer_add(&y->mixer, place(y, what << 8 | (y->failed & 0xff), 0));
	for (unsigned int i = 0; i < EXACTLY; i++)
		cx_mixer_add(&y->mixer, place(y, exactly[i], 4 + i));
	cx_mixer_add(&y->mixer, place(y, (uint64_t)set << 32 | log_since(y) << 8 | (y->failed & 3), 2));
	cx_mixer_add(&y->mixer, place(y, set, 3));
	y->places.used += PLACE_LINES;
	wrong = cx_mixer_bit(&y->mixer, y->c, set, wrong);
	note_outcome(y, wrong);
	return wrong;
}

/* How far the other answer is off, in the field; 0 if there is no other */
static int64_t other_off(const struct guess *g)
{
	unsigned int size = cx_ref_size(g->ref->kind);

	if (g->ref->kind == CX_REF_HEX || g->ref->kind == CX_REF_RANDOM)
		return 0;
	return cx_sign_extend(cx_ref_value(g->ref, g->answer.other, 0) -
				      cx_ref_value(g->ref, g->answer.now, 0), size);
}

/* How far the field is off its prediction */
static int64_t code_distance(struct cx_copy *y, const struct guess *g, int64_t off)
{
	enum cx_ref_kind kind = g->ref->kind;
	int64_t other = other_off(g), *last = &y->last_off[kind];

	y->c->part = CX_DELTA_PART_REFS;
	if (other && cx_prob_bit(y->c, &y->other[kind], off == other))
		return other;
	if (*last && cx_prob_bit(y->c, &y->again[kind], off == *last))
		return *last;
	*last = cx_number_code_signed(y->c, &y->distance[kind], off);
	return *last;
}

static void learn(struct cx_copy *y, const struct guess *g, uint64_t off)
{
	if (g->ref->kind == CX_REF_HEX || g->ref->kind == CX_REF_RANDOM)
		return;
	if (g->ref->kind == CX_REF_BACK)
		off = -off;
	if (g->ref->kind == CX_REF_INDEX)
		off *= 24;
	cx_map_learn(y->map, g->target, cx_ref_in_file(g->ref->kind), g->answer.now + off);
}

static void code_ref(struct cx_copy *y, const struct cx_ref *ref, uint64_t at)
{
	struct guess g = predict(y, ref, at);
	unsigned int size = cx_ref_size(ref->kind);
	unsigned int set = SET_REF + ref->kind * CX_MAP_SOURCES + g.answer.source;
	int64_t off = cx_sign_extend(cx_get(y->now + at, size) - g.value, size);
	uint64_t exactly[EXACTLY];

	exactly[0] = g.target;
	exactly[1] = (uint64_t)set << 32 | (g.target >> 6);
	exactly[2] = (uint64_t)set << 32 | data_before(y, ref->at, 4);
	exactly[3] = (uint64_t)set << 32 | (y->failed & 0xffff);
	if (code_place(y, set, set, exactly, off != 0)) {
		off = code_distance(y, &g, off);
		learn(y, &g, (uint64_t)off);
		g.value += (uint64_t)off;
	}
	if (!y->c->making)
		cx_put(y->now + at, size, g.value);
}

/* @set: SET_BYTE or one of SET_IN_WORD; @wrong: it is known to be */
static bool code_byte(struct cx_copy *y, uint64_t old, uint64_t at, unsigned int set, bool wrong)
{
	const uint8_t *data = y->refs->image->data;
	uint64_t size = y->refs->image->size;
	uint8_t was = data[old], now = y->now[at];
	uint64_t exactly[EXACTLY] = {
		(uint64_t)was << 8 | data_before(y, old, 1),
		1ull << 40 | (uint64_t)was << 24 | data_before(y, old, 3),
		2ull << 40 | (size - old < 4 ? was : cx_get(data + old, 4)),
		3ull << 40 | (size > (old | 3) ? data[old | 3] : 0ull) << 16 |
			(old & 3) << 8 | (y->failed & 15),
	};

	if (wrong)
		note_outcome(y, true);
	else
		wrong = code_place(y, set, (uint64_t)set << 8 | was, exactly, now != was);
	if (wrong) {
		y->c->part = CX_DELTA_PART_BYTES;
		now = cx_bytes_code(y->bytes, y->c, CX_BYTE_DIFFERS, at, old, now, NULL);
	} else {
		now = was;
	}
	if (!y->c->making)
		y->now[at] = now;
	return wrong;
}

/* Contexts that say exactly which word it is; the last one is not known in advance. */
static void word_contexts(const struct cx_copy *y, uint64_t old, uint64_t *exactly)
{
	uint64_t was = cx_get(y->refs->image->data + old, WORD);

	exactly[0] = 4ull << 40 | was;
	exactly[1] = 5ull << 40 | was >> 16;
	exactly[2] = 6ull << 40 | (was & 0xff) << 8 | data_before(y, old, 1);
	exactly[3] = 7ull << 40 | (was >> 24) << 16 | (y->words_failed & 0xff);
}

static void prefetch_word(struct cx_copy *y, uint64_t old)
{
	uint64_t exactly[EXACTLY];

	if (y->refs->image->size - old < WORD)
		return;
	word_contexts(y, old, exactly);
	for (unsigned int i = 0; i + 1 < EXACTLY; i++)
		__builtin_prefetch(place(y, exactly[i], 4 + i), 1);
}

/* Most words are as they were; of one that is not, some byte differs. */
static void code_word(struct cx_copy *y, uint64_t old, uint64_t at)
{
	const uint8_t *data = y->refs->image->data + old;
	uint64_t exactly[EXACTLY];
	bool wrong;

	prefetch_word(y, old + WORD);
	word_contexts(y, old, exactly);
	wrong = code_place(y, SET_WORD, SET_WORD << 8 | data[WORD - 1], exactly,
			   memcmp(y->now + at, data, WORD));
	y->words_failed = y->words_failed << 1 | wrong;
	if (!wrong && !y->c->making)
		memcpy(y->now + at, data, WORD);
	for (unsigned int i = 0, known = 0; wrong && i < WORD; i++)
		known |= code_byte(y, old + i, at + i, SET_IN_WORD + i, i == WORD - 1 && !known);
}

/* Bytes up to @end, none of which is in a reference */
static void code_plain(struct cx_copy *y, const struct cx_block *b, uint64_t old, uint64_t end)
{
	while (old < end) {
		bool word = !y->refs->count && old % WORD == 0 && end - old >= WORD;

		if (word)
			code_word(y, old, b->at + (old - b->old));
		else
			code_byte(y, old, b->at + (old - b->old), SET_BYTE, false);
		old += word ? WORD : 1;
	}
}

static void code_fields(struct cx_copy *y, const struct cx_block *b, uint64_t old,
			uint64_t end, size_t first)
{
	while (old < end) {
		const struct cx_ref *ref = ref_within(y, first, end);

		if (ref && ref->at == old) {
			code_ref(y, ref, b->at + (old - b->old));
			old += cx_ref_size(ref->kind);
			first++;
		} else {
			uint64_t next = ref ? ref->at : end;

			code_plain(y, b, old, next);
			old = next;
		}
	}
}

/* Code whether old bytes from @old to @end became what is predicted; write them if so. */
static bool code_same(struct cx_copy *y, const struct cx_block *b, uint64_t old,
		      uint64_t end, size_t first, cx_prob *p)
{
	uint8_t predicted[SPAN_ROOM];
	uint8_t *now = y->now + b->at + (old - b->old);
	bool same;

	predict_span(y, b, old, end, first, predicted);
	y->c->part = CX_DELTA_PART_PLACES;
	same = cx_prob_bit(y->c, p, y->c->making && !memcmp(predicted, now, end - old));
	if (same && !y->c->making)
		memcpy(now, predicted, end - old);
	return same;
}

static void code_parts(struct cx_copy *y, const struct cx_block *b, uint64_t old,
		       uint64_t end)
{
	while (old < end && !y->c->broken) {
		uint64_t next = span_end(y, old + PART < end ? old + PART : end, end);
		size_t first = cx_refs_first(y->refs, old);
		bool same = code_same(y, b, old, next, first, &y->part[y->part_history & 15]);

		y->part_history = y->part_history << 1 | same;
		if (same)
			y->since += PART;
		else
			code_fields(y, b, old, next, first);
		old = next;
	}
}

static uint32_t code_random(struct cx_coder *c, uint32_t value)
{
	uint32_t got = 0;

	for (int i = 31; i >= 0; i--)
		got = got << 1 | cx_coder_bit(c, value >> i & 1, 32768);
	return got;
}

void cx_copy_random(struct cx_copy *y, uint64_t size)
{
	cx_prob changed = 0;

	y->c->part = CX_DELTA_PART_BYTES;
	for (size_t i = 0, left = y->refs->random_count; left && i < y->refs->count; i++) {
		const struct cx_ref *ref = &y->refs->refs[i];
		uint32_t *word = &y->random[ref->extra & (CX_RANDOM_MAX - 1)];
		struct cx_map_answer to;

		if (ref->kind != CX_REF_RANDOM)
			continue;
		left--;
		*word = (uint32_t)cx_get(y->refs->image->data + ref->at, 4);
		to = cx_map_offset(y->map, ref->at, false);
		if (to.source == CX_MAP_BLOCK && size >= 4 && to.now <= size - 4 &&
		    cx_prob_bit(y->c, &changed, cx_get(y->now + to.now, 4) != *word))
			*word = code_random(y->c, (uint32_t)cx_get(y->now + to.now, 4));
	}
}

void cx_copy_block(struct cx_copy *y, const struct cx_block *b)
{
	uint64_t old = b->old, limit = b->old + b->length;

	while (old < limit && !y->c->broken) {
		uint64_t next = span_end(y, old + SPAN < limit ? old + SPAN : limit, limit);
		bool same = code_same(y, b, old, next, cx_refs_first(y->refs, old),
				      &y->span[y->span_history & 3]);

		y->span_history = y->span_history << 1 | same;
		if (same)
			y->since += SPAN;
		else
			code_parts(y, b, old, next);
		old = next;
	}
}
