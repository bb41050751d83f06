/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Padding between functions: no-operations up to the next multiple of 16.  Where
 * code has moved by something else, its length is what changes, and so the code
 * behind it has moved by such a multiple again.
 */
#ifndef _CX_DELTA_PADS_H
#define _CX_DELTA_PADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CX_PAD_ALIGN	16

/**
 * struct cx_pad - one of them
 * @start: its offset in the file
 * @end: behind it; a multiple of CX_PAD_ALIGN
 */
struct cx_pad {
	uint32_t start;
	uint32_t end;
};

/**
 * struct cx_pads - all of a file
 * @list: ascending, not overlapping
 * @count: how many
 * @room: how many fit
 * @begun: where the present run of no-operations begins, plus 1; or 0
 * @usual: for each length, where the usual padding of that length is
 * @votes: how much speaks for it
 */
struct cx_pads {
	struct cx_pad *list;
	size_t count;
	size_t room;
	uint64_t begun;
	uint32_t usual[CX_PAD_ALIGN];
	uint32_t votes[CX_PAD_ALIGN];
};

/* cx_pads_may_begin - could an instruction that begins with @byte be padding? */
static inline bool cx_pads_may_begin(uint8_t byte)
{
	return byte == 0x90 || byte == 0x66 || byte == 0x0f || byte == 0x2e || byte == 0xcc;
}

/**
 * cx_pads_see - the code goes on with this instruction
 * @p: zeros at first; freed by cx_pads_free()
 * @data: the file
 * @at: where the instruction is, not before the last one
 * @length: bytes of it
 *
 * Return: false if there was no memory.
 */
bool cx_pads_see(struct cx_pads *p, const uint8_t *data, uint64_t at, unsigned int length);

/* cx_pads_free - also of one that was only zeroed */
void cx_pads_free(struct cx_pads *p);

/* cx_pads_from - the number of the first that does not begin before @at, or their count */
size_t cx_pads_from(const struct cx_pads *p, uint64_t at);

/* cx_pads_aligned - where what is behind a padding that begins at @at begins */
static inline uint64_t cx_pads_aligned(uint64_t at)
{
	return (at + CX_PAD_ALIGN - 1) & ~(CX_PAD_ALIGN - 1ull);
}

#endif /* _CX_DELTA_PADS_H */
