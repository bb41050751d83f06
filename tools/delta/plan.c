// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which blocks a new file is made of. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "labels.h"
#include "match.h"
#include "plan.h"
#include "snap.h"
#include "lib/delta/header.h"
#include "lib/delta/mapped.h"

/* How often blocks are looked for with what the blocks before have told */
#define ROUNDS 3

int cx_side_open(struct cx_side *s, int fd, const char *name, struct cx_error *err)
{
	int ret = cx_mapped_read(&s->file, fd, name, err);

	if (ret)
		return ret;
	cx_delta_digest(s->file.data, s->file.size, s->digest);
	ret = cx_image_read(&s->image, s->file.data, s->file.size);
	if (!ret)
		ret = cx_refs_find(&s->refs, &s->image);
	if (!ret)
		ret = cx_names_find(&s->names, &s->image);
	return ret ? cx_fail(err, ret, "%s: no memory", name) : 0;
}

void cx_side_close(struct cx_side *s)
{
	cx_names_free(&s->names);
	cx_refs_free(&s->refs);
	cx_image_free(&s->image);
	cx_mapped_free(&s->file);
}

/* How many bytes of a block are in both segments */
static uint64_t shared_bytes(const struct cx_block *b, const struct cx_segment *from,
			     const struct cx_segment *to)
{
	uint64_t start = 0, end = b->length;

	if (from->offset > b->old)
		start = from->offset - b->old;
	if (to->offset > b->at && to->offset - b->at > start)
		start = to->offset - b->at;
	if (from->offset + from->file_size < b->old + end)
		end = from->offset + from->file_size - b->old;
	if (to->offset + to->file_size < b->at + end)
		end = to->offset + to->file_size - b->at;
	return (int64_t)end > (int64_t)start ? end - start : 0;
}

/*
 * The biases of @from's segments in @to: those of the segment that holds most of
 * their content.
 */
static void find_bias(const struct cx_image *from, const struct cx_image *to,
		      const struct cx_block *list, size_t count, uint64_t *bias)
{
	uint64_t shared[CX_SEGMENTS_MAX][CX_SEGMENTS_MAX] = { 0 };

	for (size_t i = 0; i < count; i++)
		for (unsigned int x = 0; x < from->segment_count; x++)
			for (unsigned int y = 0; y < to->segment_count; y++)
				shared[x][y] += shared_bytes(&list[i], &from->segments[x],
							     &to->segments[y]);
	for (unsigned int x = 0; x < from->segment_count; x++) {
		const struct cx_segment *s = &from->segments[x];
		uint64_t most = 0;

		for (unsigned int y = 0; y < to->segment_count; y++)
			if (shared[x][y] > most) {
				most = shared[x][y];
				s = &to->segments[y];
			}
		bias[x] = s->addr - s->offset;
	}
}

/* The same blocks, seen from the new file */
static struct cx_block *turned(const struct cx_blocks *blocks)
{
	struct cx_block *list = malloc((blocks->count + 1) * sizeof(*list));

	for (size_t i = 0; list && i < blocks->count; i++)
		list[i] = (struct cx_block){
			.old = blocks->list[i].at, .at = blocks->list[i].old,
			.length = blocks->list[i].length,
		};
	return list;
}

static int map_back(struct cx_map *map, const struct cx_side *old, const struct cx_side *now,
		    const struct cx_blocks *blocks)
{
	struct cx_block *list = turned(blocks);
	uint64_t bias[CX_SEGMENTS_MAX] = { 0 };
	int ret;

	if (!list)
		return -ENOMEM;
	find_bias(&now->image, &old->image, list, blocks->count, bias);
	ret = cx_map_init(map, &now->image, list,
			  now->image.segment_count ? blocks->count : 0, bias);
	free(list);
	return ret;
}

/* Sections of the same name */
static struct cx_guide *find_guides(const struct cx_image *old, const struct cx_image *now,
				    size_t *count)
{
	struct cx_guide *guides = malloc((now->section_count + 1) * sizeof(*guides));

	*count = 0;
	for (unsigned int i = 0; guides && i < now->section_count; i++) {
		const struct cx_section *s = &now->sections[i];
		const struct cx_section *was = *s->name ? cx_image_section(old, s->name) : NULL;

		if (was)
			guides[(*count)++] = (struct cx_guide){
				.old = was->offset, .old_size = was->size,
				.at = s->offset, .size = s->size,
			};
	}
	return guides;
}

