// SPDX-License-Identifier: LGPL-2.1-or-later
/* Targets of instructions, coded by halving the list of them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/delta/targets.h"

#define STEPS	(1u << 16)
/* How much a reference counts, a target that has one counting for 1 */
#define WEIGHT	4

/* One reference, later all to the same target */
struct found {
	uint64_t target;
	uint32_t refs;
};

/* A call; or a ModRM byte that says: relative to the instruction */
static int class_of(const struct cx_refs *refs, const struct cx_ref *ref)
{
	uint8_t before = ref->at ? refs->image->data[ref->at - 1] : 0;

	if (ref->kind != CX_REF_CODE)
		return -1;
	return before == 0xe8 ? CX_TARGET_CALL : (before & 0xc7) == 0x05 ? CX_TARGET_DATA : -1;
}

static void count_classes(const struct cx_refs *refs, size_t *counts)
{
	for (size_t i = 0; i < refs->count; i++) {
		int class = class_of(refs, &refs->refs[i]);

		if (class >= 0)
			counts[class]++;
	}
}

static void collect(const struct cx_refs *refs, struct found *const *lists)
{
	size_t counts[CX_TARGET_CLASSES] = { 0 };

	for (size_t i = 0; i < refs->count; i++) {
		int class = class_of(refs, &refs->refs[i]);

		if (class >= 0)
			lists[class][counts[class]++] = (struct found){
				cx_ref_target(refs, &refs->refs[i]), 1,
			};
	}
}

/* One step of sorting: by 8 bits of the target */
static void sort_by(const struct found *list, size_t count, unsigned int shift,
		    struct found *out)
{
	size_t places[257] = { 0 };

	for (size_t i = 0; i < count; i++)
		places[(list[i].target >> shift & 255) + 1]++;
	for (unsigned int i = 0; i < 255; i++)
		places[i + 1] += places[i];
	for (size_t i = 0; i < count; i++)
		out[places[list[i].target >> shift & 255]++] = list[i];
}

/* By target; @spare has room for as many */
static void sort(struct found *list, size_t count, struct found *spare)
{
	uint64_t all = 0;

	for (size_t i = 0; i < count; i++)
		all |= list[i].target;
	for (unsigned int shift = 0; shift < 64 && all >> shift; shift += 16) {
		sort_by(list, count, shift, spare);
		sort_by(spare, count, shift + 8, list);
	}
}

/* Those to the same target become one. */
static size_t unite(struct found *list, size_t count, struct found *spare)
{
	size_t kept = 0;

	sort(list, count, spare);
	for (size_t i = 0; i < count; i++) {
		if (kept && list[kept - 1].target == list[i].target)
			list[kept - 1].refs += list[i].refs;
		else
			list[kept++] = list[i];
	}
	return kept;
}

static int keep(struct cx_target_list *list, const struct found *found, size_t count)
{
	list->addr = malloc((count + 1) * sizeof(*list->addr));
	list->before = malloc((count + 1) * sizeof(*list->before));
	if (!list->addr || !list->before)
		return -ENOMEM;
	list->before[0] = 0;
	for (size_t i = 0; i < count; i++) {
		list->addr[i] = found[i].target;
		list->before[i + 1] = list->before[i] + found[i].refs * WEIGHT + 1;
	}
	list->count = count;
	return 0;
}

/* @found: as many references, and room for as many again */
static int find_class(struct cx_target_list *list, struct cx_map *map, struct found *found,
		      size_t count)
{
	struct found *spare = found + count;

	count = unite(found, count, spare);
	for (size_t i = 0; i < count; i++)
		found[i].target = cx_map_address(map, found[i].target, false).now;
	return keep(list, found, unite(found, count, spare));
}

static int find_classes(struct cx_targets *t, const struct cx_refs *refs, struct cx_map *map)
{
	struct found *found, *lists[CX_TARGET_CLASSES];
	size_t counts[CX_TARGET_CLASSES] = { 0 };
	int ret = 0;

	count_classes(refs, counts);
	found = malloc((counts[CX_TARGET_CALL] + counts[CX_TARGET_DATA] + 1) * 2 * sizeof(*found));
	if (!found)
		return -ENOMEM;
	lists[CX_TARGET_CALL] = found;
	lists[CX_TARGET_DATA] = found + 2 * counts[CX_TARGET_CALL];
	collect(refs, lists);
	for (unsigned int i = 0; i < CX_TARGET_CLASSES && !ret; i++)
		ret = find_class(&t->lists[i], map, lists[i], counts[i]);
	free(found);
	return ret;
}

int cx_targets_find(struct cx_targets *t, const struct cx_refs *refs, struct cx_map *map)
{
	int ret;

	memset(t, 0, sizeof(*t));
	ret = find_classes(t, refs, map);
	t->steps = calloc(STEPS, sizeof(*t->steps));
	if (!ret && (!t->steps || cx_mixer_init(&t->mixer, CX_TARGET_CLASSES * 32, 65536 / 2, 6)))
		ret = -ENOMEM;
	if (ret)
		cx_targets_free(t);
	return ret;
}

void cx_targets_free(struct cx_targets *t)
{
	for (unsigned int i = 0; i < CX_TARGET_CLASSES; i++) {
		free(t->lists[i].addr);
		free(t->lists[i].before);
	}
	free(t->steps);
	cx_mixer_free(&t->mixer);
	memset(t, 0, sizeof(*t));
}

size_t cx_targets_index(const struct cx_target_list *list, uint64_t addr)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list->addr[middle] < addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low < list->count && list->addr[low] == addr ? low : list->count;
}

size_t cx_targets_code(struct cx_targets *t, struct cx_coder *c,
		       enum cx_target_class class, size_t index)
{
	const struct cx_target_list *list = &t->lists[class];
	size_t low = 0, high = list->count;

	for (unsigned int depth = 0; high - low > 1; depth++) {
		size_t middle = low + (high - low) / 2;
		uint64_t all = list->before[high] - list->before[low];
		uint64_t upper = list->before[high] - list->before[middle];
		uint64_t node = (uint64_t)middle * CX_TARGET_CLASSES + class;

		cx_mixer_add_fixed(&t->mixer, (uint32_t)(upper * 65536 / (all + 1)));
		cx_mixer_add(&t->mixer, &t->steps[node * 0x9e3779b97f4a7c15ull >> (64 - 16)]);
		if (cx_mixer_bit(&t->mixer, c, class * 32 + (depth < 31 ? depth : 31),
				 index >= middle))
			low = middle;
		else
			high = middle;
	}
	return low;
}
