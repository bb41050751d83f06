// SPDX-License-Identifier: LGPL-2.1-or-later
/* References in the ELF header, the program and section headers, and .dynamic. */
#include <elf.h>
#include <stddef.h>

#include "lib/delta/refs.h"

#ifndef DT_RELR
#define DT_RELRSZ	35
#define DT_RELR		36
#endif

static void program_header(struct cx_refs *refs, uint64_t at)
{
	const uint8_t *p = refs->image->data + at;

	cx_refs_add(refs, at + offsetof(Elf64_Phdr, p_offset), CX_REF_OFFSET, 0);
	cx_refs_add(refs, at + offsetof(Elf64_Phdr, p_vaddr), CX_REF_ADDR, 0);
	cx_refs_add(refs, at + offsetof(Elf64_Phdr, p_paddr), CX_REF_ADDR, 0);
	cx_refs_add_based(refs, at + offsetof(Elf64_Phdr, p_filesz), CX_REF_LENGTH,
			  cx_get(p + offsetof(Elf64_Phdr, p_offset), 8));
	cx_refs_add_based(refs, at + offsetof(Elf64_Phdr, p_memsz), CX_REF_EXTENT,
			  cx_get(p + offsetof(Elf64_Phdr, p_vaddr), 8));
}

static void section_header(struct cx_refs *refs, uint64_t at)
{
	const uint8_t *p = refs->image->data + at;
	uint64_t addr = cx_get(p + offsetof(Elf64_Shdr, sh_addr), 8);
	uint64_t size_at = at + offsetof(Elf64_Shdr, sh_size);

	if (addr)
		cx_refs_add(refs, at + offsetof(Elf64_Shdr, sh_addr), CX_REF_ADDR, 0);
	cx_refs_add(refs, at + offsetof(Elf64_Shdr, sh_offset), CX_REF_OFFSET, 0);
	if (cx_get(p + offsetof(Elf64_Shdr, sh_type), 4) == SHT_NOBITS)
		cx_refs_add_based(refs, size_at, CX_REF_EXTENT, addr);
	else
		cx_refs_add_based(refs, size_at, CX_REF_LENGTH,
				  cx_get(p + offsetof(Elf64_Shdr, sh_offset), 8));
}

/* What an entry of .dynamic with a length or a number counts from; 0 for others */
static int64_t base_tag(int64_t tag)
{
	switch (tag) {
	case DT_RELASZ:
	case DT_RELACOUNT:
		return DT_RELA;
	case DT_PLTRELSZ:
		return DT_JMPREL;
	case DT_INIT_ARRAYSZ:
		return DT_INIT_ARRAY;
	case DT_FINI_ARRAYSZ:
		return DT_FINI_ARRAY;
	case DT_RELRSZ:
		return DT_RELR;
	case DT_STRSZ:
	case DT_NEEDED:
	case DT_SONAME:
	case DT_RPATH:
	case DT_RUNPATH:
		return DT_STRTAB;
	default:
		return 0;
	}
}

static bool is_address(int64_t tag)
{
	switch (tag) {
	case DT_PLTGOT:
	case DT_HASH:
	case DT_STRTAB:
	case DT_SYMTAB:
	case DT_RELA:
	case DT_INIT:
	case DT_FINI:
	case DT_JMPREL:
	case DT_INIT_ARRAY:
	case DT_FINI_ARRAY:
	case DT_PREINIT_ARRAY:
	case DT_RELR:
	case DT_GNU_HASH:
	case DT_VERSYM:
	case DT_VERDEF:
	case DT_VERNEED:
		return true;
	default:
		return false;
	}
}

static enum cx_ref_kind kind_of(int64_t tag)
{
	switch (tag) {
	case DT_RELACOUNT:
		return CX_REF_INDEX;
	case DT_NEEDED:
	case DT_SONAME:
	case DT_RPATH:
	case DT_RUNPATH:
		return CX_REF_TABLE;
	default:
		return CX_REF_EXTENT;
	}
}

/* The value of the first entry with this tag, or 0 */
static uint64_t dynamic_value(const struct cx_image *image, const struct cx_section *s,
			      int64_t tag)
{
	for (uint64_t i = 0; i + sizeof(Elf64_Dyn) <= s->size; i += sizeof(Elf64_Dyn))
		if ((int64_t)cx_get(image->data + s->offset + i, 8) == tag)
			return cx_get(image->data + s->offset + i + 8, 8);
	return 0;
}

static void dynamic(struct cx_refs *refs, const struct cx_section *s)
{
	for (uint64_t i = 0; i + sizeof(Elf64_Dyn) <= s->size; i += sizeof(Elf64_Dyn)) {
		uint64_t at = s->offset + i;
		int64_t tag = (int64_t)cx_get(refs->image->data + at, 8);
		int64_t base = base_tag(tag);

		if (tag == DT_NULL)
			return;
		if (is_address(tag))
			cx_refs_add(refs, at + 8, CX_REF_ADDR, 0);
		else if (base)
			cx_refs_add_based(refs, at + 8, kind_of(tag),
					  dynamic_value(refs->image, s, base));
	}
}

void cx_refs_find_headers(struct cx_refs *refs)
{
	const struct cx_image *image = refs->image;

	cx_refs_add(refs, offsetof(Elf64_Ehdr, e_entry), CX_REF_ADDR, 0);
	cx_refs_add(refs, offsetof(Elf64_Ehdr, e_phoff), CX_REF_OFFSET, 0);
	cx_refs_add(refs, offsetof(Elf64_Ehdr, e_shoff), CX_REF_OFFSET, 0);
	for (unsigned int i = 0; i < image->program_header_count; i++)
		program_header(refs, image->program_headers + i * sizeof(Elf64_Phdr));
	for (unsigned int i = 1; i < image->section_header_count; i++)
		section_header(refs, image->section_headers + i * sizeof(Elf64_Shdr));
	for (unsigned int i = 0; i < image->section_count; i++)
		if (image->sections[i].type == SHT_DYNAMIC)
			dynamic(refs, &image->sections[i]);
}

static void random_word(struct cx_refs *refs, uint64_t at)
{
	if (refs->random_count < CX_RANDOM_MAX)
		cx_refs_add(refs, at, CX_REF_RANDOM, refs->random_count++);
}

/* The name of the debug symbols is made of the build-id: all but the first byte, in hex. */
static void debug_name(struct cx_refs *refs, const struct cx_section *link, uint64_t id,
		       uint64_t size)
{
	for (uint64_t i = 0; i + 1 < size && 2 * i + 2 <= link->size; i++) {
		uint64_t byte = id + 1 + i, at = link->offset + 2 * i;

		if (cx_get(refs->image->data + at, 2) != cx_ref_hex(refs->image->data[byte]))
			return;
		cx_refs_add_based(refs, at, CX_REF_HEX, byte);
	}
}

/* A build-id is random, and so is the check sum of the debug symbols. */
void cx_refs_find_build_id(struct cx_refs *refs)
{
	const struct cx_section *note = cx_image_section(refs->image, ".note.gnu.build-id");
	const struct cx_section *link = cx_image_section(refs->image, ".gnu_debuglink");
	const uint64_t header = sizeof(Elf64_Nhdr) + sizeof("GNU");

	for (uint64_t i = header; note && i + 4 <= note->size; i += 4)
		random_word(refs, note->offset + i);
	if (note && link && note->size > header)
		debug_name(refs, link, note->offset + header, note->size - header);
	if (link && link->size >= 4)
		random_word(refs, link->offset + link->size - 4);
}
