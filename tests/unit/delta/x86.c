// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Compares the instruction decoder with a disassembler of others.
 *
 * Standard input is what `objdump -d -w` prints.  For each instruction the
 * length has to be the same, the target of a branch, and the address that an
 * operand relative to RIP stands for.  Prints the differences and their number.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/delta/x86.h"

#define BYTES_MAX	32
#define SHOWN_MAX	40

struct instruction {
	uint64_t address;
	uint8_t code[2 * BYTES_MAX];	/* zeros behind it: the decoder may look on */
	size_t size;
	const char *text;
};

static int digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : c - 'a' + 10;
}

/* "  1234:\t48 89 e5             \tmov ..." */
static bool parse(char *line, struct instruction *in)
{
	char *p;

	memset(in, 0, sizeof(*in));
	in->address = strtoull(line, &p, 16);
	if (p == line || *p++ != ':' || *p++ != '\t')
		return false;
	while (isxdigit((unsigned char)p[0]) && isxdigit((unsigned char)p[1]) &&
	       in->size < BYTES_MAX) {
		in->code[in->size++] = (uint8_t)(digit(p[0]) << 4 | digit(p[1]));
		p += 2;
		while (*p == ' ')
			p++;
	}
	in->text = *p == '\t' ? p + 1 : "";
	return in->size && *in->text;
}

static bool is_prefix(uint8_t byte)
{
	return (byte & 0xf0) == 0x40 || memchr("\x66\x67\xf0\xf2\xf3\x2e\x36\x3e\x26\x64\x65",
					       byte, 11);
}

/*
 * What is data: no instruction, or prefixes without one.  And objdump shows
 * the x87 instructions that wait, which are two, as one.  AMD's SSE4a has two
 * immediates where Intel's VMREAD has none; neither is in anybody's library.
 */
static bool is_unfit(struct instruction *in)
{
	size_t i;

	if (strstr(in->text, "(bad)") || strstr(in->text, ".byte") ||
	    strstr(in->text, "extrq") || strstr(in->text, "insertq"))
		return true;
	for (i = 0; i < in->size && is_prefix(in->code[i]); i++)
		;
	if (i == in->size)
		return true;
	if (in->code[i] == 0x9b && i + 1 < in->size) {
		in->size -= i + 1;
		in->address += i + 1;
		memmove(in->code, in->code + i + 1, in->size);
		memset(in->code + in->size, 0, i + 1);
	}
	return false;
}

static uint64_t field(const struct instruction *in, unsigned int at, unsigned int size)
{
	uint64_t value = 0;

	memcpy(&value, in->code + at, size);
	if (size == 1)
		return (uint64_t)(int8_t)value;
	return size == 4 ? (uint64_t)(int32_t)value : value;
}

/* The address that objdump prints behind the mnemonic of a branch */
static bool branch_target(const char *text, uint64_t *target)
{
	const char *p = strrchr(text, ' ');
	const char *name = strchr(text, '<');
	char *end;

	if (name) {
		for (p = name - 1; p > text && *p == ' '; p--)
			;
		while (p > text && isxdigit((unsigned char)p[-1]))
			p--;
		if (p > text && p[-1] == 'x')
			p++;
	}
	if (!p)
		return false;
	*target = strtoull(p, &end, 16);
	return end != p;
}

static const char *check_branch(const struct instruction *in, const struct cx_x86 *x)
{
	uint64_t end = in->address + in->size, target;

	if (!(x->flags & CX_X86_BRANCH))
		return NULL;
	/* The processor's width of a 66-prefixed branch differs from vendor to vendor. */
	if (!branch_target(in->text, &target))
		return "a branch, it seems";
	return target == end + field(in, x->imm, x->imm_size) ? NULL : "another target";
}

static const char *check_rip(const struct instruction *in, const struct cx_x86 *x)
{
	const char *shown = strstr(in->text, "# ");
	uint64_t target;

	if (!(x->flags & CX_X86_RIP))
		return strstr(in->text, "(%rip)") ? "relative to RIP" : NULL;
	if (!strstr(in->text, "(%rip)"))
		return strstr(in->text, "(%eip)") ? NULL : "not relative to RIP";
	if (!shown)
		return "no address";
	target = strtoull(shown + 2, NULL, 16);
	return target == in->address + in->size + field(in, x->disp, 4) ?
		       NULL : "another address";
}

static const char *check(const struct instruction *in)
{
	const char *what;
	struct cx_x86 x;
	bool lea;

	if (!cx_x86_decode(in->code, sizeof(in->code), &x))
		return "not decoded";
	if (x.length != in->size)
		return "another length";
	if (cx_x86_decode(in->code, in->size - 1, &x))
		return "decoded where its end is missing";
	if (!cx_x86_decode(in->code, in->size, &x) || x.length != in->size)
		return "not decoded where nothing follows";
	lea = x.flags & CX_X86_LEA;
	if (lea != !strncmp(in->text, "lea ", 4) && !strstr(in->text, " lea "))
		return "lea or not";
	what = check_branch(in, &x);
	return what ? what : check_rip(in, &x);
}

static void show(const struct instruction *in, const char *what)
{
	struct cx_x86 x;
	size_t i;

	cx_x86_decode(in->code, sizeof(in->code), &x);
	printf("# %s: %" PRIx64 ":", what, in->address);
	for (i = 0; i < in->size; i++)
		printf(" %02x", in->code[i]);
	printf(" (%d of %zu bytes) %s", x.length, in->size, in->text);
}

int main(void)
{
	uint64_t all = 0, different = 0;
	struct instruction in;
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, stdin) >= 0) {
		const char *what;

		if (!parse(line, &in) || is_unfit(&in))
			continue;
		all++;
		what = check(&in);
		if (what && different++ < SHOWN_MAX)
			show(&in, what);
	}
	free(line);
	printf("%" PRIu64 " instructions, %" PRIu64 " different\n", all, different);
	return !all || different;
}
