/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * References: the fields of a file whose values are addresses, or follow from
 * them.
 *
 * What is found where is part of the patch format.
 */
#ifndef _CX_DELTA_REFS_H
#define _CX_DELTA_REFS_H

#include "lib/delta/image.h"
#include "lib/delta/pads.h"

/* What the value of a field is; T is what it refers to. */
enum cx_ref_kind {
	CX_REF_NEAR,	/* 8 bits: T - the field's end */
	CX_REF_CODE,	/* 32 bits: T - the field's end - @extra */
	CX_REF_HERE,	/* 32 bits: T - the field's start */
	CX_REF_BACK,	/* 32 bits: the field's start - T */
	CX_REF_TABLE,	/* 32 bits: T - base */
	CX_REF_INDEX,	/* 32 bits: (T - base) / 24 */
	CX_REF_ADDR32,	/* 32 bits: T */
	CX_REF_ADDR,	/* 64 bits: T */
	CX_REF_OFFSET,	/* 64 bits: T, in the file */
	CX_REF_EXTENT,	/* 64 bits: T - base, T being an end, not a start */
	CX_REF_EXTENT32, /* 32 bits, the same */
	CX_REF_NAME,	/* 32 bits: T - base, in the file */
	CX_REF_LENGTH,	/* 64 bits: T - base, in the file, T being an end */
	CX_REF_HEX,	/* 16 bits: the byte at base, in the file, as two hex digits */
	CX_REF_RANDOM,	/* 32 bits: random; @extra is its number */
	CX_REF_KINDS
};

/* The most random words, those of a build-id and a check sum */
#define CX_RANDOM_MAX	16

/**
 * struct cx_ref - one such field
 * @at: where it begins in the file
 * @kind: enum cx_ref_kind
 * @extra: CX_REF_CODE: bytes of the instruction behind the field; else, where
 *         there is a base, its place in cx_refs.bases
 */
struct cx_ref {
	uint32_t at;
	uint32_t kind : 4;
	uint32_t extra : 28;
};

/**
 * struct cx_refs - all references of a file
 * @image: the file
 * @refs: ascending, none overlapping
 * @count: how many
 * @room: how many fit
 * @bases: addresses (CX_REF_NAME, CX_REF_LENGTH: offsets) that others count from
 * @base_count: how many
 * @base_room: how many fit
 * @starts: bits: an instruction begins at this byte of the file; NULL if that
 *          was not looked for
 * @random_count: how many are CX_REF_RANDOM
 * @pads: paddings between functions
 * @nomem: there was no memory for one
 */
struct cx_refs {
	const struct cx_image *image;
	struct cx_ref *refs;
	size_t count;
	size_t room;
	uint64_t *bases;
	size_t base_count;
	size_t base_room;
	uint8_t *starts;
	unsigned int random_count;
	struct cx_pads pads;
	bool nomem;
};

/**
 * cx_refs_find - find all references of a file
 * @refs: filled; freed by cx_refs_free()
 * @image: the file, which has to stay
 *
 * Return: 0, or -ENOMEM.
 */
int cx_refs_find(struct cx_refs *refs, const struct cx_image *image);

/* cx_refs_free - also of one that was only zeroed */
void cx_refs_free(struct cx_refs *refs);

extern const uint8_t cx_ref_sizes[CX_REF_KINDS];

/* cx_ref_size - bytes of a field of this kind */
static inline unsigned int cx_ref_size(enum cx_ref_kind kind)
{
	return cx_ref_sizes[kind];
}

/* cx_ref_in_file - T and the base are offsets in the file, not addresses */
static inline bool cx_ref_in_file(enum cx_ref_kind kind)
{
	return kind == CX_REF_OFFSET || kind == CX_REF_NAME || kind == CX_REF_LENGTH ||
	       kind == CX_REF_HEX || kind == CX_REF_RANDOM;
}

/* cx_ref_is_end - T is where something ends */
static inline bool cx_ref_is_end(enum cx_ref_kind kind)
{
	return kind == CX_REF_EXTENT || kind == CX_REF_EXTENT32 || kind == CX_REF_LENGTH;
}

/**
 * cx_ref_target - what a reference refers to
 * @refs: of its file
 * @ref: the reference
 *
 * Return: an address, or an offset in the file.
 */
uint64_t cx_ref_target(const struct cx_refs *refs, const struct cx_ref *ref);

/* cx_ref_hex - the value of a CX_REF_HEX field for this byte */
uint16_t cx_ref_hex(uint8_t byte);

/**
 * cx_ref_value - the value of a field; not for CX_REF_HEX
 * @ref: the reference; its kind and @extra matter
 * @target: what it refers to
 * @origin: the field's own address (CX_REF_NEAR to CX_REF_BACK), or
 *          the base
 *
 * Return: the value, of which cx_ref_size() bytes count.
 */
uint64_t cx_ref_value(const struct cx_ref *ref, uint64_t target, uint64_t origin);

/* cx_refs_first - the number of the first reference that begins at or after @at */
size_t cx_refs_first(const struct cx_refs *refs, uint64_t at);

/* For the finders: a reference without, and one with a base */
void cx_refs_add(struct cx_refs *refs, uint64_t at, enum cx_ref_kind kind,
		 unsigned int extra);
void cx_refs_add_based(struct cx_refs *refs, uint64_t at, enum cx_ref_kind kind,
		       uint64_t base);

/* The finders, each for what its name says */
void cx_refs_find_code(struct cx_refs *refs);
void cx_refs_find_headers(struct cx_refs *refs);
void cx_refs_find_tables(struct cx_refs *refs);
void cx_refs_find_frames(struct cx_refs *refs);
void cx_refs_find_build_id(struct cx_refs *refs);

#endif /* _CX_DELTA_REFS_H */
