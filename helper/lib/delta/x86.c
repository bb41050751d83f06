// SPDX-License-Identifier: LGPL-2.1-or-later
/* Lengths of x86-64 instructions, by tables of what follows each opcode. */
#include <string.h>

#include "lib/delta/x86.h"

#define LENGTH_MAX	15

/* What there is besides an immediate; the lower bits say how long that is. */
#define IMM	0x0f
#define MODRM	0x10
#define BRANCH	CX_X86_BRANCH
#define LEA	CX_X86_LEA
#define RARE	0x80	/* no instruction, or something else begins here */
enum { IMM_Z = 5, IMM_V, IMM_O, IMM_TEST_B, IMM_TEST_Z };

/* What follows an opcode */
enum {
	_,			/* nothing */
	I1, I2, I3, I4,		/* so many bytes */
	IZ = IMM_Z,		/* 16 or 32 bits */
	IV = IMM_V,		/* 16, 32 or 64 bits (mov) */
	IO = IMM_O,		/* an address of 32 or 64 bits */
	J1 = BRANCH | I1,	/* 8 bits, relative */
	J4 = BRANCH | I4,	/* 32 bits, relative */
	M = MODRM,		/* a ModRM byte; then, maybe, some of the above */
	MI1 = MODRM | I1,
	MI4 = MODRM | I4,
	MIZ = MODRM | IMM_Z,
	MT1 = MODRM | IMM_TEST_B, /* 8 bits if its reg is 0 or 1 */
	MTZ = MODRM | IMM_TEST_Z, /* likewise 16 or 32 bits */
	L = MODRM | LEA,
	N = RARE,		/* no instruction */
	P,			/* a prefix */
	E,			/* an opcode of the next map */
	V,			/* VEX, EVEX or XOP */
};

static const uint8_t one_byte[256] = {
	M, M, M, M, I1, IZ, N, N, M, M, M, M, I1, IZ, N, E,
	M, M, M, M, I1, IZ, N, N, M, M, M, M, I1, IZ, N, N,
	M, M, M, M, I1, IZ, P, N, M, M, M, M, I1, IZ, P, N,
	M, M, M, M, I1, IZ, P, N, M, M, M, M, I1, IZ, P, N,
	P, P, P, P, P, P, P, P, P, P, P, P, P, P, P, P,
	_, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _,
	N, N, V, M, P, P, P, P, IZ, MIZ, I1, MI1, _, _, _, _,
	J1, J1, J1, J1, J1, J1, J1, J1, J1, J1, J1, J1, J1, J1, J1, J1,
	MI1, MIZ, N, MI1, M, M, M, M, M, M, M, M, M, L, M, V,
	_, _, _, _, _, _, _, _, _, _, N, _, _, _, _, _,
	IO, IO, IO, IO, _, _, _, _, I1, IZ, _, _, _, _, _, _,
	I1, I1, I1, I1, I1, I1, I1, I1, IV, IV, IV, IV, IV, IV, IV, IV,
	MI1, MI1, I2, _, V, V, MI1, MIZ, I3, _, I2, _, _, I1, N, _,
	M, M, M, M, N, N, N, _, M, M, M, M, M, M, M, M,
	J1, J1, J1, J1, I1, I1, I1, I1, J4, J4, N, J1, _, _, _, _,
	P, _, P, P, _, _, MT1, MTZ, _, _, _, _, _, _, M, M,
};

static const uint8_t two_bytes[256] = {
	M, M, M, M, N, _, _, _, _, _, N, _, N, M, _, MI1,
	M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
	I1, I1, I1, I1, N, N, N, N, M, M, M, M, M, M, M, M,
	_, _, _, _, _, _, N, _, E, N, E, N, N, N, N, N,
	M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
	M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
	M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
	MI1, MI1, MI1, MI1, M, M, M, _, M, M, M, M, M, M, M, M,
	J4, J4, J4, J4, J4, J4, J4, J4, J4, J4, J4, J4, J4, J4, J4, J4,
	M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
	_, _, _, M, MI1, M, M, M, _, _, _, M, MI1, M, M, M,
	M, M, M, M, M, M, M, M, M, M, MI1, M, M, M, M, M,
	M, M, MI1, M, MI1, MI1, MI1, M, _, _, _, _, _, _, _, _,
	M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
	M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
	M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
};

/* What follows a ModRM byte: a displacement of so many bytes, and what else there is */
#define DISP	0x07
#define SIB	0x08
#define RIP	CX_X86_RIP
#define SIB_ALONE 0x20	/* the base in it may be a displacement */
#define ROW(mod, disp) (disp), (disp), (disp), (disp), (disp) | SIB | ((mod) ? 0 : SIB_ALONE), \
		       (mod) ? (disp) : 4 | RIP, (disp), (disp)
#define ROWS(mod, disp) ROW(mod, disp), ROW(mod, disp), ROW(mod, disp), ROW(mod, disp), \
			ROW(mod, disp), ROW(mod, disp), ROW(mod, disp), ROW(mod, disp)
static const uint8_t modrm_traits[256] = { ROWS(0, 0), ROWS(1, 1), ROWS(2, 4) };

/* No byte that decides about an instruction is as far from its beginning. */
#define ROOM	24

/* How wide operands are: as usual, by REX.W, by prefix 66 */
enum { WIDTH_32, WIDTH_64, WIDTH_16 };

