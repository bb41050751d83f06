// SPDX-License-Identifier: LGPL-2.1-or-later
/* Labels of what references refer to. */
#include <elf.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "labels.h"

/* Every byte of a label differs from those of another. */
static uint64_t mixed(uint64_t x)
{
	return (x * 0x9e3779b97f4a7c15ull) >> 32;
}

static uint64_t label_of(const struct cx_refs *refs, const struct cx_ref *ref,
			 const struct cx_labels *labels)
{
	uint64_t target = cx_ref_target(refs, ref), name = 0;
	bool end = cx_ref_is_end(ref->kind), in_file = cx_ref_in_file(ref->kind);
	struct cx_map_answer answer;

	if (ref->kind == CX_REF_RANDOM)
		return 0;
	if (ref->kind == CX_REF_NAME)	/* what it refers to is the name itself */
		name = cx_names_hash(refs->image, target, refs->image->size);
	else if (!end && !in_file)
		name = cx_names_of(labels->names, target);
	if (name)
		return mixed(name);
	if (!labels->known)
		return 0;
	if (!labels->back)
		return mixed(target + 1);
	answer = in_file ? cx_map_offset(labels->back, target, end) :
			   cx_map_address(labels->back, target, end);
	return mixed(answer.now + (answer.source == CX_MAP_BLOCK));
}

/* Words that the dynamic linker fills in are nothing until then. */
static void label_relocated(uint8_t *form, const struct cx_image *image,
			    const struct cx_names *names)
{
	for (size_t i = 0; i < names->count; i++) {
		const struct cx_name *name = &names->list[i];
		int s = name->relocated ? cx_image_segment_at(image, name->addr) : -1;
		uint64_t into = s < 0 ? 0 : name->addr - image->segments[s].addr;

		if (s >= 0 && into + 8 <= image->segments[s].file_size)
			cx_put(form + image->segments[s].offset + into, 8, mixed(name->hash));
	}
}

/*
 * The rest of a symbol from elsewhere is zeros, of which tables are full: they
 * would all be the same.
 */
static void label_symbol(uint8_t *form, const struct cx_image *image,
			 const struct cx_ref *ref, uint64_t name)
{
	uint8_t *entry = form + ref->at;

	if (ref->kind != CX_REF_NAME || image->size - ref->at < sizeof(Elf64_Sym) ||
	    cx_get(entry + offsetof(Elf64_Sym, st_value), 8) ||
	    cx_get(entry + offsetof(Elf64_Sym, st_size), 8))
		return;
	cx_put(entry + offsetof(Elf64_Sym, st_value), 8, name);
	cx_put(entry + offsetof(Elf64_Sym, st_size), 8, name);
}

uint8_t *cx_labelled(const struct cx_refs *refs, const struct cx_labels *labels)
{
	uint8_t *form = malloc(refs->image->size + 1);

	if (!form)
		return NULL;
	memcpy(form, refs->image->data, refs->image->size);
	for (size_t i = 0; i < refs->count; i++) {
		const struct cx_ref *ref = &refs->refs[i];
		uint64_t label = label_of(refs, ref, labels);

		cx_put(form + ref->at, cx_ref_size(ref->kind), label);
		label_symbol(form, refs->image, ref, label);
	}
	label_relocated(form, refs->image, labels->names);
	return form;
}
