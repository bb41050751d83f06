// SPDX-License-Identifier: LGPL-2.1-or-later
/* Names of addresses, from dynamic symbols and relocations. */
#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"

/* Sections of one kind, with what they refer to */
struct tables {
	const struct cx_image *image;
	const struct cx_section *symbols;
	const struct cx_section *strings;
};

uint64_t cx_names_hash(const struct cx_image *image, uint64_t at, uint64_t end)
{
	uint64_t x = 0xcbf29ce484222325ull;

	for (; at < end && image->data[at]; at++)
		x = (x ^ image->data[at]) * 0x100000001b3ull;
	return x | 1;
}

/* The hash of the name of symbol number @i, 0 if there is none */
static uint64_t symbol_hash(const struct tables *t, uint64_t i)
{
	uint64_t at = i * sizeof(Elf64_Sym), name;

	if (!t->symbols || !t->strings || at + sizeof(Elf64_Sym) > t->symbols->size)
		return 0;
	name = cx_get(t->image->data + t->symbols->offset + at, 4);
	if (!name || name >= t->strings->size)
		return 0;
	return cx_names_hash(t->image, t->strings->offset + name,
			     t->strings->offset + t->strings->size);
}

static int add(struct cx_names *names, uint64_t addr, uint64_t name_hash, bool relocated)
{
	if (!name_hash || !addr)
		return 0;
	if (names->count == names->room) {
		size_t room = names->room ? 2 * names->room : 4096;
		struct cx_name *list = realloc(names->list, room * sizeof(*list));

		if (!list)
			return -ENOMEM;
		names->list = list;
		names->room = room;
	}
	names->list[names->count++] = (struct cx_name){ addr, name_hash, relocated };
	return 0;
}

/* A symbol's entry is known by its name as well as what it stands for. */
static int add_symbols(struct cx_names *names, const struct tables *t)
{
	int ret = 0;

	for (uint64_t i = 1; t->symbols && i < t->symbols->size / sizeof(Elf64_Sym) && !ret; i++) {
		uint64_t at = i * sizeof(Elf64_Sym), h = symbol_hash(t, i);

		ret = add(names, t->symbols->addr + at, h, false);
		if (!ret)
			ret = add(names, cx_get(t->image->data + t->symbols->offset + at +
						offsetof(Elf64_Sym, st_value), 8), h, false);
	}
	return ret;
}

static int add_relocated(struct cx_names *names, const struct cx_image *image,
			 const struct cx_section *s)
{
	struct tables t = { .image = image, .symbols = cx_image_linked(image, s) };
	int ret = 0;

	t.strings = cx_image_linked(image, t.symbols);
	for (uint64_t i = 0; i + sizeof(Elf64_Rela) <= s->size && !ret; i += sizeof(Elf64_Rela)) {
		const uint8_t *p = image->data + s->offset + i;
		uint64_t h = symbol_hash(&t, cx_get(p + 12, 4));

		ret = add(names, cx_get(p, 8), h ? h + cx_get(p + 8, 4) : 0, true);
	}
	return ret;
}

static int compare(const void *a, const void *b)
{
	const struct cx_name *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return (x->hash > y->hash) - (x->hash < y->hash);
}

int cx_names_find(struct cx_names *names, const struct cx_image *image)
{
	int ret = 0;

	memset(names, 0, sizeof(*names));
	for (unsigned int i = 0; i < image->section_count && !ret; i++) {
		const struct cx_section *s = &image->sections[i];
		struct tables t = { .image = image, .symbols = s, .strings = cx_image_linked(image, s) };

		if (s->type == SHT_DYNSYM)
			ret = add_symbols(names, &t);
		else if (s->type == SHT_RELA && s->loaded)
			ret = add_relocated(names, image, s);
	}
	if (ret)
		cx_names_free(names);
	else if (names->count)
		qsort(names->list, names->count, sizeof(*names->list), compare);
	return ret;
}

void cx_names_free(struct cx_names *names)
{
	free(names->list);
	memset(names, 0, sizeof(*names));
}

uint64_t cx_names_of(const struct cx_names *names, uint64_t addr)
{
	size_t low = 0, high = names->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (names->list[middle].addr < addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low < names->count && names->list[low].addr == addr ? names->list[low].hash : 0;
}