struct prefixes {
	uint8_t width;
	bool short_address;	/* prefix 67 */
};

/* What follows an opcode of maps 1 to 3, behind VEX or EVEX */
static uint8_t vector_traits(unsigned int map, uint8_t opcode)
{
	if (map == 3)
		return MI1;
	if (map != 1)
		return M;
	if (opcode == 0x77)
		return _;
	return two_bytes[opcode] == MI1 && opcode != 0x0f && opcode != 0xa4 &&
	       opcode != 0xac && opcode != 0xba ? MI1 : M;
}

static uint8_t xop_traits(unsigned int map)
{
	return map == 8 ? MI1 : map == 9 ? M : map == 10 ? MI4 : N;
}

/* VEX, EVEX and XOP, begun in front of @code: then a payload, whose first byte names the map */
static uint8_t vector(const uint8_t *code, unsigned int *length)
{
	uint8_t prefix = code[-1];
	unsigned int payload = prefix == 0x62 ? 3 : prefix == 0xc5 ? 1 : 2, map = 1;

	if (prefix == 0x8f && (code[0] & 31) < 8)
		return M;
	*length = payload + 1;
	if (payload > 1)
		map = code[0] & (payload == 2 ? 31 : 7);
	if (map >= 8)
		return xop_traits(map);
	return map == 0 || map == 4 || map == 7 ? N : vector_traits(map, code[payload]);
}

/* An opcode of more bytes, begun in front of @code */
static uint8_t escape(const uint8_t *code, unsigned int *length)
{
	uint8_t has = two_bytes[code[0]];

	*length = has == E ? 2 : 1;
	if (has != E)
		return has;
	return code[0] == 0x38 ? M : MI1;
}

/* Any prefixes, and the opcode.  REX counts only where it stands right in front of that. */
static uint8_t skip_prefixes(const uint8_t *code, unsigned int *at, struct prefixes *p)
{
	bool wide = false, narrow = false;
	unsigned int i = 0;

	for (; one_byte[code[i]] == P && i < LENGTH_MAX; i++) {
		wide = (code[i] & 0xf8) == 0x48;
		narrow |= code[i] == 0x66;
		p->short_address |= code[i] == 0x67;
	}
	p->width = wide ? WIDTH_64 : narrow ? WIDTH_16 : WIDTH_32;
	*at = i + 1;
	return one_byte[code[i]];
}

/* What follows an opcode that is no opcode, or not all of it; @at is behind it */
static uint8_t rare(const uint8_t *code, uint8_t has, unsigned int *at, struct prefixes *p)
{
	unsigned int more = 0;

	if (has == P)
		has = skip_prefixes(code, at, p);
	if (has == E)
		has = escape(code + *at, &more);
	else if (has == V)
		has = vector(code + *at, &more);
	*at += more;
	return has;
}

static inline unsigned int immediate(const struct prefixes *p, uint8_t has, uint8_t modrm)
{
	static const uint8_t sizes[][3] = {
		{ 0, 0, 0 }, { 1, 1, 1 }, { 2, 2, 2 }, { 3, 3, 3 }, { 4, 4, 4 },
		[IMM_Z] = { 4, 4, 2 }, [IMM_V] = { 4, 8, 2 }, [IMM_O] = { 8, 8, 8 },
		[IMM_TEST_B] = { 1, 1, 1 }, [IMM_TEST_Z] = { 4, 4, 2 },
	};
	unsigned int kind = has & IMM;

	if (kind == IMM_O && p->short_address)
		return 4;
	if (kind >= IMM_TEST_B && (modrm >> 3 & 7) >= 2)
		return 0;
	return sizes[kind][p->width];
}

/* Near the end; zeros that would have to belong to it make it longer than what is there. */
static bool decode_last(const uint8_t *code, size_t size, struct cx_x86 *x)
{
	uint8_t padded[ROOM] = { 0 };

	memcpy(padded, code, size);
	return cx_x86_decode(padded, ROOM, x) && x->length <= size;
}

/* This runs for each instruction of the old file: most have REX, or no prefix at all. */
bool cx_x86_decode(const uint8_t *code, size_t size, struct cx_x86 *x)
{
	bool rex = size && (code[0] & 0xf0) == 0x40;
	struct prefixes p = { .width = rex && code[0] & 8 ? WIDTH_64 : WIDTH_32 };
	uint8_t has, modrm = 0, modrm_has = 0;
	unsigned int at = rex;

	if (size < ROOM)
		return decode_last(code, size, x);
	has = one_byte[code[at++]];
	if (has & RARE)
		has = rare(code, has, &at, &p);
	if (has & RARE)
		return false;
	if (has & MODRM) {
		modrm = code[at++];
		modrm_has = modrm_traits[modrm];
		at += !!(modrm_has & SIB);
		if (modrm_has & SIB_ALONE && (code[at - 1] & 7) == 5)
			modrm_has = 4;
	}
	x->flags = (has & (BRANCH | LEA)) | (modrm_has & RIP);
	x->disp = (uint8_t)at;
	x->disp_size = modrm_has & DISP;
	at += x->disp_size;
	x->imm = (uint8_t)at;
	x->imm_size = (uint8_t)immediate(&p, has, modrm);
	x->length = (uint8_t)(at + x->imm_size);
	return x->length <= LENGTH_MAX;
}
