/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where the bytes of the old file are in the new one, and so which addresses
 * follow from which.
 */
#ifndef _CX_DELTA_MAP_H
#define _CX_DELTA_MAP_H

#include "lib/delta/image.h"

/**
 * struct cx_block - bytes of the old file that come again
 * @old: where they are in the old file
 * @at: where they are in the new file
 * @length: how many
 * @padded: what comes behind it in the new file, up to the next block, is padding
 *
 * They are the same but for references and single bytes.
 */
struct cx_block {
	uint64_t old;
	uint64_t at;
	uint64_t length : 63;
	uint64_t padded : 1;
};

struct cx_map_part {
	uint32_t old;
	uint32_t length;
	uint32_t at;
};

/*
 * One correction that was learnt: @target of the old file is @now in the new one,
 * and was so @times times.
 */
struct cx_map_lesson {
	uint64_t target;
	uint64_t now;
	uint32_t times;
};

#define CX_MAP_LESSON_BITS 13

/* So many moves behind the content of segments are remembered. */
#define CX_MAP_MOVES 256

/* What is at @addr, which is not in the file, has moved by @by. */
struct cx_map_move {
	uint64_t addr;
	uint64_t by;
};

/* So many bytes of the old file are one step of the index of blocks. */
#define CX_MAP_PAGE	4096

/**
 * struct cx_map - from the old file to the new one
 * @image: the old file
 * @parts: blocks, ascending by their old place, not overlapping there
 * @count: how many
 * @pages: for each CX_MAP_PAGE bytes of the old file, how many parts begin before them;
 *         one more for all parts
 * @page_count: of them, not counting that
 * @bias: for each segment of the old file, address minus offset of its content
 *        in the new file
 * @moves: how far addresses behind the content of segments have moved, ascending
 * @move_count: how many
 * @lessons: by a hash of their target
 */
struct cx_map {
	const struct cx_image *image;
	struct cx_map_part *parts;
	size_t count;
	uint32_t *pages;
	size_t page_count;
	uint64_t bias[CX_SEGMENTS_MAX];
	struct cx_map_move moves[CX_MAP_MOVES];
	unsigned int move_count;
	struct cx_map_lesson *lessons;
};

/* How a prediction came about; from good to bad */
enum cx_map_source {
	CX_MAP_BLOCK,		/* the target is in a block */
	CX_MAP_LESSON,		/* it was corrected before */
	CX_MAP_GUESS,		/* it is near a block */
	CX_MAP_SOURCES
};

/**
 * struct cx_map_answer - where something has gone
 * @now: there, probably
 * @other: or else there
 * @source: how that is known
 */
struct cx_map_answer {
	uint64_t now;
	uint64_t other;
	enum cx_map_source source;
};

/**
 * cx_map_init - make the map of some blocks
 * @map: initialised; freed by cx_map_free()
 * @image: the old file, of less than CX_IMAGE_MAX bytes; has to stay
 * @blocks: as they are in the new file
 * @count: how many
 * @bias: see above; copied
 *
 * Return: 0 or -ENOMEM.
 */
int cx_map_init(struct cx_map *map, const struct cx_image *image,
		const struct cx_block *blocks, size_t count, const uint64_t *bias);

/* cx_map_free - also of one that was only zeroed */
void cx_map_free(struct cx_map *map);

/**
 * cx_map_address - where an address has gone
 * @map: the map
 * @addr: in the old file
 * @end: it is where something ends, not where something begins
 */
struct cx_map_answer cx_map_address(const struct cx_map *map, uint64_t addr, bool end);

/* cx_map_start - the same, where something begins; only the answer itself */
uint64_t cx_map_start(const struct cx_map *map, uint64_t addr);

/* cx_map_offset - the same for an offset in the file */
struct cx_map_answer cx_map_offset(const struct cx_map *map, uint64_t offset, bool end);

/**
 * cx_map_learn - a prediction was wrong
 * @map: the map
 * @target: an address, or an offset, of the old file
 * @in_file: the latter
 * @now: what it really is in the new file
 */
void cx_map_learn(struct cx_map *map, uint64_t target, bool in_file, uint64_t now);

#endif /* _CX_DELTA_MAP_H */
