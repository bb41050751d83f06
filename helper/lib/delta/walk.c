// SPDX-License-Identifier: LGPL-2.1-or-later
/* The body of a patch, from the first byte of the new file to its last. */
#include <errno.h>
#include <string.h>

#include "lib/delta/bytes.h"
#include "lib/delta/copy.h"
#include "lib/delta/fresh.h"
#include "lib/delta/refs.h"
#include "lib/delta/walk.h"

/* So many new bytes make it worth to learn from old ones on either side: for each so many. */
#define LEARN_FROM	8
#define LEARN_FACTOR	4
#define LEARN_AROUND	512

/* The bytes between two blocks, but not those of the table that is made anew */
static void code_between(struct cx_fresh *fresh, const struct cx_symhash *hash,
			 uint64_t at, uint64_t end, uint64_t like)
{
	if (hash->present && hash->start >= at && hash->end <= end) {
		cx_fresh_run(fresh, at, hash->start, like);
		cx_fresh_run(fresh, hash->end, end, like + (hash->end - at));
	} else {
		cx_fresh_run(fresh, at, end, like);
	}
}

/* What is new in code is like what is next to it: that is learnt first. */
static void learn_around(struct cx_fresh *fresh, const struct cx_blocks *blocks)
{
	uint64_t at = 0, like = 0;

	for (size_t i = 0; i < blocks->count; i++) {
		uint64_t gap = blocks->list[i].at - at;

		if (gap >= LEARN_FROM)
			cx_fresh_learn(fresh, like, gap < LEARN_AROUND / LEARN_FACTOR ?
				       gap * LEARN_FACTOR : LEARN_AROUND);
		at = blocks->list[i].at + blocks->list[i].length;
		like = blocks->list[i].old + blocks->list[i].length;
	}
}

static uint64_t new_bytes(const struct cx_blocks *blocks, uint64_t size)
{
	for (size_t i = 0; i < blocks->count; i++)
		size -= blocks->list[i].length;
	/* A patch can say anything of the table; it is checked when it is made. */
	if (blocks->hash.present && blocks->hash.end - blocks->hash.start <= size)
		size -= blocks->hash.end - blocks->hash.start;
	return size;
}

/* What lies between a block and the next one where the former ends at padding */
static void code_padding(struct cx_fresh *fresh, const struct cx_pads *pads, uint64_t at,
			 uint64_t end, uint64_t like, cx_prob *usual)
{
	const uint8_t *pad = fresh->refs->image->data + pads->usual[end - at];
	bool same;

	fresh->c->part = CX_DELTA_PART_NEW;
	same = cx_prob_bit(fresh->c, usual,
			   fresh->c->making && !memcmp(fresh->now + at, pad, end - at));
	if (!same)
		cx_fresh_run(fresh, at, end, like);
	else if (!fresh->c->making)
		memcpy(fresh->now + at, pad, end - at);
}

static int code_content(struct cx_copy *copy, struct cx_fresh *fresh,
			const struct cx_blocks *blocks, uint64_t size, struct cx_error *err)
{
	uint64_t at = 0, like = 0;
	cx_prob usual = 0;

	learn_around(fresh, blocks);
	cx_copy_random(copy, size);
	for (size_t i = 0; i < blocks->count; i++) {
		const struct cx_block *b = &blocks->list[i];

		if (i && b[-1].padded)
			code_padding(fresh, &fresh->refs->pads, at, b->at, like, &usual);
		else
			code_between(fresh, &blocks->hash, at, b->at, like);
		cx_copy_block(copy, b);
		at = b->at + b->length;
		like = b->old + b->length;
	}
	code_between(fresh, &blocks->hash, at, size, like);
	if (copy->c->enomem)
		return cx_fail(err, -ENOMEM, "no memory for the patch");
	if (copy->c->broken)
		return cx_fail(err, -EBADMSG, "the patch is broken: it ends too early");
	if (blocks->hash.present && !copy->c->making &&
	    !cx_symhash_make(&blocks->hash, copy->now, size))
		return cx_fail(err, -EBADMSG,
			       "the patch is broken: its table of symbols does not fit");
	return 0;
}

static int walk(struct cx_coder *c, const struct cx_image *old,
		struct cx_blocks *blocks, const struct cx_refs *refs,
		uint8_t *now, uint64_t size, struct cx_error *err)
{
	struct cx_bytes bytes = { 0 };
	struct cx_fresh fresh = { 0 };
	struct cx_copy copy = { 0 };
	struct cx_map map = { 0 };
	int ret;

	ret = cx_map_init(&map, old, blocks->list,
			  old->segment_count ? blocks->count : 0, blocks->bias);
	if (!ret) {
		const struct cx_symhash old_hash = cx_symhash_find(old);

		cx_symhash_code(c, &old_hash, &map, &blocks->hash);
		ret = cx_bytes_init(&bytes, old->data, old->size, now, new_bytes(blocks, size));
	}
	if (!ret)
		ret = cx_copy_init(&copy, c, refs, &map, &bytes, now);
	cx_fresh_init(&fresh, c, refs, &map, &bytes, now);
	if (ret)
		cx_fail(err, ret, "no memory for the models");
	else
		ret = code_content(&copy, &fresh, blocks, size, err);
	cx_fresh_free(&fresh);
	cx_copy_free(&copy);
	cx_map_free(&map);
	cx_bytes_free(&bytes);
	return ret;
}

int cx_walk(struct cx_coder *c, const struct cx_image *old, struct cx_blocks *blocks,
	    uint8_t *now, uint64_t size, struct cx_error *err)
{
	struct cx_refs refs;
	int ret = cx_refs_find(&refs, old);

	if (ret)
		return cx_fail(err, ret, "no memory for the references");
	ret = cx_blocks_code(c, old, &refs.pads, blocks, size, err);
	if (!ret)
		ret = walk(c, old, blocks, &refs, now, size, err);
	cx_refs_free(&refs);
	return ret;
}
