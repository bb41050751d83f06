// SPDX-License-Identifier: LGPL-2.1-or-later
/* Padding between functions. */
#include <stdlib.h>
#include <string.h>

#include "lib/delta/pads.h"

/* nop, however long, also as xchg; int3 */
static bool is_nop(const uint8_t *code, unsigned int length)
{
	while (length > 1 && (*code == 0x66 || *code == 0x2e)) {
		code++;
		length--;
	}
	if (length == 1)
		return *code == 0x90 || *code == 0xcc;
	return code[0] == 0x0f && code[1] == 0x1f;
}

/* That of most paddings of its length, if more than half are the same. */
static void vote(struct cx_pads *p, const uint8_t *data, const struct cx_pad *pad)
{
	unsigned int length = pad->end - pad->start;
	uint32_t *votes = &p->votes[length];

	if (!*votes)
		p->usual[length] = pad->start;
	if (!memcmp(data + p->usual[length], data + pad->start, length))
		++*votes;
	else
		--*votes;
}

static bool add(struct cx_pads *p, const uint8_t *data, struct cx_pad pad)
{
	if (pad.end - pad.start >= CX_PAD_ALIGN)
		return true;
	if (p->count == p->room) {
		size_t room = p->room ? 2 * p->room : 1024;
		struct cx_pad *list = realloc(p->list, room * sizeof(*list));

		if (!list)
			return false;
		p->list = list;
		p->room = room;
	}
	p->list[p->count++] = pad;
	vote(p, data, &pad);
	return true;
}

bool cx_pads_see(struct cx_pads *p, const uint8_t *data, uint64_t at, unsigned int length)
{
	uint64_t end = at + length;
	bool ret = true;

	if (!is_nop(data + at, length)) {
		p->begun = 0;
		return true;
	}
	if (!p->begun)
		p->begun = at + 1;
	if (end % CX_PAD_ALIGN == 0) {
		ret = add(p, data, (struct cx_pad){ (uint32_t)(p->begun - 1), (uint32_t)end });
		p->begun = 0;
	}
	return ret;
}

void cx_pads_free(struct cx_pads *p)
{
	free(p->list);
	memset(p, 0, sizeof(*p));
}

size_t cx_pads_from(const struct cx_pads *p, uint64_t at)
{
	size_t low = 0, high = p->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (p->list[middle].start < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
