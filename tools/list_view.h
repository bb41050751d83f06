/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What `cryptex-publish show` has found in a revocation list. */
#ifndef _LIST_VIEW_H
#define _LIST_VIEW_H

#include <stdbool.h>

#include "lib/cms.h"
#include "lib/error.h"
#include "lib/listfile.h"

/**
 * struct list_view - a revocation list
 * @list: parsed
 * @is_verified: the signature was checked against certificates
 * @key_id: of the signer, hex
 * @certificates: what the list has; NULL where the bytes are no certificate
 */
struct list_view {
	struct cx_list list;
	bool is_verified;
	char key_id[129];
	struct cx_cert *certificates[CRYPTEX_REVOCATION_MAX_CERTIFICATES];
};

/**
 * list_view_load - read a list
 * @path: the file
 * @trust: certificates of which one must have signed it, or NULL
 * @view: set on success; the caller frees it
 * @err: filled on failure
 *
 * Return: 0, as cx_list_load(), or what is wrong with a certificate that it revokes.
 */
int list_view_load(const char *path, const struct cx_trust *trust,
		   struct list_view *view, struct cx_error *err);

/**
 * list_view_free - free a view
 * @view: may be all zero
 */
void list_view_free(struct list_view *view);

/**
 * list_view_print - tell it to people, on standard output
 * @view: what to tell
 */
void list_view_print(const struct list_view *view);

/**
 * list_view_print_json - tell it to programs, on standard output
 * @view: what to tell
 * @err: filled on failure
 *
 * Return: 0 or -EIO.
 */
int list_view_print_json(const struct list_view *view, struct cx_error *err);

#endif /* _LIST_VIEW_H */
