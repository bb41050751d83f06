/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lengths of x86-64 instructions, and where their operands are.
 *
 * The predictions of a delta rest on it, so its answers are part of the patch
 * format: a change needs another version of that.  This is why it is ours.
 */
#ifndef _CX_DELTA_X86_H
#define _CX_DELTA_X86_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CX_X86_RIP	0x10	/* the displacement counts from the end of the instruction */
#define CX_X86_BRANCH	0x20	/* the immediate does */
#define CX_X86_LEA	0x40	/* it loads an address */

/**
 * struct cx_x86 - one instruction
 * @length: bytes; never 0
 * @disp: where its displacement begins, or would
 * @disp_size: 0, 1 or 4
 * @imm: where its immediate begins, or would
 * @imm_size: 0, 1, 2, 3, 4 or 8
 * @flags: CX_X86_RIP and so on
 */
struct cx_x86 {
	uint8_t length;
	uint8_t disp;
	uint8_t disp_size;
	uint8_t imm;
	uint8_t imm_size;
	uint8_t flags;
};

/**
 * cx_x86_decode - read one instruction
 * @code: its bytes
 * @size: bytes there
 * @x: filled
 *
 * Source: Intel SDM volume 2, chapter 2 and appendix A; AMD APM volume 3 for XOP.
 *
 * Return: false if that is no instruction, or more than @size bytes.
 */
bool cx_x86_decode(const uint8_t *code, size_t size, struct cx_x86 *x);

#endif /* _CX_DELTA_X86_H */
