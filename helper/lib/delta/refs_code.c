// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * References in code, and the tables of a switch statement, which are found
 * through the instruction that loads their address.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "lib/delta/refs.h"
#include "lib/delta/x86.h"

/*
 * What is known of a section while it is read.
 * @segment: that it is in, or NULL
 * @bias: address minus offset
 * @plt: in the procedure linkage table, the address of its relocations, whose
 *       numbers it pushes
 * @loads: what instructions load; each may be the address of a table.  A bit for each
 *         byte of the file, so that they need not be sorted
 */
struct scan {
	const struct cx_segment *segment;
	uint64_t bias;
	uint64_t plt;
	uint64_t *loads;
};

/* There is no such byte in the file */
#define NOWHERE	UINT64_MAX

/* Where in the file the byte of this address is, or NOWHERE */
static uint64_t offset_of(const struct cx_image *image, uint64_t addr)
{
	int i = cx_image_segment_at(image, addr);
	const struct cx_segment *segment = &image->segments[i < 0 ? 0 : i];
	uint64_t into = addr - segment->addr;

	return i >= 0 && into < segment->file_size ? segment->offset + into : NOWHERE;
}

static void remember_load(const struct cx_image *image, uint64_t *loads, uint64_t addr)
{
	uint64_t at = offset_of(image, addr);

	if (at != NOWHERE)
		loads[at / 64] |= 1ull << at % 64;
}

/* The first place that is loaded, from @at on and before @end; or @end */
static uint64_t next_load(const uint64_t *loads, uint64_t at, uint64_t end)
{
	uint64_t bits;

	for (; at < end; at = (at / 64 + 1) * 64) {
		bits = loads[at / 64] >> at % 64;
		if (!bits)
			continue;
		at += (uint64_t)__builtin_ctzll(bits);
		return at < end ? at : end;
	}
	return end;
}

/* A field that counts from @end */
static uint64_t counted_from(uint64_t end, const uint8_t *field, unsigned int size)
{
	return end + (uint64_t)(size == 1 ? (int8_t)*field : (int32_t)cx_get(field, 4));
}

static void add_rip(struct cx_refs *refs, const struct scan *scan, uint64_t at,
		    const struct cx_x86 *x)
{
	const struct cx_image *image = refs->image;
	uint64_t target = counted_from(at + x->length + scan->bias, image->data + at + x->disp, 4);

	if (cx_image_segment_at(image, target) >= 0)
		cx_refs_add(refs, at + x->disp, CX_REF_CODE, x->length - x->disp - 4u);
	if (x->flags & CX_X86_LEA)
		remember_load(image, scan->loads, target);
}

/* Data among code reads as branches to anywhere. */
static bool leads_to_code(const struct cx_refs *refs, const struct scan *scan, uint64_t at,
			  const struct cx_x86 *x)
{
	uint64_t target = counted_from(at + x->length + scan->bias,
				       refs->image->data + at + x->imm, x->imm_size);

	return scan->segment && target - scan->segment->addr < scan->segment->size;
}

static void add_absolute(struct cx_refs *refs, uint64_t at)
{
	if (cx_image_segment_at(refs->image, cx_get(refs->image->data + at, 4)) >= 0)
		cx_refs_add(refs, at, CX_REF_ADDR32, 0);
}

static inline void add_operands(struct cx_refs *refs, const struct scan *scan, uint64_t at,
				const struct cx_x86 *x)
{
	if (x->flags & CX_X86_RIP)
		add_rip(refs, scan, at, x);
	else if (refs->image->fixed && x->disp_size == 4)
		add_absolute(refs, at + x->disp);
	if (scan->plt && refs->image->data[at] == 0x68)
		cx_refs_add_based(refs, at + x->imm, CX_REF_INDEX, scan->plt);
	else if (x->flags & CX_X86_BRANCH && leads_to_code(refs, scan, at, x))
		cx_refs_add(refs, at + x->imm, x->imm_size == 1 ? CX_REF_NEAR : CX_REF_CODE, 0);
	else if (refs->image->fixed && x->imm_size == 4)
		add_absolute(refs, at + x->imm);
}

