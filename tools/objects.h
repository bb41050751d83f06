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
 * struct packed - a compressed object
 * @digest: its name
 * @blob: its bytes in the spool
 */
struct packed {
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	struct blob blob;
};

/**
 * struct objects - the compressed objects of a tree
 * @list: @count of them, ascending by digest; on the heap
 * @count: how many
 */
struct objects {
	struct packed *list;
	size_t count;
};

/**
 * objects_compress - compress each object of a tree once, into its spool
 * @tree: measured
 * @known: objects that the base has, which are left out; sorted by digest
 * @known_count: how many
 * @objects: set on success; the caller frees @list
 * @err: filled on failure
 *
 * Return: 0, -ENOMEM, or why the spool cannot be used.
 */
int objects_compress(const struct tree *tree, const struct cx_object *known,
		     size_t known_count, struct objects *objects,
		     struct cx_error *err);

/**
 * objects_write - add them to a container
 * @objects: from objects_compress()
 * @spool: that of the tree
 * @pack: the container, its seal written
 * @err: filled on failure
 *
 * Return: 0, or what reading the spool and pack_write() gave.
 */
int objects_write(const struct objects *objects, const struct spool *spool,
		  struct pack *pack, struct cx_error *err);

#endif /* _OBJECTS_H */
