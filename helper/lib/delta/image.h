/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file as a program's image: which addresses its bytes have.
 *
 * A file that is not ELF for x86-64, or whose headers contradict themselves, is
 * an image without segments and sections, in which nothing is predicted.
 */
#ifndef _CX_DELTA_IMAGE_H
#define _CX_DELTA_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CX_SEGMENTS_MAX	16
/* Larger files are not predicted: a position has 32 bits, bss included. */
#define CX_IMAGE_MAX	(1ull << 31)

/**
 * struct cx_segment - what is loaded together
 * @addr: its first address
 * @offset: its first byte in the file
 * @file_size: bytes that the file has of it
 * @size: bytes in memory
 */
struct cx_segment {
	uint64_t addr;
	uint64_t offset;
	uint64_t file_size;
	uint64_t size;
};

/**
 * struct cx_section - a section with content in the file
 * @name: of no more than 23 bytes, else empty
 * @type: SHT_*
 * @code: it is executed
 * @loaded: it has addresses
 * @addr: its first
 * @offset: its first byte in the file
 * @size: bytes
 * @link: index of the section it belongs to
 */
struct cx_section {
	char name[24];
	uint32_t type;
	bool code;
	bool loaded;
	uint64_t addr;
	uint64_t offset;
	uint64_t size;
	uint32_t link;
};

/**
 * struct cx_image - a file's content and its layout
 * @data: the content, not owned
 * @size: bytes
 * @fixed: addresses are absolute (not position-independent)
 * @segments: loaded segments, ascending by address
 * @segment_count: how many
 * @sections: ascending by offset, none overlapping
 * @section_count: how many
 * @section_by_index: for each index in the section header table, the place in
 *                    @sections plus 1, or 0
 * @index_count: entries of that
 * @program_headers: where they are in the file; 0 if there are none
 * @program_header_count: how many
 * @section_headers: where they are in the file; 0 if there are none
 * @section_header_count: how many
 */
struct cx_image {
	const uint8_t *data;
	uint64_t size;
	bool fixed;
	struct cx_segment segments[CX_SEGMENTS_MAX];
	unsigned int segment_count;
	struct cx_section *sections;
	unsigned int section_count;
	uint32_t *section_by_index;
	unsigned int index_count;
	uint64_t program_headers;
	unsigned int program_header_count;
	uint64_t section_headers;
	unsigned int section_header_count;
};

/**
 * cx_image_read - find out the layout
 * @image: filled; freed by cx_image_free()
 * @data: the content, which has to stay
 * @size: bytes
 *
 * Return: 0, also where there is no layout, or -ENOMEM.
 */
int cx_image_read(struct cx_image *image, const uint8_t *data, uint64_t size);

/* cx_image_free - also of one that was only zeroed */
void cx_image_free(struct cx_image *image);

/* cx_image_segment_at - the segment that has this address, or -1 */
static inline int cx_image_segment_at(const struct cx_image *image, uint64_t addr)
{
	for (unsigned int i = 0; i < image->segment_count; i++)
		if (addr - image->segments[i].addr < image->segments[i].size)
			return (int)i;
	return -1;
}

/* cx_image_segment_of - the segment that has this byte of the file, or -1 */
static inline int cx_image_segment_of(const struct cx_image *image, uint64_t offset)
{
	for (unsigned int i = 0; i < image->segment_count; i++)
		if (offset - image->segments[i].offset < image->segments[i].file_size)
			return (int)i;
	return -1;
}

/* cx_image_section - the section of this name, or NULL */
const struct cx_section *cx_image_section(const struct cx_image *image, const char *name);

/* cx_image_linked - the section that a section, or NULL, belongs to; or NULL */
const struct cx_section *cx_image_linked(const struct cx_image *image,
					 const struct cx_section *section);

/* Little-endian fields, at any alignment; of a usual size without a call */
static inline uint64_t cx_get(const uint8_t *p, unsigned int size)
{
	uint64_t value = 0;
	uint32_t word;

	switch (size) {
	case 4:
		__builtin_memcpy(&word, p, sizeof(word));
		return word;
	case 8:
		__builtin_memcpy(&value, p, sizeof(value));
		return value;
	case 1:
		return *p;
	default:
		__builtin_memcpy(&value, p, size);
		return value;
	}
}

static inline void cx_put(uint8_t *p, unsigned int size, uint64_t value)
{
	switch (size) {
	case 4:
		__builtin_memcpy(p, &value, 4);
		break;
	case 1:
		*p = (uint8_t)value;
		break;
	default:
		__builtin_memcpy(p, &value, size);
	}
}

/* cx_sign_extend - a field of @size bytes as a number that may be negative */
static inline int64_t cx_sign_extend(uint64_t value, unsigned int size)
{
	unsigned int unused = 64 - 8 * size;

	return (int64_t)(value << unused) >> unused;
}

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "write cx_get() and cx_put() for this machine"
#endif

#endif /* _CX_DELTA_IMAGE_H */
