/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a generation has cost to fetch: a note beside its seal, for people. */
#ifndef _CX_RECEIPT_H
#define _CX_RECEIPT_H

#include <stdint.h>

#include "lib/error.h"
#include "lib/store.h"

/**
 * struct cx_receipt - what was fetched for a generation
 * @fetched_bytes: bytes that came
 * @full_bytes: bytes of the objects that they brought
 * @objects: how many objects
 * @deltas: how many of these came as deltas
 */
struct cx_receipt {
	uint64_t fetched_bytes;
	uint64_t full_bytes;
	uint64_t objects;
	uint64_t deltas;
};

/**
 * cx_receipt_save - write it, crash-safely
 * @store: an open store, locked; the seal is in it
 * @item: the generation
 * @receipt: replaces what is there
 * @err: filled on failure
 */
int cx_receipt_save(const struct cx_store *store, const struct cx_item *item,
		    const struct cx_receipt *receipt, struct cx_error *err);

/**
 * cx_receipt_load - read it
 * @store: an open store
 * @item: the generation
 * @receipt: set on success
 * @err: filled on failure; -ENOENT: there is none
 */
int cx_receipt_load(const struct cx_store *store, const struct cx_item *item,
		    struct cx_receipt *receipt, struct cx_error *err);

#endif /* _CX_RECEIPT_H */
