// SPDX-License-Identifier: LGPL-2.1-or-later
/* References in symbol and relocation tables, and in what these relocate. */
#include <elf.h>
#include <stddef.h>

#include "lib/delta/refs.h"

#ifndef SHT_RELR
#define SHT_RELR	19
#endif

static void symbols(struct cx_refs *refs, const struct cx_section *s)
{
	const struct cx_section *names = cx_image_linked(refs->image, s);

	for (uint64_t i = 0; i + sizeof(Elf64_Sym) <= s->size; i += sizeof(Elf64_Sym)) {
		uint64_t at = s->offset + i;
		const uint8_t *p = refs->image->data + at;
		uint64_t value = cx_get(p + offsetof(Elf64_Sym, st_value), 8);

		if (names && cx_get(p, 4))
			cx_refs_add_based(refs, at, CX_REF_NAME, names->offset);
		if (ELF64_ST_TYPE(p[4]) == STT_TLS || cx_image_segment_at(refs->image, value) < 0)
			continue;
		cx_refs_add(refs, at + offsetof(Elf64_Sym, st_value), CX_REF_ADDR, 0);
		if (cx_get(p + offsetof(Elf64_Sym, st_size), 8))
			cx_refs_add_based(refs, at + offsetof(Elf64_Sym, st_size),
					  CX_REF_EXTENT, value);
	}
}

/* The relocated word itself may hold the address, too; or it holds nothing. */
static void relocated(struct cx_refs *refs, uint64_t addr)
{
	const struct cx_image *image = refs->image;
	int i = cx_image_segment_at(image, addr);
	uint64_t into, value;

	if (i < 0)
		return;
	into = addr - image->segments[i].addr;
	if (into >= image->segments[i].file_size || image->segments[i].file_size - into < 8)
		return;
	into += image->segments[i].offset;
	value = cx_get(image->data + into, 8);
	if (value && cx_image_segment_at(image, value) >= 0)
		cx_refs_add(refs, into, CX_REF_ADDR, 0);
}

static void relocations(struct cx_refs *refs, const struct cx_section *s)
{
	const struct cx_section *table = cx_image_linked(refs->image, s);

	for (uint64_t i = 0; i + sizeof(Elf64_Rela) <= s->size; i += sizeof(Elf64_Rela)) {
		uint64_t at = s->offset + i;
		const uint8_t *p = refs->image->data + at;
		uint32_t type = (uint32_t)cx_get(p + 8, 4);

		cx_refs_add(refs, at, CX_REF_ADDR, 0);
		if (table && cx_get(p + 12, 4))
			cx_refs_add_based(refs, at + 12, CX_REF_INDEX, table->addr);
		if (type == R_X86_64_RELATIVE || type == R_X86_64_IRELATIVE)
			cx_refs_add(refs, at + 16, CX_REF_ADDR, 0);
	}
	/* These are elsewhere: the list is sorted faster if they are added apart. */
	for (uint64_t i = 0; i + sizeof(Elf64_Rela) <= s->size; i += sizeof(Elf64_Rela))
		relocated(refs, cx_get(refs->image->data + s->offset + i, 8));
}

/*
 * Packed relative relocations: an even word is the address of one, an odd one
 * says by its bits which of the 63 words behind are also relocated.
 */
static void packed_relocations(struct cx_refs *refs, const struct cx_section *s)
{
	uint64_t next = 0;

	for (uint64_t i = 0; i + 8 <= s->size; i += 8) {
		uint64_t word = cx_get(refs->image->data + s->offset + i, 8);

		if (!(word & 1)) {
			cx_refs_add(refs, s->offset + i, CX_REF_ADDR, 0);
			relocated(refs, word);
			next = word + 8;
			continue;
		}
		for (unsigned int bit = 0; bit < 63; bit++)
			if (word >> (bit + 1) & 1)
				relocated(refs, next + bit * 8);
		next += 63 * 8;
	}
}

/* The older hash table: numbers of symbols, behind two lengths */
static void numbers(struct cx_refs *refs, const struct cx_section *s)
{
	const struct cx_section *table = cx_image_linked(refs->image, s);

	for (uint64_t i = 8; table && i + 4 <= s->size; i += 4)
		if (cx_get(refs->image->data + s->offset + i, 4))
			cx_refs_add_based(refs, s->offset + i, CX_REF_INDEX, table->addr);
}

void cx_refs_find_tables(struct cx_refs *refs)
{
	for (unsigned int i = 0; i < refs->image->section_count; i++) {
		const struct cx_section *s = &refs->image->sections[i];

		if (s->type == SHT_DYNSYM || s->type == SHT_SYMTAB)
			symbols(refs, s);
		else if (s->type == SHT_RELA && s->loaded)
			relocations(refs, s);
		else if (s->type == SHT_HASH)
			numbers(refs, s);
		else if (s->type == SHT_RELR)
			packed_relocations(refs, s);
	}
}
