/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From foreign bytes, whole or a delta, to an object of the store. */
#ifndef _CX_OPS_UNPACK_H
#define _CX_OPS_UNPACK_H

#include "lib/ops.h"

struct cx_container;

/**
 * struct cx_packed - what an object is made of
 * @fd: a regular file, which may change while it is read
 * @size: bytes of it
 * @old: digest of the object that it is a delta for; NULL: it is one zstd frame
 * @name: of it, for the error
 */
struct cx_packed {
	int fd;
	uint64_t size;
	const uint8_t *old;
	const char *name;
};

/**
 * cx_unpack - make an object
 * @store: an open store, locked
 * @packed: what of
 * @object: what it has to be, as the seal says
 * @err: filled on failure, and then nothing is left; -ENOENT: the store lacks the
 *	old object; -ESTALE: the delta is for another one; -EFBIG, -EBADMSG: it is
 *	broken, or makes something else
 *
 * Decompressing and applying take place in a confined child.  What comes of it is
 * measured like every object.
 */
int cx_unpack(const struct cx_store *store, const struct cx_packed *packed,
	      const struct cx_object *object, struct cx_error *err);

/**
 * cx_unpack_hopeless - is it this machine's own trouble, which nothing else to make the
 * object of changes?
 * @rc: what cx_unpack() returned
 */
bool cx_unpack_hopeless(int rc);

/**
 * cx_unpack_member - the same for the current member of a container
 * @store: an open store, locked
 * @container: after cx_container_next() has returned 1
 * @object: what it has to be, as the seal says
 * @err: filled on failure
 */
int cx_unpack_member(const struct cx_store *store,
		     struct cx_container *container,
		     const struct cx_object *object, struct cx_error *err);

#endif /* _CX_OPS_UNPACK_H */
