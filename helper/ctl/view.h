/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A seal and all that `show` says about it. */
#ifndef _CTL_VIEW_H
#define _CTL_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/fixes.h"
#include "lib/ops.h"
#include "lib/receipt.h"

/**
 * struct ctl_view - a seal, counted and judged
 * @seal: the seal
 * @fixes: what it fixes
 * @key_id: of its signer, hex digits; empty if it is not signed
 * @verified: one of the trusted keys has signed it
 * @verdict: a sentence about that
 * @files: number of regular files
 * @folders: number of directories, without the root
 * @links: number of symbolic links
 * @bytes: content of all regular files
 * @has_cost: @cost is known
 * @cost: what the container has, or what was fetched for a stored seal
 */
struct ctl_view {
	struct cx_seal seal;
	struct cx_fixes fixes;
	char key_id[129];
	bool verified;
	char verdict[600];
	uint32_t files;
	uint32_t folders;
	uint32_t links;
	uint64_t bytes;
	bool has_cost;
	struct cx_receipt cost;
};

/**
 * ctl_view_load - load what a word on the command line means
 * @ops: opened with STORE_IF and TRUST
 * @what: a container, a seal file, or NAME@LABEL in the store
 * @view: set on success; the caller frees it
 * @err: filled on failure; -EKEYREJECTED: signed by a trusted key, and changed
 *	since
 */
int ctl_view_load(const struct cx_ops *ops, const char *what,
		  struct ctl_view *view, struct cx_error *err);

/**
 * ctl_view_free - free a view
 * @view: may be empty
 */
void ctl_view_free(struct ctl_view *view);

#endif /* _CTL_VIEW_H */
