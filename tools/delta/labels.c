// SPDX-License-Identifier: LGPL-2.1-or-later
/* Labels of what references refer to. */
#include <stdlib.h>
#include <string.h>

#include "labels.h"

/* Every byte of a label differs from those of another. */
static uint64_t label(uint64_t target, bool known)
{
	return ((target + known) * 0x9e3779b97f4a7c15ull) >> 32;
}

static uint64_t label_of(const struct cx_refs *refs, const struct cx_ref *ref,
			 struct cx_map *back)
{
	uint64_t target = cx_ref_target(refs, ref);
	bool end = cx_ref_is_end(ref->kind);
	enum cx_map_source source;

	if (!back)
		return label(target, true);
	target = cx_ref_in_file(ref->kind) ? cx_map_offset(back, target, end, &source) :
					     cx_map_address(back, target, end, &source);
	return label(target, source == CX_MAP_BLOCK);
}

uint8_t *cx_labelled(const struct cx_refs *refs, struct cx_map *back, bool blank)
{
	uint8_t *form = malloc(refs->image->size + 1);

	if (!form)
		return NULL;
	memcpy(form, refs->image->data, refs->image->size);
	for (size_t i = 0; i < refs->count; i++) {
		const struct cx_ref *ref = &refs->refs[i];

		cx_put(form + ref->at, cx_ref_size(ref->kind),
		       blank ? 0 : label_of(refs, ref, back));
	}
	return form;
}
