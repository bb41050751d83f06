/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Taking a container into the store: what mount and stage have in common. */
#ifndef _CX_OPS_INGEST_H
#define _CX_OPS_INGEST_H

#include "lib/ops.h"

struct cx_container;

/**
 * cx_ingest_open - open a container and verify its seal
 * @ops: with a store
 * @path: the container
 * @container: set on success; the caller closes it
 * @seal: set on success; the caller frees it
 * @err: filled on failure; -ENOKEY: signed by no trusted key
 */
int cx_ingest_open(const struct cx_ops *ops, const char *path,
		   struct cx_container **container, struct cx_seal *seal,
		   struct cx_error *err);

/**
 * cx_ingest_objects - put the objects that are missing into the store
 * @ops: with a store, locked
 * @container: right after cx_ingest_open(), or NULL to look in the store only
 * @seal: its seal
 * @err: filled on failure; -ENOENT: an object is neither here nor there;
 *	-EBADMSG: the container holds what is not in the seal
 *
 * Return: how many were missing and are there now, or a negative errno.
 * On failure objects may have been added: they are named by their content, so
 * they harm nothing and the next try need not add them again.
 */
int cx_ingest_objects(const struct cx_ops *ops, struct cx_container *container,
		      const struct cx_seal *seal, struct cx_error *err);

#endif /* _CX_OPS_INGEST_H */
