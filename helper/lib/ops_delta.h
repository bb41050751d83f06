/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From an object of the store and a delta to another object. */
#ifndef _CX_OPS_DELTA_H
#define _CX_OPS_DELTA_H

#include "lib/ops.h"

struct cx_container;

/**
 * cx_delta_to_object - apply the container's current delta
 * @store: an open store, locked
 * @container: its current object is a delta
 * @object: what it has to make, as the seal says
 * @err: filled on failure, and then nothing is left; -ENOENT: the store lacks the
 *	old object; -ESTALE: the delta is for another one; -EBADMSG: the delta is
 *	broken, or makes something else
 *
 * The delta is applied in a confined child.  What it has made is measured like
 * every object.
 */
int cx_delta_to_object(const struct cx_store *store,
		       struct cx_container *container,
		       const struct cx_object *object, struct cx_error *err);

#endif /* _CX_OPS_DELTA_H */
