// SPDX-License-Identifier: LGPL-2.1-or-later
/* The body of a patch, from the first byte of the new file to its last. */
#include <errno.h>

#include "lib/delta/bytes.h"
#include "lib/delta/copy.h"
#include "lib/delta/refs.h"
#include "lib/delta/walk.h"

static void code_new_bytes(struct cx_bytes *bytes, struct cx_coder *c, uint8_t *now,
			   uint64_t at, uint64_t end, uint64_t like)
{
	c->part = CX_DELTA_PART_NEW;
	for (; at < end && !c->broken; at++, like++) {
		uint8_t byte = cx_bytes_code(bytes, c, CX_BYTE_IS_NEW, at, like, now[at]);

		if (!c->making)
			now[at] = byte;
	}
}

static uint64_t new_bytes(const struct cx_blocks *blocks, uint64_t size)
{
	for (size_t i = 0; i < blocks->count; i++)
		size -= blocks->list[i].length;
	return size;
}

static int code_content(struct cx_copy *copy, const struct cx_blocks *blocks,
			uint64_t size, struct cx_error *err)
{
	uint64_t at = 0, like = 0;

	for (size_t i = 0; i < blocks->count; i++) {
		const struct cx_block *b = &blocks->list[i];

		code_new_bytes(copy->bytes, copy->c, copy->now, at, b->at, like);
		cx_copy_block(copy, b);
		at = b->at + b->length;
		like = b->old + b->length;
	}
	code_new_bytes(copy->bytes, copy->c, copy->now, at, size, like);
	if (copy->c->enomem)
		return cx_fail(err, -ENOMEM, "no memory for the patch");
	if (copy->c->broken)
		return cx_fail(err, -EBADMSG, "the patch is broken: it ends too early");
	return 0;
}

static int walk(struct cx_coder *c, const struct cx_image *old,
		const struct cx_blocks *blocks, const struct cx_refs *refs,
		uint8_t *now, uint64_t size, struct cx_error *err)
{
	struct cx_bytes bytes = { 0 };
	struct cx_copy copy = { 0 };
	struct cx_map map = { 0 };
	int ret;

	ret = cx_bytes_init(&bytes, old->data, old->size, now, new_bytes(blocks, size));
	if (!ret)
		ret = cx_map_init(&map, old, blocks->list,
				  old->segment_count ? blocks->count : 0, blocks->bias);
	if (!ret)
		ret = cx_copy_init(&copy, c, refs, &map, &bytes, now);
	if (ret)
		cx_fail(err, ret, "no memory for the models");
	else
		ret = code_content(&copy, blocks, size, err);
	cx_copy_free(&copy);
	cx_map_free(&map);
	cx_bytes_free(&bytes);
	return ret;
}

int cx_walk(struct cx_coder *c, const struct cx_image *old, struct cx_blocks *blocks,
	    uint8_t *now, uint64_t size, struct cx_error *err)
{
	struct cx_refs refs;
	int ret = cx_blocks_code(c, old, blocks, size, err);

	if (ret)
		return ret;
	ret = cx_refs_find(&refs, old);
	if (ret)
		return cx_fail(err, ret, "no memory for the references");
	ret = walk(c, old, blocks, &refs, now, size, err);
	cx_refs_free(&refs);
	return ret;
}
