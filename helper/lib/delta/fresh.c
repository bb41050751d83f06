// SPDX-License-Identifier: LGPL-2.1-or-later
/* New bytes, one by one or, in code, instruction by instruction. */
#include <string.h>

#include "lib/delta/fresh.h"
#include "lib/delta/x86.h"

#define OPERAND_SIZE	4
#define LENGTH_MAX	15

enum { OPERAND_CALL, OPERAND_JUMP, OPERAND_BRANCH, OPERAND_DATA };

/* An instruction, as far as it is known */
struct partial {
	const uint8_t *data;		/* what it is in */
	uint64_t start;
	uint64_t bias;			/* address minus offset, of this code */
	struct cx_x86 x;
	unsigned int known;		/* bytes */
	uint64_t last;			/* first bytes of the instruction before */
	uint64_t before;		/* and of the one before that */
};

void cx_fresh_init(struct cx_fresh *f, struct cx_coder *c, const struct cx_refs *refs,
		   struct cx_map *map, struct cx_bytes *bytes, uint8_t *now)
{
	memset(f, 0, sizeof(*f));
	f->c = c;
	f->refs = refs;
	f->map = map;
	f->bytes = bytes;
	f->now = now;
}

void cx_fresh_free(struct cx_fresh *f)
{
	cx_targets_free(&f->targets);
	memset(f, 0, sizeof(*f));
}

static const struct cx_section *code_at(const struct cx_image *image, uint64_t offset)
{
	for (unsigned int i = 0; i < image->section_count; i++) {
		const struct cx_section *s = &image->sections[i];

		if (s->code && s->loaded && offset >= s->offset && offset - s->offset < s->size)
			return s;
	}
	return NULL;
}

static bool begins_instruction(const struct cx_refs *refs, uint64_t old)
{
	return refs->starts[old / 8] >> old % 8 & 1;
}

/* The instruction that the block before may have left unfinished */
static bool find_start(const struct cx_fresh *f, uint64_t at, uint64_t like,
		       struct partial *p)
{
	int segment = like ? cx_image_segment_of(f->refs->image, like - 1) : -1;
	uint64_t back = 0;

	memset(p, 0, sizeof(*p));
	if (!f->refs->starts || segment < 0 || !code_at(f->refs->image, like - 1))
		return false;
	while (back < LENGTH_MAX && back < like && back < at &&
	       !begins_instruction(f->refs, like - back))
		back++;
	p->data = f->now;
	p->start = at - back;
	p->bias = f->map->bias[segment];
	return true;
}

/* Reads the instruction as far as it is there, zeros standing for the rest. */
static bool read_partial(struct partial *p, uint64_t at)
{
	uint8_t bytes[LENGTH_MAX] = { 0 };

	p->known = (unsigned int)(at - p->start);
	memcpy(bytes, p->data + p->start, p->known);
	return cx_x86_decode(bytes, sizeof(bytes), &p->x);
}

/* Moves on if the instruction is finished, or is none. */
static void follow(struct partial *p, uint64_t at)
{
	bool valid = at - p->start <= LENGTH_MAX && read_partial(p, at);

	if (valid && p->x.length > p->known)
		return;
	p->before = p->last & 0xffff;
	p->last = valid ? cx_get(p->data + p->start, p->known < 3 ? p->known : 3) : 0;
	p->start = at;
	read_partial(p, at);
}

/* The kind of the operand that begins right here, or -1 */
static int operand_here(const struct partial *p, uint64_t at)
{
	uint8_t opcode = p->known ? p->data[at - 1] : 0;

	if (!p->known)
		return -1;
	if (p->x.flags & CX_X86_RIP && p->x.disp == p->known)
		return OPERAND_DATA;
	if (!(p->x.flags & CX_X86_BRANCH) || p->x.imm != p->known || p->x.imm_size != OPERAND_SIZE)
		return -1;
	return opcode == 0xe8 ? OPERAND_CALL : opcode == 0xe9 ? OPERAND_JUMP : OPERAND_BRANCH;
}

