// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * References of the unwinding tables, .eh_frame and .eh_frame_hdr.
 * Source: Linux Standard Base, "Exception Frames".
 */
#include <string.h>

#include "lib/delta/refs.h"

/* DW_EH_PE_pcrel | DW_EH_PE_sdata4, and the same with DW_EH_PE_indirect */
#define PCREL	0x1b
#define INDIRECT 0x80
/* DW_EH_PE_datarel | DW_EH_PE_sdata4 */
#define DATAREL	0x3b

/* What a CIE says of its FDEs */
struct cie {
	uint64_t offset;
	bool usual;		/* their addresses are PCREL */
	bool lsda;		/* they have a pointer to an LSDA, PCREL */
};

static uint64_t skip_uleb(const uint8_t *data, uint64_t at, uint64_t end)
{
	while (at < end && data[at] & 0x80)
		at++;
	return at + 1;
}

/* What each letter of the augmentation stands for, in its order */
static void augmentation(struct cx_refs *refs, struct cie *cie, const char *letters,
			 uint64_t at, uint64_t end)
{
	const uint8_t *data = refs->image->data;

	for (; *letters && at < end; letters++) {
		switch (*letters) {
		case 'R':
			cie->usual = data[at++] == PCREL;
			break;
		case 'L':
			cie->lsda = data[at++] == PCREL;
			break;
		case 'P':
			if ((data[at] & ~INDIRECT) != PCREL)
				return;
			cx_refs_add(refs, at + 1, CX_REF_HERE, 0);
			at += 5;
			break;
		case 'S':
		case 'B':
			break;
		default:
			return;
		}
	}
}

static void read_cie(struct cx_refs *refs, struct cie *cie, uint64_t at, uint64_t end)
{
	const uint8_t *data = refs->image->data;
	const char *letters = (const char *)data + at + 9;
	uint64_t after;

	*cie = (struct cie){ .offset = at };
	if (end - at < 10 || !memchr(letters, 0, end - at - 9) || letters[0] != 'z')
		return;
	after = at + 9 + strlen(letters) + 1;
	after = skip_uleb(data, after, end);		/* code alignment */
	after = skip_uleb(data, after, end);		/* data alignment */
	after = skip_uleb(data, after, end);		/* return address */
	after = skip_uleb(data, after, end);		/* length of what comes */
	augmentation(refs, cie, letters + 1, after, end);
}

static void read_fde(struct cx_refs *refs, const struct cie *cie, uint64_t at,
		     uint64_t end, uint64_t addr)
{
	const uint8_t *data = refs->image->data;
	int32_t start;

	cx_refs_add(refs, at + 4, CX_REF_BACK, 0);
	if (!cie->usual || end - at < 17)
		return;
	start = (int32_t)cx_get(data + at + 8, 4);
	cx_refs_add(refs, at + 8, CX_REF_HERE, 0);
	cx_refs_add_based(refs, at + 12, CX_REF_EXTENT32, addr + 8 + (uint64_t)(int64_t)start);
	if (cie->lsda && data[at + 16] == 4 && end - at >= 21 && cx_get(data + at + 17, 4))
		cx_refs_add(refs, at + 17, CX_REF_HERE, 0);
}

static void frames(struct cx_refs *refs, const struct cx_section *s)
{
	const uint8_t *data = refs->image->data;
	uint64_t at = s->offset, limit = s->offset + s->size;
	struct cie cie = { 0 };

	while (limit - at >= 8) {
		uint64_t length = cx_get(data + at, 4), back = cx_get(data + at + 4, 4);
		uint64_t end = at + 4 + length;

		if (length < 4 || end > limit)
			return;
		if (!back)
			read_cie(refs, &cie, at, end);
		else if (back <= at + 4 - s->offset) {
			if (cie.offset != at + 4 - back)
				read_cie(refs, &cie, at + 4 - back, end);
			read_fde(refs, &cie, at, end, s->addr + (at - s->offset));
		}
		at = end;
	}
}

static void frame_index(struct cx_refs *refs, const struct cx_section *s)
{
	const uint8_t *p = refs->image->data + s->offset;

	if (s->size < 12 || p[0] != 1 || p[1] != PCREL || p[3] != DATAREL)
		return;
	cx_refs_add(refs, s->offset + 4, CX_REF_HERE, 0);
	for (uint64_t at = 12; at + 4 <= s->size; at += 4)
		cx_refs_add_based(refs, s->offset + at, CX_REF_TABLE, s->addr);
}

void cx_refs_find_frames(struct cx_refs *refs)
{
	const struct cx_section *s = cx_image_section(refs->image, ".eh_frame");

	if (s && s->loaded)
		frames(refs, s);
	s = cx_image_section(refs->image, ".eh_frame_hdr");
	if (s && s->loaded)
		frame_index(refs, s);
}
