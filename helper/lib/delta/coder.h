/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The entropy coder of patches: bits, each with a probability.
 *
 * One set of functions describes the format for both directions.  A caller
 * passes what it wants to write, and gets back what is there: when a patch is
 * made that is the same; when it is applied the argument is ignored.  So the
 * two sides can't drift apart.
 *
 * All arithmetic is on integers, because a patch is applied years later by
 * another compiler's code.  The ideas (adaptive binary models, mixed in the
 * logistic domain, then a range coder) are those of the PAQ family.
 */
#ifndef _CX_DELTA_CODER_H
#define _CX_DELTA_CODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/delta.h"

/**
 * struct cx_coder - the state of the range coder
 * @making: bits go to @out; else they come from @in
 * @broken: the input has ended too early, or the output found no memory; what
 *          comes after it is meaningless, and the caller stops at its next step
 * @enomem: the latter
 * @begin: beginning of the input
 * @in: next byte to read
 * @end: end of the input
 * @past: bytes read behind the end, which count as zeros
 * @out: bytes written, allocated
 * @out_size: their number
 * @out_room: bytes allocated
 * @low: low end of the interval; applying, modulo 2^32
 * @code: where in the interval the code is (applying)
 * @range: width of the interval
 * @pending: bytes that a carry may still change (making)
 * @cache: the byte before those (making)
 * @part: what the next bits are for
 * @spent: if not NULL, bits are counted here for each part
 */
struct cx_coder {
	bool making;
	bool broken;
	bool enomem;
	const uint8_t *begin;
	const uint8_t *in;
	const uint8_t *end;
	unsigned int past;
	uint8_t *out;
	size_t out_size;
	size_t out_room;
	uint64_t low;
	uint32_t code;
	uint32_t range;
	uint64_t pending;
	uint8_t cache;
	enum cx_delta_part part;
	double *spent;
};

/**
 * cx_coder_make - begin to write
 * @c: initialised; @c->out is freed by the caller in the end
 */
void cx_coder_make(struct cx_coder *c);

/**
 * cx_coder_apply - begin to read
 * @c: initialised
 * @in: the code; not copied
 * @size: bytes of it
 */
void cx_coder_apply(struct cx_coder *c, const void *in, size_t size);

/**
 * cx_coder_finish - write what is still held back
 * @c: making
 *
 * Up to four zeros at the end are left out, as the reader takes them for granted.
 */
void cx_coder_finish(struct cx_coder *c);

/**
 * cx_coder_at_end - was that all?
 * @c: applying
 *
 * Return: true if the code was used up, neither more nor less, and is just what
 * cx_coder_finish() would have written.
 */
bool cx_coder_at_end(const struct cx_coder *c);

/* The interval is never narrower than this between two bits. */
#define CX_CODER_TOP	(1u << 24)

/* cx_coder_make_bit, cx_coder_refill, cx_coder_count - parts of cx_coder_bit() */
void cx_coder_make_bit(struct cx_coder *c, unsigned int bit, uint32_t bound);
void cx_coder_refill(struct cx_coder *c);
void cx_coder_count(struct cx_coder *c, unsigned int bit, uint32_t p1);

/**
 * cx_coder_bit - code one bit
 * @c: the coder
 * @bit: the bit, if making
 * @p1: probability of a 1, of 65536; clipped to 1 .. 65535
 *
 * Return: the bit.
 */
static inline unsigned int cx_coder_bit(struct cx_coder *c, unsigned int bit, uint32_t p1)
{
	uint32_t bound;

	p1 += !p1;
	if (p1 > 65535)
		p1 = 65535;
	bound = (c->range >> 16) * p1;
	if (c->making) {
		cx_coder_make_bit(c, bit, bound);
	} else {
		bit = c->code < bound;
		if (!bit) {
			c->low += bound;
			c->code -= bound;
		}
		c->range = bit ? bound : c->range - bound;
		if (c->range < CX_CODER_TOP)
			cx_coder_refill(c);
	}
	if (c->spent)
		cx_coder_count(c, bit, p1);
	return bit;
}

#endif /* _CX_DELTA_CODER_H */
