// SPDX-License-Identifier: LGPL-2.1-or-later
/* The list of blocks, and the biases of segments. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/delta/blocks.h"
#include "lib/delta/model.h"

/* Segments move by whole pages, mostly. */
#define PAGE_BITS 12

struct models {
	struct cx_number count;
	struct cx_number gap;
	struct cx_number length;
	struct cx_number jump;
	struct cx_number pages;
	struct cx_number rest;
};

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

/* Each block after the one before it: how far on in the new file, and in the old */
static void code_block(struct cx_coder *c, struct models *m, const struct cx_block *last,
		       struct cx_block *b)
{
	uint64_t at = last->at + last->length, old = last->old + last->length;
	uint64_t gap = cx_number_code(c, &m->gap, b->at - at);

	b->at = at + gap;
	b->old = old + (uint64_t)cx_number_code_signed(c, &m->jump, (int64_t)(b->old - old - gap)) + gap;
	b->length = cx_number_code(c, &m->length, b->length);
}

static bool is_possible(const struct cx_block *last, const struct cx_block *b,
			uint64_t old_size, uint64_t size)
{
	return b->at >= last->at + last->length && b->at <= size &&
	       b->length && b->length <= size - b->at &&
	       b->old <= old_size && b->length <= old_size - b->old;
}

static int code_list(struct cx_coder *c, struct models *m, struct cx_blocks *blocks,
		     uint64_t old_size, uint64_t size, struct cx_error *err)
{
	struct cx_block last = { 0 };

	for (size_t i = 0; i < blocks->count; i++) {
		code_block(c, m, &last, &blocks->list[i]);
		if (c->broken || !is_possible(&last, &blocks->list[i], old_size, size))
			return cx_fail(err, -EBADMSG,
				       "the patch is broken: block %zu is not in the files", i);
		last = blocks->list[i];
	}
	return 0;
}

int cx_blocks_code(struct cx_coder *c, const struct cx_image *old,
		   struct cx_blocks *blocks, uint64_t size, struct cx_error *err)
{
	struct models m = { 0 };

	c->part = CX_DELTA_PART_BLOCKS;
	for (unsigned int i = 0; i < old->segment_count; i++)
		code_bias(c, &m, &old->segments[i], &blocks->bias[i]);
	blocks->count = cx_number_code(c, &m.count, blocks->count);
	if (c->broken || blocks->count > cx_blocks_max(size))
		return cx_fail(err, -EBADMSG, "the patch is broken: it has %zu blocks",
			       blocks->count);
	if (!c->making) {
		blocks->list = calloc(blocks->count + 1, sizeof(*blocks->list));
		if (!blocks->list)
			return cx_fail(err, -ENOMEM, "no memory for %zu blocks", blocks->count);
	}
	return code_list(c, &m, blocks, old->size, size, err);
}
