// SPDX-License-Identifier: LGPL-2.1-or-later
/* Blocks that end where padding begins: such an end costs next to nothing. */
#include <string.h>

#include "snap.h"

/* So many blocks may be in the padding itself, copied from elsewhere. */
#define BETWEEN	3

/* Does what is between them look like padding, in the place of @pad? */
static bool is_padding(const struct cx_pads *pads, const struct cx_pad *pad,
		       const struct cx_block *a, const struct cx_block *b,
		       const uint8_t *old, const uint8_t *now)
{
	uint64_t start = a->at + (pad->start - a->old);
	uint64_t end = b->at - (b->old - pad->end);

	return cx_pads_aligned(start) == end &&
	       !memcmp(old + pads->usual[end - start], now + start, end - start);
}

/* The padding where @a could end and @b begin, or NULL */
static const struct cx_pad *pad_between(const struct cx_pads *pads, const struct cx_block *a,
					const struct cx_block *b, const uint8_t *old,
					const uint8_t *now)
{
	uint64_t end = a->old + a->length;
	size_t i;

	if ((a->at - a->old) % CX_PAD_ALIGN == 0)
		return NULL;
	i = cx_pads_from(pads, end - a->old > CX_PAD_ALIGN ? end - CX_PAD_ALIGN : a->old + 1);
	for (; i < pads->count && pads->list[i].start <= end; i++) {
		const struct cx_pad *pad = &pads->list[i];

		if (pad->end >= b->old && pad->end < b->old + b->length &&
		    is_padding(pads, pad, a, b, old, now))
			return pad;
	}
	return NULL;
}

static void cut(struct cx_block *a, struct cx_block *b, const struct cx_pad *pad)
{
	uint64_t skip = pad->end - b->old;

	a->length = pad->start - a->old;
	b->old += skip;
	b->at += skip;
	b->length -= skip;
}

void cx_snap(struct cx_blocks *blocks, const struct cx_pads *pads, const uint8_t *old,
	     const uint8_t *now)
{
	size_t kept = 0;

	for (size_t i = 0; i < blocks->count; i++) {
		struct cx_block *a = &blocks->list[kept++];

		*a = blocks->list[i];
		for (size_t j = i + 1; j < blocks->count && j <= i + 1 + BETWEEN; j++) {
			const struct cx_pad *pad = pad_between(pads, a, &blocks->list[j], old, now);

			if (!pad)
				continue;
			cut(a, &blocks->list[j], pad);
			i = j - 1;
			break;
		}
	}
	blocks->count = kept;
}
