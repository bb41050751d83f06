// SPDX-License-Identifier: LGPL-2.1-or-later
/* Lengths of x86-64 instructions, by tables of what follows each opcode. */
#include <string.h>

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
 *   -  no instruction             p  a prefix, not seen here
 */
static const char one_byte[257] =
	"mmmmbz--mmmmbz-p" "mmmmbz--mmmmbz--" "mmmmbzp-mmmmbzp-" "mmmmbzp-mmmmbzp-"
	"pppppppppppppppp" "................" "---mppppzZbB...." "jjjjjjjjjjjjjjjj"
	"BZ-Bmmmmmmmmmlmm" "..........-....." "oooo....bz......" "bbbbbbbbvvvvvvvv"
	"BBw.--BZe.w..b-." "mmmm---.mmmmmmmm" "jjjjbbbbJJ-j...." "p.pp..fF......mm";

static const char two_bytes[257] =
	"mmmm-.....-.-m.B" "mmmmmmmmmmmmmmmm" "bbbb----mmmmmmmm" "......-.p-p-----"
	"mmmmmmmmmmmmmmmm" "mmmmmmmmmmmmmmmm" "mmmmmmmmmmmmmmmm" "BBBBmmm.mmmmmmmm"
	"JJJJJJJJJJJJJJJJ" "mmmmmmmmmmmmmmmm" "...mBmmm...mBmmm" "mmmmmmmmmmBmmmmm"
	"mmBmBBBm........" "mmmmmmmmmmmmmmmm" "mmmmmmmmmmmmmmmm" "mmmmmmmmmmmmmmmm";

/* How far the decoder is */
struct cursor {
	const uint8_t *code;
	size_t size;
	size_t at;
	bool wide;		/* REX.W */
	bool narrow;		/* operands of 16 bits, by prefix 66 */
	bool short_address;	/* prefix 67 */
};

static bool is_prefix(uint8_t byte)
{
	return one_byte[byte] == 'p' && byte != 0x0f;
}

/* REX counts only where it stands right in front of the opcode. */
static void skip_prefixes(struct cursor *c)
{
	for (; c->at < c->size && c->at < LENGTH_MAX && is_prefix(c->code[c->at]); c->at++) {
		uint8_t byte = c->code[c->at];

		c->wide = (byte & 0xf8) == 0x48;
		c->narrow |= byte == 0x66;
		c->short_address |= byte == 0x67;
	}
}

static bool take(struct cursor *c, uint8_t *byte)
{
	if (c->at >= c->size)
		return false;
	*byte = c->code[c->at++];
	return true;
}

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

/* VEX, EVEX and XOP: @payload bytes, of which the first names the map */
static char vector(struct cursor *c, unsigned int payload, unsigned int map_mask)
{
	unsigned int map = 1;
	uint8_t opcode;

	if (c->at + payload >= c->size)
		return '-';
	if (payload > 1)
		map = c->code[c->at] & map_mask;
	c->at += payload;
	take(c, &opcode);
	if (map >= 8)
		return xop_kind(map);
	return map == 0 || map == 4 || map == 7 ? '-' : vector_kind(map, opcode);
}

static char escape(struct cursor *c)
{
	uint8_t opcode;

	if (!take(c, &opcode))
		return '-';
	if (opcode == 0x38 || opcode == 0x3a)
		return take(c, &(uint8_t){ 0 }) ? (opcode == 0x38 ? 'm' : 'B') : '-';
	return two_bytes[opcode];
}

static char opcode_kind(struct cursor *c)
{
	uint8_t opcode;

	if (!take(c, &opcode))
		return '-';
	switch (opcode) {
	case 0x0f:
		return escape(c);
	case 0x62:
		return vector(c, 3, 7);
	case 0xc4:
		return vector(c, 2, 31);
	case 0xc5:
		return vector(c, 1, 0);
	case 0x8f:
		if (c->at < c->size && (c->code[c->at] & 31) >= 8)
			return vector(c, 2, 31);
		return 'm';
	default:
		return one_byte[opcode];
	}
}

static bool has_modrm(char kind)
{
	static const bool has[128] = {
		['m'] = true, ['B'] = true, ['Z'] = true, ['f'] = true, ['F'] = true,
		['l'] = true, ['D'] = true,
	};

	return has[kind & 127];
}

static bool displacement(struct cursor *c, uint8_t modrm, struct cx_x86 *x)
{
	unsigned int mod = modrm >> 6, base = modrm & 7;
	bool sib = mod != 3 && base == 4;
	uint8_t byte;

	if (sib) {
		if (!take(c, &byte))
			return false;
		base = byte & 7;
	}
	if (mod == 1)
		x->disp_size = 1;
	else if (mod == 2 || (mod == 0 && base == 5))
		x->disp_size = 4;
	x->rip = mod == 0 && base == 5 && !sib;
	if (x->disp_size)
		x->disp = (uint8_t)c->at;
	c->at += x->disp_size;
	return true;
}

static unsigned int immediate(const struct cursor *c, char kind, uint8_t modrm)
{
	unsigned int z = c->narrow && !c->wide ? 2 : 4;
	bool test = (modrm >> 3 & 7) < 2;

	switch (kind) {
	case 'b': case 'B': case 'j':
		return 1;
	case 'w':
		return 2;
	case 'e':
		return 3;
	case 'z': case 'Z':
		return z;
	case 'J': case 'D':
		return 4;
	case 'v':
		return c->wide ? 8 : z;
	case 'o':
		return c->short_address ? 4 : 8;
	case 'f':
		return test ? 1 : 0;
	case 'F':
		return test ? z : 0;
	default:
		return 0;
	}
}

bool cx_x86_decode(const uint8_t *code, size_t size, struct cx_x86 *x)
{
	struct cursor c = { .code = code, .size = size };
	uint8_t modrm = 0;
	char kind;

	memset(x, 0, sizeof(*x));
	skip_prefixes(&c);
	kind = opcode_kind(&c);
	if (kind == '-' || kind == 'p')
		return false;
	if (has_modrm(kind) && (!take(&c, &modrm) || !displacement(&c, modrm, x)))
		return false;
	x->imm_size = (uint8_t)immediate(&c, kind, modrm);
	if (x->imm_size)
		x->imm = (uint8_t)c.at;
	c.at += x->imm_size;
	x->branch = kind == 'j' || kind == 'J';
	x->lea = kind == 'l';
	x->length = (uint8_t)c.at;
	return c.at <= size && c.at <= LENGTH_MAX;
}
