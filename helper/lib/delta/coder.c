// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The range coder: 32 bits wide, carries handled as in LZMA's (7-zip's
 * specification of the format, "Range encoder"), probabilities of 16 bits.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/delta/coder.h"

/* The writer leaves out so many zeros at the end; the reader is as far ahead. */
#define AHEAD	4

static void put(struct cx_coder *c, uint8_t byte)
{
	if (c->out_size == c->out_room) {
		size_t room = c->out_room ? 2 * c->out_room : 4096;
		uint8_t *out = realloc(c->out, room);

		if (!out) {
			c->broken = c->enomem = true;
			return;
		}
		c->out = out;
		c->out_room = room;
	}
	c->out[c->out_size++] = byte;
}

/* The top byte of low is settled unless it is 0xff, which a carry would change. */
static void shift_low(struct cx_coder *c)
{
	uint8_t carry = (uint8_t)(c->low >> 32);

	if ((uint32_t)c->low < 0xff000000u || carry) {
		for (; c->pending; c->pending--) {
			put(c, (uint8_t)(c->cache + carry));
			c->cache = 0xff;
		}
		c->cache = (uint8_t)(c->low >> 24);
	}
	c->pending++;
	c->low = (uint32_t)c->low << 8;
}

static uint8_t get(struct cx_coder *c)
{
	if (c->in < c->end)
		return *c->in++;
	if (++c->past > AHEAD)
		c->broken = true;
	return 0;
}

void cx_coder_make(struct cx_coder *c)
{
	memset(c, 0, sizeof(*c));
	c->making = true;
	c->range = UINT32_MAX;
	c->pending = 1;		/* a zero in front, for the carry's sake */
}

void cx_coder_apply(struct cx_coder *c, const void *in, size_t size)
{
	memset(c, 0, sizeof(*c));
	c->begin = c->in = in;
	c->end = c->in + size;
	c->range = UINT32_MAX;
	for (int i = 0; i < 4; i++)
		c->code = c->code << 8 | get(c);
}

/* Of the values in the interval, the one that ends with most zeros will do. */
static uint64_t shortest(uint64_t low, uint32_t range)
{
	for (int bits = 24; bits; bits -= 8) {
		uint64_t mask = (1ull << bits) - 1, value = (low + mask) & ~mask;

		if (value < low + range)
			return value;
	}
	return low;
}

void cx_coder_finish(struct cx_coder *c)
{
	c->low = shortest(c->low, c->range);
	for (int i = 0; i < 5; i++)
		shift_low(c);
	if (c->broken)
		return;
	memmove(c->out, c->out + 1, --c->out_size);
	for (int i = 0; i < AHEAD && c->out_size && !c->out[c->out_size - 1]; i++)
		c->out_size--;
}

/*
 * Of all the codes that mean the same, only the writer's counts: with the value
 * that it chose, and with as many zeros left out as it leaves out.
 */
bool cx_coder_at_end(const struct cx_coder *c)
{
	uint64_t low = (uint32_t)c->low;
	uint32_t value = (uint32_t)(low + c->code);

	if (c->broken || c->in != c->end || value != (uint32_t)shortest(low, c->range))
		return false;
	return c->past == AHEAD || c->in == c->begin || c->in[-1];
}

void cx_coder_count(struct cx_coder *c, unsigned int bit, uint32_t p1)
{
	c->spent[c->part] -= log2((bit ? p1 : 65536 - p1) / 65536.0);
}

void cx_coder_make_bit(struct cx_coder *c, unsigned int bit, uint32_t bound)
{
	if (bit) {
		c->range = bound;
	} else {
		c->low += bound;
		c->range -= bound;
	}
	while (c->range < CX_CODER_TOP) {
		c->range <<= 8;
		shift_low(c);
	}
}

void cx_coder_refill(struct cx_coder *c)
{
	while (c->range < CX_CODER_TOP) {
		c->range <<= 8;
		c->low = (uint32_t)c->low << 8;
		c->code = c->code << 8 | get(c);
	}
}
