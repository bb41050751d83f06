/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files in a form in which what corresponds is the same: each reference, and
 * each word that is relocated, is replaced by a label of what it refers to.
 */
#ifndef _CX_DELTA_LABELS_H
#define _CX_DELTA_LABELS_H

#include "lib/delta/map.h"
#include "lib/delta/refs.h"
#include "names.h"

/**
 * struct cx_labels - where labels come from
 * @names: of the file; they count in any case
 * @known: addresses count, too
 * @back: leads from this file to the one whose addresses are the labels; NULL if
 *        that is this one
 */
struct cx_labels {
	const struct cx_names *names;
	bool known;
	struct cx_map *back;
};

/**
 * cx_labelled - make that form
 * @refs: of the file
 * @labels: see above
 *
 * Return: as many bytes as the file has, to be freed by the caller; NULL if
 * there is no memory.
 */
uint8_t *cx_labelled(const struct cx_refs *refs, const struct cx_labels *labels);

#endif /* _CX_DELTA_LABELS_H */
