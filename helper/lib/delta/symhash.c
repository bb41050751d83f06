// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * .gnu.hash: a header of four words, a Bloom filter, the buckets, and for each
 * symbol its hash, of which the lowest bit ends a chain.
 * Source: the GNU C library, elf/dl-lookup.c and sysdeps/generic/ldsodefs.h.
 */
#include <elf.h>
#include <string.h>

#include "lib/delta/model.h"
#include "lib/delta/symhash.h"

#define HEADER_SIZE	16
/* Longer names have no table that can be made anew. */
#define NAME_MAX_SIZE	4096

struct cx_symhash cx_symhash_find(const struct cx_image *image)
{
	const struct cx_section *s = cx_image_section(image, ".gnu.hash");
	const struct cx_section *symbols = cx_image_linked(image, s);
	const struct cx_section *strings = cx_image_linked(image, symbols);
	const uint8_t *p;

	if (!strings || s->type != SHT_GNU_HASH || s->size < HEADER_SIZE)
		return (struct cx_symhash){ 0 };
	p = image->data + s->offset;
	return (struct cx_symhash){
		.present = true, .start = s->offset, .end = s->offset + s->size,
		.symbols = symbols->offset, .symbols_end = symbols->offset + symbols->size,
		.strings = strings->offset,
		.buckets = (uint32_t)cx_get(p, 4), .first = (uint32_t)cx_get(p + 4, 4),
		.words = (uint32_t)cx_get(p + 8, 4), .shift = (uint32_t)cx_get(p + 12, 4),
	};
}

static bool within(uint64_t start, uint64_t end, uint64_t size)
{
	return start <= end && end <= size;
}

static uint64_t symbol_count(const struct cx_symhash *h)
{
	return (h->symbols_end - h->symbols) / sizeof(Elf64_Sym);
}

static uint64_t table_size(const struct cx_symhash *h)
{
	return HEADER_SIZE + 8ull * h->words + 4ull * h->buckets +
	       4 * (symbol_count(h) - h->first);
}

static bool fits(const struct cx_symhash *h, uint64_t size)
{
	if (!within(h->start, h->end, size) || !within(h->symbols, h->symbols_end, size) ||
	    h->strings >= size || !h->buckets || !h->words || h->shift > 31)
		return false;
	return h->first <= symbol_count(h) && h->end - h->start == table_size(h);
}

/* The hash of symbol number @i's name, of which only so much is read */
static uint32_t hash_symbol(const struct cx_symhash *h, const uint8_t *data,
			    uint64_t size, uint64_t i)
{
	uint64_t at = h->strings + cx_get(data + h->symbols + i * sizeof(Elf64_Sym), 4);
	uint64_t end = at < size && size - at > NAME_MAX_SIZE ? at + NAME_MAX_SIZE : size;
	uint32_t hash = 5381;

	for (; at < end && data[at]; at++)
		hash = hash * 33 + data[at];
	return hash;
}

static void set_bit(uint8_t *filter, const struct cx_symhash *h, uint32_t hash, uint32_t bit)
{
	uint8_t *word = filter + hash / 64 % h->words * 8;

	cx_put(word, 8, cx_get(word, 8) | 1ull << bit % 64);
}

static void add_symbol(const struct cx_symhash *h, uint8_t *data, uint64_t i,
		       uint32_t hash, bool last)
{
	uint8_t *filter = data + h->start + HEADER_SIZE;
	uint8_t *buckets = filter + 8ull * h->words;
	uint8_t *bucket = buckets + hash % h->buckets * 4ull;
	uint8_t *chains = buckets + 4ull * h->buckets;

	set_bit(filter, h, hash, hash);
	set_bit(filter, h, hash, hash >> h->shift);
	if (!cx_get(bucket, 4))
		cx_put(bucket, 4, i);
	cx_put(chains + 4 * (i - h->first), 4, (hash & ~1u) | last);
}

bool cx_symhash_make(const struct cx_symhash *h, uint8_t *data, uint64_t size)
{
	uint64_t count = symbol_count(h);
	uint32_t hash, next;

	if (!fits(h, size))
		return false;
	memset(data + h->start, 0, h->end - h->start);
	cx_put(data + h->start, 4, h->buckets);
	cx_put(data + h->start + 4, 4, h->first);
	cx_put(data + h->start + 8, 4, h->words);
	cx_put(data + h->start + 12, 4, h->shift);
	next = h->first < count ? hash_symbol(h, data, size, h->first) : 0;
	for (uint64_t i = h->first; i < count; i++) {
		hash = next;
		next = i + 1 < count ? hash_symbol(h, data, size, i + 1) : 0;
		add_symbol(h, data, i, hash,
			   i + 1 == count || next % h->buckets != hash % h->buckets);
	}
	return true;
}

static void code_place(struct cx_coder *c, struct cx_number *n, struct cx_map *map,
		       uint64_t old, bool end, uint64_t *place)
{
	uint64_t guess = cx_map_offset(map, old, end).now;

	*place = guess + (uint64_t)cx_number_code_signed(c, n, (int64_t)(*place - guess));
}

static void code_field(struct cx_coder *c, struct cx_number *n, uint32_t old, uint32_t *field)
{
	*field = old + (uint32_t)cx_number_code_signed(c, n, (int32_t)(*field - old));
}

void cx_symhash_code(struct cx_coder *c, const struct cx_symhash *old,
		     struct cx_map *map, struct cx_symhash *h)
{
	struct cx_number places = { 0 }, fields = { 0 };
	cx_prob present = 0;

	if (!old->present) {
		h->present = false;
		return;
	}
	h->present = cx_prob_bit(c, &present, h->present);
	if (!h->present)
		return;
	code_place(c, &places, map, old->symbols, false, &h->symbols);
	code_place(c, &places, map, old->symbols_end, true, &h->symbols_end);
	code_place(c, &places, map, old->strings, false, &h->strings);
	code_field(c, &fields, old->buckets, &h->buckets);
	code_field(c, &fields, old->first, &h->first);
	code_field(c, &fields, old->words, &h->words);
	code_field(c, &fields, old->shift, &h->shift);
	/* The table itself is in no block: it is behind what was in front of it. */
	code_place(c, &places, map, old->start, false, &h->start);
	h->end = h->start + table_size(h);
}
