// SPDX-License-Identifier: LGPL-2.1-or-later
/* The layout of an ELF file, by libelf. */
#include <errno.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "lib/delta/image.h"

static bool within(uint64_t start, uint64_t size, uint64_t limit)
{
	return start <= limit && size <= limit - start;
}

static bool read_segments(Elf *elf, struct cx_image *image)
{
	size_t count;

	if (elf_getphdrnum(elf, &count))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct cx_segment *segment = &image->segments[image->segment_count];
		GElf_Phdr header;

		if (!gelf_getphdr(elf, (int)i, &header))
			return false;
		if (header.p_type != PT_LOAD || !header.p_memsz)
			continue;
		if (image->segment_count == CX_SEGMENTS_MAX ||
		    !within(header.p_offset, header.p_filesz, image->size) ||
		    header.p_filesz > header.p_memsz || header.p_memsz >= CX_IMAGE_MAX ||
		    header.p_vaddr > UINT64_MAX - header.p_memsz)
			return false;
		*segment = (struct cx_segment){
			.addr = header.p_vaddr, .offset = header.p_offset,
			.file_size = header.p_filesz, .size = header.p_memsz,
		};
		image->segment_count++;
	}
	return image->segment_count > 0;
}

/* A section without content in the file, or with an impossible one, is left out. */
static void read_section(Elf *elf, size_t strings, Elf_Scn *scn, struct cx_image *image)
{
	struct cx_section *section = &image->sections[image->section_count];
	const char *name;
	GElf_Shdr header;

	if (!gelf_getshdr(scn, &header) || header.sh_type == SHT_NOBITS ||
	    header.sh_type == SHT_NULL || !header.sh_size ||
	    !within(header.sh_offset, header.sh_size, image->size))
		return;
	*section = (struct cx_section){
		.type = header.sh_type, .addr = header.sh_addr,
		.code = header.sh_flags & SHF_EXECINSTR,
		.loaded = header.sh_flags & SHF_ALLOC,
		.offset = header.sh_offset, .size = header.sh_size, .link = header.sh_link,
	};
	name = elf_strptr(elf, strings, header.sh_name);
	if (name && strlen(name) < sizeof(section->name))
		strcpy(section->name, name);
	image->section_by_index[elf_ndxscn(scn)] = ++image->section_count;
}

static int read_sections(Elf *elf, struct cx_image *image)
{
	size_t count, strings;
	Elf_Scn *scn = NULL;

	if (elf_getshdrnum(elf, &count) || elf_getshdrstrndx(elf, &strings) || !count)
		return 0;
	image->sections = calloc(count, sizeof(*image->sections));
	image->section_by_index = calloc(count, sizeof(*image->section_by_index));
	if (!image->sections || !image->section_by_index)
		return -ENOMEM;
	image->index_count = (unsigned int)count;
	while ((scn = elf_nextscn(elf, scn)))
		read_section(elf, strings, scn, image);
	return 0;
}

/* Whatever looks at sections one after the other relies on this order. */
static bool sections_are_apart(const struct cx_image *image)
{
	uint64_t end = 0;

	for (unsigned int i = 0; i < image->section_count; i++) {
		if (image->sections[i].offset < end)
			return false;
		end = image->sections[i].offset + image->sections[i].size;
	}
	return true;
}

static bool segments_are_apart(const struct cx_image *image)
{
	uint64_t end = 0;

	for (unsigned int i = 0; i < image->segment_count; i++) {
		if (image->segments[i].addr < end)
			return false;
		end = image->segments[i].addr + image->segments[i].size;
	}
	return true;
}

static bool read_headers(Elf *elf, struct cx_image *image)
{
	GElf_Ehdr header;

	if (!gelf_getehdr(elf, &header) || header.e_machine != EM_X86_64 ||
	    header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB)
		return false;
	image->fixed = header.e_type == ET_EXEC;
	if (header.e_phentsize == sizeof(Elf64_Phdr) &&
	    within(header.e_phoff, header.e_phnum * sizeof(Elf64_Phdr), image->size)) {
		image->program_headers = header.e_phoff;
		image->program_header_count = header.e_phnum;
	}
	if (header.e_shentsize == sizeof(Elf64_Shdr) &&
	    within(header.e_shoff, header.e_shnum * sizeof(Elf64_Shdr), image->size)) {
		image->section_headers = header.e_shoff;
		image->section_header_count = header.e_shnum;
	}
	return true;
}

static void forget_layout(struct cx_image *image)
{
	const uint8_t *data = image->data;
	uint64_t size = image->size;

	cx_image_free(image);
	image->data = data;
	image->size = size;
}

int cx_image_read(struct cx_image *image, const uint8_t *data, uint64_t size)
{
	bool usable;
	int ret = 0;
	Elf *elf;

	memset(image, 0, sizeof(*image));
	image->data = data;
	image->size = size;
	if (size < EI_NIDENT || size >= CX_IMAGE_MAX || elf_version(EV_CURRENT) == EV_NONE)
		return 0;
	elf = elf_memory((char *)data, size);
	if (!elf)
		return 0;
	usable = elf_kind(elf) == ELF_K_ELF && read_headers(elf, image) &&
		 read_segments(elf, image);
	if (usable)
		ret = read_sections(elf, image);
	elf_end(elf);
	if (ret || !usable || !sections_are_apart(image) || !segments_are_apart(image))
		forget_layout(image);
	return ret;
}

void cx_image_free(struct cx_image *image)
{
	free(image->sections);
	free(image->section_by_index);
	memset(image, 0, sizeof(*image));
}

const struct cx_section *cx_image_section(const struct cx_image *image, const char *name)
{
	for (unsigned int i = 0; i < image->section_count; i++)
		if (!strcmp(image->sections[i].name, name))
			return &image->sections[i];
	return NULL;
}

const struct cx_section *cx_image_linked(const struct cx_image *image,
					 const struct cx_section *section)
{
	uint32_t i = 0;

	if (section && section->link < image->index_count)
		i = image->section_by_index[section->link];
	return i ? &image->sections[i - 1] : NULL;
}
