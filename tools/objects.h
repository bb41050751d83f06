/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The objects of a tree, as a container's members. */
#ifndef _OBJECTS_H
#define _OBJECTS_H

#include <stddef.h>

#include "lib/error.h"
#include "lib/sealfile.h"
#include "pack.h"
#include "tree.h"

/**
 * objects_pack - compress and add each object of a tree once
 * @tree: measured
 * @known: objects that the base has, which are left out; sorted by digest
 * @known_count: how many
 * @pack: the container, its seal written
 * @err: filled on failure
 */
int objects_pack(const struct tree *tree, const struct cx_object *known,
		 size_t known_count, struct pack *pack, struct cx_error *err);

#endif /* _OBJECTS_H */
