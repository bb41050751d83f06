// SPDX-License-Identifier: LGPL-2.1-or-later
/* The map of addresses: blocks first, then what corrections have taught. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/delta/map.h"

/* Lessons of offsets and those of addresses are kept apart by this bit. */
#define IN_FILE	(1ull << 63)

static int compare(const void *a, const void *b)
{
	const struct cx_map_part *x = a, *y = b;

	if (x->old != y->old)
		return x->old < y->old ? -1 : 1;
	if (x->length != y->length)
		return x->length > y->length ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

/* Of two parts that overlap, the later one loses what they share. */
static void trim(struct cx_map *map)
{
	uint64_t end = 0;
	size_t kept = 0;

	for (size_t i = 0; i < map->count; i++) {
		struct cx_map_part part = map->parts[i];
		uint64_t cut = end > part.old ? end - part.old : 0;

		if (cut >= part.length)
			continue;
		part.old += (uint32_t)cut;
		part.at += (uint32_t)cut;
		part.length -= (uint32_t)cut;
		end = (uint64_t)part.old + part.length;
		map->parts[kept++] = part;
	}
	map->count = kept;
}

static void count_pages(struct cx_map *map)
{
	size_t part = 0;

	for (size_t page = 0; page < map->page_count; page++) {
		while (part < map->count && map->parts[part].old < page * CX_MAP_PAGE)
			part++;
		map->pages[page] = (uint32_t)part;
	}
	map->pages[map->page_count] = (uint32_t)map->count;
}

/* The number of the first move at or behind @addr */
static unsigned int move_from(const struct cx_map *map, uint64_t addr)
{
	unsigned int low = 0, high = map->move_count;

	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (map->moves[middle].addr < addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* When there is no more room, the last one gives way. */
static void add_move(struct cx_map *map, uint64_t addr, uint64_t by)
{
	unsigned int i = move_from(map, addr);

	if (i < map->move_count && map->moves[i].addr == addr) {
		map->moves[i].by = by;
		return;
	}
	if (map->move_count < CX_MAP_MOVES)
		map->move_count++;
	else if (i == CX_MAP_MOVES)
		i--;
	memmove(&map->moves[i + 1], &map->moves[i],
		(map->move_count - 1 - i) * sizeof(map->moves[0]));
	map->moves[i] = (struct cx_map_move){ addr, by };
}

/* As the nearest address that is known has moved */
static uint64_t move_at(const struct cx_map *map, uint64_t addr)
{
	unsigned int i = move_from(map, addr);

	if (!map->move_count)
		return 0;
	if (i && (i == map->move_count ||
		  addr - map->moves[i - 1].addr <= map->moves[i].addr - addr))
		i--;
	return map->moves[i].by;
}

static void find_bss(struct cx_map *map)
{
	for (unsigned int i = 0; i < map->image->segment_count; i++) {
		const struct cx_segment *s = &map->image->segments[i];
		uint64_t end = s->addr + s->file_size;

		if (s->file_size)
			add_move(map, end, cx_map_address(map, end, true).now - end);
	}
}

int cx_map_init(struct cx_map *map, const struct cx_image *image,
		const struct cx_block *blocks, size_t count, const uint64_t *bias)
{
	memset(map, 0, sizeof(*map));
	map->image = image;
	map->parts = malloc((count + 1) * sizeof(*map->parts));
	map->lessons = calloc(1u << CX_MAP_LESSON_BITS, sizeof(*map->lessons));
	map->page_count = image->size / CX_MAP_PAGE + 1;
	map->pages = malloc((map->page_count + 1) * sizeof(*map->pages));
	if (!map->parts || !map->lessons || !map->pages) {
		cx_map_free(map);
		return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++)
		map->parts[i] = (struct cx_map_part){
			.old = (uint32_t)blocks[i].old, .at = (uint32_t)blocks[i].at,
			.length = (uint32_t)blocks[i].length,
		};
	map->count = count;
	qsort(map->parts, count, sizeof(*map->parts), compare);
	trim(map);
	count_pages(map);
	memcpy(map->bias, bias, sizeof(map->bias));
	find_bss(map);
	return 0;
}

void cx_map_free(struct cx_map *map)
{
	free(map->parts);
	free(map->lessons);
	free(map->pages);
	memset(map, 0, sizeof(*map));
}

/* The last part that does not begin behind @offset */
static const struct cx_map_part *part_at(const struct cx_map *map, uint64_t offset)
{
	uint64_t page = offset / CX_MAP_PAGE;
	size_t low, high;

	if (page >= map->page_count)
		page = map->page_count - 1;
	low = map->pages[page];
	high = map->pages[page + 1];
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (map->parts[middle].old <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &map->parts[low - 1] : NULL;
}

static inline uint64_t by_blocks(const struct cx_map *map, uint64_t offset, bool end,
				 bool *inside)
{
	uint64_t asked = end && offset ? offset - 1 : offset;
	const struct cx_map_part *part = part_at(map, asked);

	*inside = part && asked - part->old < part->length;
	return part ? part->at + (offset - part->old) : offset;
}

static struct cx_map_lesson *lesson(const struct cx_map *map, uint64_t key)
{
	return &map->lessons[key * 0x9e3779b97f4a7c15ull >> (64 - CX_MAP_LESSON_BITS)];
}

/* A lesson beats a guess at once, but a block only if it was learnt twice. */
static inline struct cx_map_answer choose(const struct cx_map *map, uint64_t key,
					  uint64_t guess, bool inside)
{
	const struct cx_map_lesson *known = lesson(map, key);

	if (known->target != key || !known->times)
		return (struct cx_map_answer){
			guess, guess, inside ? CX_MAP_BLOCK : CX_MAP_GUESS,
		};
	if (inside && known->times < 2)
		return (struct cx_map_answer){ guess, known->now, CX_MAP_BLOCK };
	return (struct cx_map_answer){ known->now, guess, CX_MAP_LESSON };
}

struct cx_map_answer cx_map_offset(const struct cx_map *map, uint64_t offset, bool end)
{
	bool inside;
	uint64_t guess = by_blocks(map, offset, end, &inside);

	return choose(map, offset | IN_FILE, guess, inside);
}

/* Where an address has gone if nothing was learnt of it */
static inline uint64_t by_segments(const struct cx_map *map, uint64_t addr, bool end,
				   bool *inside)
{
	int i = cx_image_segment_at(map->image, end ? addr - 1 : addr);
	const struct cx_segment *s = &map->image->segments[i < 0 ? 0 : i];
	uint64_t into = addr - s->addr;

	*inside = false;
	if (i < 0)
		return addr;
	if (into < s->file_size || (end && into == s->file_size))
		return by_blocks(map, into + s->offset, end, inside) + map->bias[i];
	return addr + move_at(map, addr);
}

struct cx_map_answer cx_map_address(const struct cx_map *map, uint64_t addr, bool end)
{
	bool inside;
	uint64_t now = by_segments(map, addr, end, &inside);

	return choose(map, addr & ~IN_FILE, now, inside);
}

uint64_t cx_map_start(const struct cx_map *map, uint64_t addr)
{
	bool inside;
	uint64_t now = by_segments(map, addr, false, &inside);

	return choose(map, addr & ~IN_FILE, now, inside).now;
}

/* What is not in the file has nothing but its neighbours to go by. */
static void learn_bss(struct cx_map *map, uint64_t addr, uint64_t now)
{
	int i = cx_image_segment_at(map->image, addr);

	if (i >= 0 && addr - map->image->segments[i].addr >= map->image->segments[i].file_size)
		add_move(map, addr, now - addr);
}

void cx_map_learn(struct cx_map *map, uint64_t target, bool in_file, uint64_t now)
{
	uint64_t key = in_file ? target | IN_FILE : target & ~IN_FILE;
	struct cx_map_lesson *known = lesson(map, key);

	if (known->target == key && known->now == now && known->times)
		known->times++;
	else
		*known = (struct cx_map_lesson){ .target = key, .now = now, .times = 1 };
	if (!in_file)
		learn_bss(map, target, now);
}