/* Most small patches have no operand, and need no targets. */
static bool has_targets(struct cx_fresh *f)
{
	if (!f->counted && cx_targets_find(&f->targets, f->refs, f->map))
		f->c->broken = f->c->enomem = true;
	else
		f->counted = true;
	return f->counted;
}

static void code_operand(struct cx_fresh *f, const struct partial *p, int operand,
			 uint64_t at)
{
	enum cx_target_class class = operand == OPERAND_DATA ? CX_TARGET_DATA : CX_TARGET_CALL;
	const struct cx_target_list *list = &f->targets.lists[class];
	uint64_t next = p->start + p->x.length + p->bias;
	int64_t distance = (int32_t)cx_get(f->now + at, OPERAND_SIZE);
	size_t index = cx_targets_index(list, next + (uint64_t)distance);
	bool known = list->count &&
		     cx_prob_bit(f->c, &f->known[operand], index < list->count);

	if (known)
		distance = (int64_t)(list->addr[cx_targets_code(&f->targets, f->c, class, index)] - next);
	else
		distance = cx_number_code_signed(f->c, &f->distance[operand], distance);
	if (!f->c->making)
		cx_put(f->now + at, OPERAND_SIZE, (uint64_t)distance);
}

static void code_byte(struct cx_fresh *f, uint64_t at, uint64_t like, const uint64_t *hints)
{
	uint8_t byte = cx_bytes_code(f->bytes, f->c, CX_BYTE_IS_NEW, at, like, f->now[at], hints);

	if (!f->c->making)
		f->now[at] = byte;
}

/* Contexts that know of instructions: this one so far, with the one or two before */
static void hint(const struct partial *p, uint64_t *hints)
{
	uint64_t so_far = cx_get(p->data + p->start, p->known < 8 ? p->known : 8);

	hints[0] = so_far * 31 + p->known;
	hints[1] = hints[0] * 0x2545f4914f6cdd1dull + p->last;
	hints[2] = (so_far & 0xffff) * 0x9e3779b97f4a7c15ull +
		   ((p->before << 32) | (p->last & 0xffff) << 4) + p->known;
}

static void run_code(struct cx_fresh *f, struct partial *p, uint64_t at, uint64_t end,
		     uint64_t like)
{
	while (at < end && !f->c->broken) {
		uint64_t hints[CX_BYTES_HINTS];
		int operand;

		follow(p, at);
		operand = operand_here(p, at);
		if (operand >= 0 && end - at >= OPERAND_SIZE && has_targets(f)) {
			code_operand(f, p, operand, at);
			at += OPERAND_SIZE;
			like += OPERAND_SIZE;
			continue;
		}
		hint(p, hints);
		code_byte(f, at++, like++, hints);
	}
}

/* Learn from old code, from an instruction on */
static void learn_code(struct cx_fresh *f, uint64_t at, uint64_t end)
{
	struct partial p = { .data = f->refs->image->data, .start = at };

	while (at < end) {
		uint64_t hints[CX_BYTES_HINTS];

		follow(&p, at);
		if (operand_here(&p, at) >= 0) {
			at += OPERAND_SIZE;
			continue;
		}
		hint(&p, hints);
		cx_bytes_learn(f->bytes, p.data, at++, hints);
	}
}

void cx_fresh_learn(struct cx_fresh *f, uint64_t like, uint64_t count)
{
	const struct cx_section *code = like ? code_at(f->refs->image, like - 1) : NULL;
	uint64_t end = like + count;

	if (!code || !f->refs->starts)
		return;
	like = like - code->offset > count ? like - count : code->offset;
	if (end > code->offset + code->size)
		end = code->offset + code->size;
	if (like < f->learnt)
		like = f->learnt;
	while (like < end && !begins_instruction(f->refs, like))
		like++;
	learn_code(f, like, end);
	if (end > f->learnt)
		f->learnt = end;
}

void cx_fresh_run(struct cx_fresh *f, uint64_t at, uint64_t end, uint64_t like)
{
	struct partial p;

	f->c->part = CX_DELTA_PART_NEW;
	if (find_start(f, at, like, &p)) {
		run_code(f, &p, at, end, like);
		return;
	}
	for (; at < end && !f->c->broken; at++, like++)
		code_byte(f, at, like, NULL);
}