static void scan_code(struct cx_refs *refs, const struct cx_section *code,
		      const struct scan *scan)
{
	const uint8_t *data = refs->image->data;
	uint64_t at = code->offset, end = code->offset + code->size;
	struct cx_x86 x;

	while (at < end) {
		if (!cx_x86_decode(data + at, end - at, &x)) {
			refs->pads.begun = 0;
			at++;
			continue;
		}
		if ((refs->pads.begun || cx_pads_may_begin(data[at])) &&
		    !cx_pads_see(&refs->pads, data, at, x.length))
			refs->nomem = true;
		refs->starts[at / 8] |= (uint8_t)(1 << at % 8);
		add_operands(refs, scan, at, &x);
		at += x.length;
	}
}

static bool begins_instruction(const struct cx_refs *refs, uint64_t addr)
{
	uint64_t at = offset_of(refs->image, addr);

	return at != NOWHERE && refs->starts[at / 8] >> at % 8 & 1;
}

/* A table goes on for as long as its entries lead to instructions. */
static void add_table(struct cx_refs *refs, uint64_t base, uint64_t at, uint64_t end)
{
	for (; end - at >= 4; at += 4) {
		int32_t entry = (int32_t)cx_get(refs->image->data + at, 4);

		if (!begins_instruction(refs, base + (uint64_t)(int64_t)entry))
			return;
		cx_refs_add_based(refs, at, CX_REF_TABLE, base);
	}
}

/* Is a section's content where its segment says?  Else nothing is known of it. */
static bool is_in_place(const struct cx_image *image, const struct cx_section *section)
{
	int i = cx_image_segment_at(image, section->addr);
	const struct cx_segment *segment = &image->segments[i < 0 ? 0 : i];
	uint64_t into = section->addr - segment->addr;

	return i >= 0 && into < segment->file_size &&
	       section->size <= segment->file_size - into &&
	       section->offset == segment->offset + into;
}

/* A table may begin at each place that is loaded, and ends at the next at the latest. */
static void add_tables(struct cx_refs *refs, const struct cx_section *section,
		       const uint64_t *loads)
{
	uint64_t limit = section->offset + section->size;
	uint64_t at = next_load(loads, section->offset, limit);

	while (at < limit) {
		uint64_t next = next_load(loads, at + 1, limit);
		uint64_t base = section->addr + (at - section->offset);

		if (base % 4 == 0)
			add_table(refs, base, at, next);
		at = next;
	}
}

static void scan_section(struct cx_refs *refs, const struct cx_section *section,
			 const struct cx_section *slots, uint64_t *loads)
{
	int i = cx_image_segment_at(refs->image, section->addr);
	const struct scan scan = {
		.segment = i < 0 ? NULL : &refs->image->segments[i],
		.bias = section->addr - section->offset,
		.plt = slots && !strcmp(section->name, ".plt") ? slots->addr : 0,
		.loads = loads,
	};

	scan_code(refs, section, &scan);
}

void cx_refs_find_code(struct cx_refs *refs)
{
	const struct cx_image *image = refs->image;
	const struct cx_section *slots = cx_image_section(image, ".rela.plt");
	uint64_t *loads = calloc(image->size / 64 + 1, sizeof(*loads));

	if (!loads) {
		refs->nomem = true;
		return;
	}
	for (unsigned int i = 0; i < image->section_count; i++)
		if (image->sections[i].code && image->sections[i].loaded)
			scan_section(refs, &image->sections[i], slots, loads);
	for (unsigned int i = 0; i < image->section_count; i++) {
		const struct cx_section *section = &image->sections[i];

		if (section->loaded && !section->code && section->type == SHT_PROGBITS &&
		    is_in_place(image, section))
			add_tables(refs, section, loads);
	}
	free(loads);
}
