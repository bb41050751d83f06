// SPDX-License-Identifier: LGPL-2.1-or-later
/* Lengths of x86-64 instructions, by tables of what follows each opcode. */

#include "lib/delta/x86.h"

#define LENGTH_MAX	15

/*
 * What follows an opcode, one letter each, in the order of the opcode maps:
 *   .  nothing                    m  a ModRM byte
 *   b  8 bits                     B  ModRM, 8 bits
 *   w  16 bits                    e  16 and 8 bits (enter)
 *   z  16 or 32 bits              Z  ModRM, 16 or 32 bits
 *   j  8 bits, relative           J  32 bits, relative
 *   v  16, 32 or 64 bits (mov)    o  an address of 32 or 64 bits
 *   f  ModRM, and 8 bits if its reg is 0 or 1; F likewise 16 or 32 bits
 *   l  ModRM (lea)                D  ModRM, 32 bits
 *   p  a prefix                   2  an opcode of the next map
 *   x  VEX, EVEX or XOP           -  no instruction
 */
static const char one_byte[257] =
	"mmmmbz--mmmmbz-2" "mmmmbz--mmmmbz--" "mmmmbzp-mmmmbzp-" "mmmmbzp-mmmmbzp-"
	"pppppppppppppppp" "................" "--xmppppzZbB...." "jjjjjjjjjjjjjjjj"
	"BZ-Bmmmmmmmmmlmx" "..........-....." "oooo....bz......" "bbbbbbbbvvvvvvvv"
	"BBw.xxBZe.w..b-." "mmmm---.mmmmmmmm" "jjjjbbbbJJ-j...." "p.pp..fF......mm";

static const char two_bytes[257] =
	"mmmm-.....-.-m.B" "mmmmmmmmmmmmmmmm" "bbbb----mmmmmmmm" "......-.2-2-----"
	"mmmmmmmmmmmmmmmm" "mmmmmmmmmmmmmmmm" "mmmmmmmmmmmmmmmm" "BBBBmmm.mmmmmmmm"
	"JJJJJJJJJJJJJJJJ" "mmmmmmmmmmmmmmmm" "...mBmmm...mBmmm" "mmmmmmmmmmBmmmmm"
	"mmBmBBBm........" "mmmmmmmmmmmmmmmm" "mmmmmmmmmmmmmmmm" "mmmmmmmmmmmmmmmm";

/* The letters in bits: how long an immediate is, and what else there is */
enum { IMM_Z = 5, IMM_V, IMM_O, IMM_TEST_B, IMM_TEST_Z };
#define IMM	0x0f
#define MODRM	0x10
#define BRANCH	0x20
#define LEA	0x40
#define NONE	0x80
static const uint8_t traits[128] = {
	['m'] = MODRM, ['b'] = 1, ['B'] = MODRM | 1, ['w'] = 2, ['e'] = 3,
	['z'] = IMM_Z, ['Z'] = MODRM | IMM_Z, ['j'] = BRANCH | 1, ['J'] = BRANCH | 4,
	['v'] = IMM_V, ['o'] = IMM_O, ['f'] = MODRM | IMM_TEST_B, ['F'] = MODRM | IMM_TEST_Z,
	['l'] = MODRM | LEA, ['D'] = MODRM | 4, ['-'] = NONE,
};

struct prefixes {
	bool wide;		/* REX.W */
	bool narrow;		/* operands of 16 bits, by prefix 66 */
	bool short_address;	/* prefix 67 */
};

/* What follows an opcode of maps 1 to 3, behind VEX or EVEX */
static char vector_kind(unsigned int map, uint8_t opcode)
{
	char kind;

	if (map == 3)
		return 'B';
	if (map != 1)
		return 'm';
	kind = two_bytes[opcode];
	if (opcode == 0x77)
		return '.';
	return kind == 'B' && opcode != 0x0f && opcode != 0xa4 && opcode != 0xac &&
	       opcode != 0xba ? 'B' : 'm';
}

static char xop_kind(unsigned int map)
{
	return map == 8 ? 'B' : map == 9 ? 'm' : map == 10 ? 'D' : '-';
}

