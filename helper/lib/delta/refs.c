// SPDX-License-Identifier: LGPL-2.1-or-later
/* References: what they mean, and the list of them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/delta/refs.h"

/* Bytes of an entry of a symbol table, which CX_REF_INDEX counts */
#define SYMBOL_SIZE 24

const uint8_t cx_ref_sizes[CX_REF_KINDS] = {
	[CX_REF_NEAR] = 1, [CX_REF_CODE] = 4, [CX_REF_HERE] = 4, [CX_REF_BACK] = 4,
	[CX_REF_TABLE] = 4, [CX_REF_INDEX] = 4, [CX_REF_ADDR32] = 4, [CX_REF_ADDR] = 8,
	[CX_REF_OFFSET] = 8, [CX_REF_EXTENT] = 8, [CX_REF_EXTENT32] = 4, [CX_REF_NAME] = 4,
	[CX_REF_LENGTH] = 8, [CX_REF_HEX] = 2, [CX_REF_RANDOM] = 4,
};

/* The address of a byte of the file; only asked where there is a segment */
static uint64_t address_of(const struct cx_image *image, uint64_t offset)
{
	int i = cx_image_segment_of(image, offset);

	return i < 0 ? offset :
	       offset - image->segments[i].offset + image->segments[i].addr;
}

uint64_t cx_ref_target(const struct cx_refs *refs, const struct cx_ref *ref)
{
	unsigned int size = cx_ref_size(ref->kind);
	uint64_t value = cx_get(refs->image->data + ref->at, size);
	uint64_t offset = (uint64_t)cx_sign_extend(value, size);

	switch (ref->kind) {
	case CX_REF_NEAR:
		return address_of(refs->image, ref->at) + 1 + offset;
	case CX_REF_CODE:
		return address_of(refs->image, ref->at) + 4 + ref->extra + offset;
	case CX_REF_HERE:
		return address_of(refs->image, ref->at) + offset;
	case CX_REF_BACK:
		return address_of(refs->image, ref->at) - value;
	case CX_REF_HEX:
		return refs->bases[ref->extra];
	case CX_REF_RANDOM:
		return ref->at;
	case CX_REF_INDEX:
		return refs->bases[ref->extra] + value * SYMBOL_SIZE;
	case CX_REF_TABLE:
		return refs->bases[ref->extra] + offset;
	case CX_REF_EXTENT:
	case CX_REF_EXTENT32:
	case CX_REF_NAME:
	case CX_REF_LENGTH:
		return refs->bases[ref->extra] + value;
	default:
		return value;
	}
}

uint64_t cx_ref_value(const struct cx_ref *ref, uint64_t target, uint64_t origin)
{
	switch (ref->kind) {
	case CX_REF_NEAR:
		return target - origin - 1;
	case CX_REF_CODE:
		return target - origin - 4 - ref->extra;
	case CX_REF_BACK:
		return origin - target;
	case CX_REF_INDEX:
		return (target - origin) / SYMBOL_SIZE;
	case CX_REF_HERE:
	case CX_REF_TABLE:
	case CX_REF_EXTENT:
	case CX_REF_EXTENT32:
	case CX_REF_NAME:
	case CX_REF_LENGTH:
		return target - origin;
	default:
		return target;
	}
}

uint16_t cx_ref_hex(uint8_t byte)
{
	static const char digits[] = "0123456789abcdef";

	return (uint16_t)(digits[byte >> 4] | digits[byte & 15] << 8);
}