/* Blocks of the labelled files; @back is NULL the first time. */
static int match_forms(const struct cx_side *old, const struct cx_side *now,
		       struct cx_map *back, struct cx_blocks *blocks, unsigned int ways)
{
	struct cx_labels old_labels = { .names = &old->names, .known = back };
	struct cx_labels labels = { .names = &now->names, .known = back, .back = back };
	uint8_t *old_form = cx_labelled(&old->refs, &old_labels);
	uint8_t *form = cx_labelled(&now->refs, &labels);
	size_t count;
	struct cx_guide *guides = find_guides(&old->image, &now->image, &count);
	int ret = -ENOMEM;

	if (old_form && form && guides)
		ret = cx_match(old_form, old->file.size, form, now->file.size,
			       guides, count, blocks, ways);
	free(guides);
	free(old_form);
	free(form);
	return ret;
}

/* What has no references is as it is. */
static int match_plain(const struct cx_side *old, const struct cx_side *now,
		       struct cx_blocks *blocks)
{
	const struct cx_guide whole = {
		.old_size = old->file.size, .size = now->file.size,
	};

	return cx_match(old->file.data, old->file.size, now->file.data, now->file.size,
			&whole, 1, blocks, CX_MATCH_WAYS);
}

int cx_plan(const struct cx_side *old, const struct cx_side *now, struct cx_blocks *blocks)
{
	bool plain = !old->refs.count || !now->refs.count;
	int ret = plain ? match_plain(old, now, blocks) :
			  match_forms(old, now, NULL, blocks, 1);

	for (int i = 1; i < ROUNDS && !ret && !plain; i++) {
		struct cx_map back;

		ret = map_back(&back, old, now, blocks);
		if (ret)
			break;
		free(blocks->list);
		blocks->list = NULL;
		ret = match_forms(old, now, &back, blocks, i + 1 < ROUNDS ? 1 : CX_MATCH_WAYS);
		cx_map_free(&back);
	}
	for (unsigned int i = 0; i < CX_MATCH_WAYS && !ret; i++) {
		find_bias(&old->image, &now->image, blocks[i].list, blocks[i].count,
			  blocks[i].bias);
		cx_snap(&blocks[i], &old->refs.pads, old->file.data, now->file.data);
	}
	return ret;
}

/* Of a block, what is before and behind the hole */
static size_t cut_block(const struct cx_block *b, const struct cx_symhash *hole,
			struct cx_block *out)
{
	uint64_t end = b->at + b->length;
	size_t count = 0;

	if (b->at < hole->start)
		out[count++] = (struct cx_block){
			.old = b->old, .at = b->at,
			.length = (end < hole->start ? end : hole->start) - b->at,
		};
	if (end > hole->end) {
		uint64_t skip = b->at < hole->end ? hole->end - b->at : 0;

		out[count++] = (struct cx_block){
			.old = b->old + skip, .at = b->at + skip, .length = b->length - skip,
		};
	}
	return count;
}

static int cut_hole(struct cx_blocks *blocks)
{
	struct cx_block *list = malloc((blocks->count + 2) * sizeof(*list));
	size_t count = 0;

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < blocks->count; i++)
		count += cut_block(&blocks->list[i], &blocks->hash, &list[count]);
	free(blocks->list);
	blocks->list = list;
	blocks->count = count;
	return 0;
}

/* The table did not change, so a block says it more shortly. */
static bool is_copied(const struct cx_blocks *blocks, const struct cx_symhash *hash,
		      const struct cx_side *old, const struct cx_side *now)
{
	for (size_t i = 0; i < blocks->count; i++) {
		const struct cx_block *b = &blocks->list[i];

		if (b->at <= hash->start && hash->end <= b->at + b->length)
			return !memcmp(now->file.data + hash->start,
				       old->file.data + b->old + (hash->start - b->at),
				       hash->end - hash->start);
	}
	return false;
}

int cx_plan_leave_out(const struct cx_side *old, const struct cx_side *now,
		      struct cx_blocks *blocks)
{
	struct cx_symhash hash = cx_symhash_find(&now->image);
	uint64_t size = hash.end - hash.start;
	uint8_t *is;
	int ret = 0;

	if (!hash.present || !cx_symhash_find(&old->image).present)
		return 0;
	is = malloc(size + 1);
	if (!is)
		return -ENOMEM;
	memcpy(is, now->file.data + hash.start, size);
	if (!is_copied(blocks, &hash, old, now) &&
	    cx_symhash_make(&hash, now->file.data, now->file.size) &&
	    !memcmp(is, now->file.data + hash.start, size)) {
		blocks->hash = hash;
		memset(now->file.data + hash.start, 0, size);
		ret = cut_hole(blocks);
	} else {
		memcpy(now->file.data + hash.start, is, size);
	}
	free(is);
	return ret;
}

void cx_plan_put_back(const struct cx_side *now, const struct cx_blocks *blocks)
{
	if (blocks->hash.present)
		cx_symhash_make(&blocks->hash, now->file.data, now->file.size);
}