/* VEX, EVEX and XOP, which @prefix begins: a payload whose first byte names the map */
static char vector(uint8_t prefix, const uint8_t *code, size_t size, size_t *at)
{
	unsigned int payload = prefix == 0x62 ? 3 : prefix == 0xc5 ? 1 : 2, map = 1;
	size_t begin = *at;

	if (prefix == 0x8f && (begin >= size || (code[begin] & 31) < 8))
		return 'm';
	if (begin + payload >= size)
		return '-';
	*at = begin + payload + 1;
	if (payload > 1)
		map = code[begin] & (payload == 2 ? 31 : 7);
	if (map >= 8)
		return xop_kind(map);
	return map == 0 || map == 4 || map == 7 ? '-' : vector_kind(map, code[begin + payload]);
}

static inline char escape(const uint8_t *code, size_t size, size_t *at)
{
	uint8_t opcode;
	char kind;

	if (*at >= size)
		return '-';
	opcode = code[(*at)++];
	kind = two_bytes[opcode];
	if (kind != '2')
		return kind;
	return (*at)++ >= size ? '-' : opcode == 0x38 ? 'm' : 'B';
}

/*
 * Leaves @at behind the opcode; returns what follows.  REX counts only where it
 * stands right in front of the opcode.  Inlined, @at and @p are registers: this
 * runs for each instruction of the old file.
 */
static inline char opcode_kind(const uint8_t *code, size_t size, size_t *at,
			       struct prefixes *p)
{
	size_t i = 0, limit = size < LENGTH_MAX ? size : LENGTH_MAX;
	uint8_t byte;
	char kind;

	do {
		if (i >= limit)
			return '-';
		byte = code[i++];
		kind = one_byte[byte];
		if (kind == 'p') {
			p->wide = (byte & 0xf8) == 0x48;
			p->narrow |= byte == 0x66;
			p->short_address |= byte == 0x67;
		}
	} while (kind == 'p');
	if (kind == '2')
		kind = escape(code, size, &i);
	else if (kind == 'x')
		kind = vector(byte, code, size, &i);
	*at = i;
	return kind;
}

static inline bool displacement(const uint8_t *code, size_t size, uint8_t modrm, size_t *at,
				struct cx_x86 *x)
{
	unsigned int mod = modrm >> 6, base = modrm & 7;
	bool sib = mod != 3 && base == 4;

	if (sib) {
		if (*at >= size)
			return false;
		base = code[(*at)++] & 7;
	}
	if (mod == 1)
		x->disp_size = 1;
	else if (mod == 2 || (mod == 0 && base == 5))
		x->disp_size = 4;
	x->rip = mod == 0 && base == 5 && !sib;
	if (x->disp_size)
		x->disp = (uint8_t)*at;
	*at += x->disp_size;
	return true;
}

static unsigned int immediate(const struct prefixes *p, uint8_t traits_of, uint8_t modrm)
{
	unsigned int z = p->narrow && !p->wide ? 2 : 4;
	bool test = (modrm >> 3 & 7) < 2;

	switch (traits_of & IMM) {
	case IMM_Z:
		return z;
	case IMM_V:
		return p->wide ? 8 : z;
	case IMM_O:
		return p->short_address ? 4 : 8;
	case IMM_TEST_B:
		return test ? 1 : 0;
	case IMM_TEST_Z:
		return test ? z : 0;
	default:
		return traits_of & IMM;
	}
}

bool cx_x86_decode(const uint8_t *code, size_t size, struct cx_x86 *x)
{
	struct prefixes p = { 0 };
	uint8_t modrm = 0, has;
	size_t at = 0;

	*x = (struct cx_x86){ 0 };
	has = traits[opcode_kind(code, size, &at, &p) & 127];
	if (has & NONE)
		return false;
	if (has & MODRM) {
		if (at >= size)
			return false;
		modrm = code[at++];
		if (!displacement(code, size, modrm, &at, x))
			return false;
	}
	if (has & IMM) {
		x->imm_size = (uint8_t)immediate(&p, has, modrm);
		x->imm = x->imm_size ? (uint8_t)at : 0;
		at += x->imm_size;
	}
	x->branch = has & BRANCH;
	x->lea = has & LEA;
	x->length = (uint8_t)at;
	return at <= size && at <= LENGTH_MAX;
}
