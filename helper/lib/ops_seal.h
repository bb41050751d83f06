/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Seals: into the store, out of it, and to the kernel. */
#ifndef _CX_OPS_SEAL_H
#define _CX_OPS_SEAL_H

#include "lib/ops.h"

/**
 * cx_trusted_seal - read a seal that a key which is trusted here has to have signed
 * @ops: with a store
 * @bytes: the seal
 * @is_signed: it has a signature
 * @name: where it comes from, for the error
 * @seal: set on success; the caller frees it
 * @err: filled on failure; -ENOKEY: signed by no trusted key, or none is trusted
 */
int cx_trusted_seal(const struct cx_ops *ops, const struct cx_buf *bytes,
		    bool is_signed, const char *name, struct cx_seal *seal,
		    struct cx_error *err);

/**
 * cx_find_base - load the base of a cryptex
 * @ops: with a store
 * @name: the cryptex
 * @state: which base it is, if it is mounted
 * @seal: set on success; the caller frees it
 * @err: filled on failure; -ENOENT: there is none; -EINVAL: there are several,
 *	and nothing says which
 */
int cx_find_base(const struct cx_ops *ops, const char *name,
		 const struct cx_state *state, struct cx_seal *seal,
		 struct cx_error *err);

/**
 * cx_stage_stored - hand a seal to the kernel
 * @ops: with a store and the module
 * @item: the seal's generation
 * @err: filled on failure, with the generation
 *
 * Return: 0 (also if it is staged already) or a negative errno; see
 * cx_netlink_stage().
 */
int cx_stage_stored(const struct cx_ops *ops, const struct cx_item *item,
		    struct cx_error *err);

/**
 * typedef cx_seal_use - what a seal is for that was put into the store
 * @ops: as given to cx_keep_seal()
 * @seal: likewise
 * @ctx: likewise
 * @err: filled on failure
 *
 * Return: 0 or a negative errno.
 */
typedef int (*cx_seal_use)(struct cx_ops *ops, const struct cx_seal *seal,
			   const void *ctx, struct cx_error *err);

/**
 * cx_keep_seal - put a seal into the store and use it there
 * @ops: with a store, locked, that has all its objects
 * @seal: the seal
 * @use: called once it is there; NULL: that is all
 * @ctx: for @use
 * @err: filled on failure; a seal that was added does not stay then, unless the
 *       kernel has its generation
 *
 * Return: 1 if it was added, 0 if it was there already, or a negative errno.
 */
int cx_keep_seal(struct cx_ops *ops, const struct cx_seal *seal,
		 cx_seal_use use, const void *ctx, struct cx_error *err);

/**
 * cx_stage_seal - hand a seal to the kernel that is in the store, a cx_seal_use
 * @ops: with a store and the module
 * @seal: the seal
 * @ctx: not used
 * @err: filled on failure, with the generation
 *
 * Return: 0 (also if it is staged already) or a negative errno.
 */
int cx_stage_seal(struct cx_ops *ops, const struct cx_seal *seal,
		  const void *ctx, struct cx_error *err);

/**
 * struct cx_objects - what several seals refer to
 * @list: @count objects, on the heap
 * @count: how many; one that two seals share counts twice
 */
struct cx_objects {
	struct cx_object *list;
	size_t count;
};

/**
 * cx_objects_add - append the objects of a seal
 * @objects: grows
 * @seal: parsed
 * @err: filled on failure
 */
int cx_objects_add(struct cx_objects *objects, const struct cx_seal *seal,
		   struct cx_error *err);

/**
 * cx_objects_sort - sort by digest, each once, for cx_object_find()
 * @objects: shrinks
 */
void cx_objects_sort(struct cx_objects *objects);

#endif /* _CX_OPS_SEAL_H */
