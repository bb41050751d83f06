// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mutate.h"

#include <elf.h>
#include <string.h>

/* Replaces @cut bytes at @at by @size others. */
static void splice(struct bytes *b, size_t at, size_t cut, const void *data,
		   size_t size)
{
	struct bytes made = bytes_new(b->size - cut + size);

	memcpy(made.data, b->data, at);
	if (size)
		memcpy(made.data + at, data, size);
	memcpy(made.data + at + size, b->data + at + cut, b->size - at - cut);
	bytes_free(b);
	*b = made;
}

static void fill(struct bytes *b, struct random *r)
{
	size_t i;

	for (i = 0; i < b->size; i++)
		b->data[i] = random_u64(r);
}

static void insert(struct bytes *b, struct random *r)
{
	struct bytes more = bytes_new(random_length(r, 8192));

	if (random_one_in(r, 2))
		fill(&more, r);
	splice(b, random_below(r, b->size + 1), 0, more.data, more.size);
	bytes_free(&more);
}

static void cut_out(struct bytes *b, struct random *r)
{
	size_t at = random_below(r, b->size + 1);

	splice(b, at, random_length(r, b->size - at), NULL, 0);
}

static void truncate_it(struct bytes *b, struct random *r)
{
	b->size = random_below(r, b->size + 1);
}

/* Two blocks of a function's alignment change places. */
static void move(struct bytes *b, struct random *r)
{
	size_t from = random_below(r, b->size / 16 + 1) * 16;
	size_t size = random_length(r, b->size - (from < b->size ? from : b->size));
	struct bytes block;

	if (from + size > b->size)
		return;
	block = bytes_copy(b->data + from, size);
	splice(b, from, size, NULL, 0);
	splice(b, random_below(r, b->size / 16 + 1) * 16 % (b->size + 1), 0,
	       block.data, block.size);
	bytes_free(&block);
}

static void repeat(struct bytes *b, struct random *r)
{
	size_t from = random_below(r, b->size + 1);
	struct bytes block = bytes_copy(b->data + from,
					random_length(r, b->size - from));

	splice(b, random_below(r, b->size + 1), 0, block.data, block.size);
	bytes_free(&block);
}

static void shuffle(struct bytes *b, struct random *r)
{
	size_t size = 1 + random_length(r, 4096), count = b->size / size, i;
	uint8_t block[4097];

	for (i = 0; i < count; i++) {
		uint8_t *one = b->data + i * size;
		uint8_t *two = b->data + random_below(r, count) * size;

		memcpy(block, one, size);
		memmove(one, two, size);
		memcpy(two, block, size);
	}
}

static void spoil_bytes(struct bytes *b, struct random *r)
{
	size_t n = random_length(r, 64);

	while (n-- && b->size)
		b->data[random_below(r, b->size)] = random_u64(r);
}

/* As if what many references mean had moved by the same distance */
static void shift_words(struct bytes *b, struct random *r)
{
	uint32_t distance = random_one_in(r, 2) ? 16 * random_below(r, 300) :
						  random_u64(r);
	size_t step = 1 + random_length(r, 200), at = random_below(r, 64);

	for (; at + 4 <= b->size; at += step) {
		uint32_t word;

		memcpy(&word, b->data + at, 4);
		word += distance;
		memcpy(b->data + at, &word, 4);
	}
}

/* Whether the section headers can be walked by the plainest of readers */
static bool is_elf(const struct bytes *b, Elf64_Ehdr *ehdr)
{
	if (b->size < sizeof(*ehdr) || memcmp(b->data, ELFMAG, SELFMAG))
		return false;
	memcpy(ehdr, b->data, sizeof(*ehdr));
	return ehdr->e_shoff <= b->size && ehdr->e_phoff <= b->size &&
	       ehdr->e_shnum * sizeof(Elf64_Shdr) <= b->size - ehdr->e_shoff &&
	       ehdr->e_phnum * sizeof(Elf64_Phdr) <= b->size - ehdr->e_phoff;
}

static void lie(struct bytes *b, struct random *r)
{
	static const uint64_t values[] = { 0, 1, 0x7fffffff, 0xffffffff, INT64_MAX, UINT64_MAX };
	size_t sizes[] = { 1, 2, 4, 8 }, size = sizes[random_below(r, 4)], at, n;
	uint64_t value = random_one_in(r, 2) ? values[random_below(r, 6)] :
					       random_below(r, 2 * b->size);
	Elf64_Ehdr ehdr;

	if (!is_elf(b, &ehdr))
		return;
	at = random_below(r, sizeof(ehdr) / size) * size;
	n = ehdr.e_shnum * sizeof(Elf64_Shdr) / size;
	if (n && random_one_in(r, 2))
		at = ehdr.e_shoff + random_below(r, n) * size;
	n = ehdr.e_phnum * sizeof(Elf64_Phdr) / size;
	if (n && random_one_in(r, 3))
		at = ehdr.e_phoff + random_below(r, n) * size;
	memcpy(b->data + at, &value, size);
}

static void raise_sections(struct bytes *b, uint64_t from, uint64_t by)
{
	Elf64_Ehdr ehdr;
	size_t i;

	if (!is_elf(b, &ehdr))
		return;
	for (i = 0; i < ehdr.e_shnum; i++) {
		size_t at = ehdr.e_shoff + i * sizeof(Elf64_Shdr);
		Elf64_Shdr shdr;

		memcpy(&shdr, b->data + at, sizeof(shdr));
		if (shdr.sh_offset >= from)
			shdr.sh_offset += by;
		memcpy(b->data + at, &shdr, sizeof(shdr));
	}
}

/* Room for a new section, and the headers tell where the others went. */
static void insert_section(struct bytes *b, struct random *r)
{
	struct bytes more = bytes_new(16 * (1 + random_length(r, 300)));
	Elf64_Ehdr ehdr;
	Elf64_Shdr shdr;

	fill(&more, r);
	if (is_elf(b, &ehdr) && ehdr.e_shnum) {
		memcpy(&shdr, b->data + ehdr.e_shoff + random_below(r, ehdr.e_shnum) *
		       sizeof(shdr), sizeof(shdr));
		if (shdr.sh_offset >= sizeof(ehdr) && shdr.sh_offset < ehdr.e_shoff) {
			splice(b, shdr.sh_offset, 0, more.data, more.size);
			ehdr.e_shoff += more.size;
			memcpy(b->data, &ehdr, sizeof(ehdr));
			raise_sections(b, shdr.sh_offset, more.size);
		}
	}
	bytes_free(&more);
}

static const struct {
	const char *name;
	void (*run)(struct bytes *b, struct random *r);
} ways[] = {
	{ "insert", insert }, { "cut", cut_out }, { "truncate", truncate_it },
	{ "move", move }, { "move", move }, { "repeat", repeat },
	{ "shuffle", shuffle }, { "spoil", spoil_bytes },
	{ "shift", shift_words }, { "lie", lie }, { "lie", lie },
	{ "section", insert_section }, { "section", insert_section },
};

const char *mutate(struct bytes *b, struct random *r)
{
	size_t way = random_below(r, sizeof(ways) / sizeof(*ways));

	ways[way].run(b, r);
	if (b->size > MUTATE_MAX)
		b->size = MUTATE_MAX;
	return ways[way].name;
}
