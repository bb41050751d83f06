/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files in a form in which what corresponds is the same: each reference is
 * replaced by a label of what it refers to.
 */
#ifndef _CX_DELTA_LABELS_H
#define _CX_DELTA_LABELS_H

#include "lib/delta/map.h"
#include "lib/delta/refs.h"

/**
 * cx_labelled - make that form
 * @refs: of the file
 * @back: leads from this file to the one whose addresses are the labels; NULL if
 *        that is this one
 * @blank: all labels are the same
 *
 * Return: as many bytes as the file has, to be freed by the caller; NULL if
 * there is no memory.
 */
uint8_t *cx_labelled(const struct cx_refs *refs, struct cx_map *back, bool blank);

#endif /* _CX_DELTA_LABELS_H */
