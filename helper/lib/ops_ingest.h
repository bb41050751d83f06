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
 * struct cx_intake - what a container brought
 * @objects: how many objects were missing and are there now
 * @deltas: how many of them came as deltas
 * @made_bytes: bytes of their content
 * @fetched_bytes: bytes of the container
 */
struct cx_intake {
	size_t objects;
	size_t deltas;
	uint64_t made_bytes;
	uint64_t fetched_bytes;
};

/**
 * cx_ingest_objects - put the objects that are missing into the store
 * @ops: with a store, locked
 * @container: right after cx_ingest_open(), or NULL to look in the store only
 * @seal: its seal
 * @intake: set on success
 * @err: filled on failure; -ENOENT: an object is neither here nor there;
 *	-EBADMSG: the container holds what is not in the seal; -ESTALE: a delta
 *	is for another object than its name says
 *
 * On success no object is lost with the power, also one that was there already.
 * On failure objects may have been added: they are named by their content, so
 * they harm nothing and the next try need not add them again.
 */
int cx_ingest_objects(const struct cx_ops *ops, struct cx_container *container,
		      const struct cx_seal *seal, struct cx_intake *intake,
		      struct cx_error *err);

/**
 * cx_ingest_note - tell what was fetched, and keep a note of it
 * @ops: with a store, locked
 * @seal: of the generation, which is in the store
 * @intake: what its container brought; nothing is done if that is nothing
 *
 * A note that cannot be written is told through @ops->warn.
 */
void cx_ingest_note(struct cx_ops *ops, const struct cx_seal *seal,
		    const struct cx_intake *intake);

#endif /* _CX_OPS_INGEST_H */