size_t cx_refs_first(const struct cx_refs *refs, uint64_t at)
{
	size_t low = 0, high = refs->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (refs->refs[middle].at < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Room for one more of an array's elements */
static bool grow(struct cx_refs *refs, void **array, size_t count, size_t *room, size_t size)
{
	size_t more = *room ? *room + *room / 2 : 1024;
	void *bigger;

	if (count < *room)
		return true;
	bigger = realloc(*array, more * size);
	if (!bigger) {
		refs->nomem = true;
		return false;
	}
	*array = bigger;
	*room = more;
	return true;
}

void cx_refs_add(struct cx_refs *refs, uint64_t at, enum cx_ref_kind kind,
		 unsigned int extra)
{
	if (at > refs->image->size || cx_ref_size(kind) > refs->image->size - at)
		return;
	if (!grow(refs, (void **)&refs->refs, refs->count, &refs->room, sizeof(*refs->refs)))
		return;
	refs->refs[refs->count++] = (struct cx_ref){
		.at = (uint32_t)at, .kind = kind, .extra = extra & 0xfffffff,
	};
}

void cx_refs_add_based(struct cx_refs *refs, uint64_t at, enum cx_ref_kind kind,
		       uint64_t base)
{
	if (!refs->base_count || refs->bases[refs->base_count - 1] != base) {
		if (refs->base_count >= 1 << 28 ||
		    !grow(refs, (void **)&refs->bases, refs->base_count,
			  &refs->base_room, sizeof(*refs->bases)))
			return;
		refs->bases[refs->base_count++] = base;
	}
	cx_refs_add(refs, at, kind, (unsigned int)(refs->base_count - 1));
}

/* By place; of two at the same one, the longer first, then by all the rest */
static int compare(const struct cx_ref *x, const struct cx_ref *y)
{
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind > y->kind ? -1 : 1;
	return (x->extra > y->extra) - (x->extra < y->extra);
}

/* Where ascending runs end; counts them, and notes the ends if there is room for them. */
static size_t find_runs(const struct cx_refs *refs, size_t *ends)
{
	size_t runs = 0;

	for (size_t i = 1; i <= refs->count; i++) {
		if (i < refs->count && compare(&refs->refs[i - 1], &refs->refs[i]) <= 0)
			continue;
		if (ends)
			ends[runs] = i;
		runs++;
	}
	return runs;
}

/* @spare: room for the first of the two runs, which is the shorter one */
static void merge_up(struct cx_ref *refs, struct cx_ref *spare, size_t middle, size_t end)
{
	size_t i = 0, j = middle, out = 0;

	memcpy(spare, refs, middle * sizeof(*spare));
	while (i < middle && j < end) {
		if (compare(&spare[i], &refs[j]) <= 0)
			refs[out++] = spare[i++];
		else
			refs[out++] = refs[j++];
	}
	memcpy(&refs[out], &spare[i], (middle - i) * sizeof(*spare));
}

/* The same from behind, the second run being the shorter one */
static void merge_down(struct cx_ref *refs, struct cx_ref *spare, size_t middle, size_t end)
{
	size_t i = middle, j = end - middle, out = end;

	memcpy(spare, &refs[middle], j * sizeof(*spare));
	while (i && j) {
		if (compare(&refs[i - 1], &spare[j - 1]) > 0)
			refs[--out] = refs[--i];
		else
			refs[--out] = spare[--j];
	}
	memcpy(&refs[i], spare, j * sizeof(*spare));
}

static void merge(struct cx_ref *refs, struct cx_ref *spare, size_t middle, size_t end)
{
	if (middle < end - middle)
		merge_up(refs, spare, middle, end);
	else
		merge_down(refs, spare, middle, end);
}

/* The finders leave a few long runs, so runs are merged two by two. */
static int sort(struct cx_refs *refs)
{
	size_t runs = find_runs(refs, NULL);
	size_t *ends = malloc((runs + 1) * sizeof(*ends));
	struct cx_ref *spare = malloc((refs->count / 2 + 1) * sizeof(*spare));
	int ret = ends && spare ? 0 : -ENOMEM;

	if (!ret)
		find_runs(refs, ends);
	for (; !ret && runs > 1; runs = (runs + 1) / 2) {
		size_t from = 0;

		for (size_t i = 0; i + 1 < runs; i += 2) {
			merge(&refs->refs[from], spare, ends[i] - from, ends[i + 1] - from);
			from = ends[i / 2] = ends[i + 1];
		}
		if (runs % 2)
			ends[runs / 2] = ends[runs - 1];
	}
	free(spare);
	free(ends);
	return ret;
}

/* Of two that overlap, the first stays. */
static void drop_overlapping(struct cx_refs *refs)
{
	uint64_t end = 0;
	size_t kept = 0;

	for (size_t i = 0; i < refs->count; i++) {
		struct cx_ref ref = refs->refs[i];

		if (ref.at < end)
			continue;
		end = ref.at + cx_ref_size(ref.kind);
		refs->refs[kept++] = ref;
	}
	refs->count = kept;
}

int cx_refs_find(struct cx_refs *refs, const struct cx_image *image)
{
	memset(refs, 0, sizeof(*refs));
	refs->image = image;
	if (!image->segment_count)
		return 0;
	refs->starts = calloc(1, image->size / 8 + 1);
	if (!refs->starts)
		return -ENOMEM;
	cx_refs_find_headers(refs);
	cx_refs_find_code(refs);
	cx_refs_find_tables(refs);
	cx_refs_find_frames(refs);
	cx_refs_find_build_id(refs);
	if (refs->nomem || sort(refs)) {
		cx_refs_free(refs);
		return -ENOMEM;
	}
	drop_overlapping(refs);
	return 0;
}

void cx_refs_free(struct cx_refs *refs)
{
	free(refs->refs);
	free(refs->bases);
	free(refs->starts);
	cx_pads_free(&refs->pads);
	memset(refs, 0, sizeof(*refs));
}
