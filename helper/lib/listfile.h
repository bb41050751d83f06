/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A revocation list in memory, with everything said in sentences. */
#ifndef _CX_LISTFILE_H
#define _CX_LISTFILE_H

#include <stddef.h>
#include <stdint.h>

#include <cryptex/revocation.h>

#include "lib/cms.h"
#include "lib/error.h"
#include "lib/file.h"

/**
 * struct cx_list - a parsed revocation list and its bytes
 * @buf: the bytes that @view points into
 * @view: see include/cryptex/revocation.h
 */
struct cx_list {
	struct cx_buf buf;
	struct cryptex_revocation view;
};

/**
 * cx_list_load - read, verify and parse a revocation list
 * @path: the file
 * @trust: certificates of which one must have signed it, or NULL to leave the
 *	signature unchecked (the kernel checks it in any case)
 * @list: set on success; the caller frees it
 * @err: filled on failure: the path, the reason, and the byte where it shows
 *
 * Return: 0, or -EBADMSG, -EPROTONOSUPPORT, -EFBIG, -ENOKEY, -EKEYREJECTED or
 * what reading gave.
 */
int cx_list_load(const char *path, const struct cx_trust *trust,
		 struct cx_list *list, struct cx_error *err);

/**
 * cx_list_from_bytes - the same for a list that is in memory
 * @buf: the list; it belongs to @list afterwards, and is freed on failure
 * @name: where it comes from, for the error
 * @trust: as above
 * @list: set on success; the caller frees it
 * @err: filled on failure
 */
int cx_list_from_bytes(struct cx_buf buf, const char *name,
		       const struct cx_trust *trust, struct cx_list *list,
		       struct cx_error *err);

/**
 * cx_list_free - free a list and empty it
 * @list: may be empty
 */
void cx_list_free(struct cx_list *list);

/**
 * cx_list_number - the number of a list
 * @list: parsed
 */
uint64_t cx_list_number(const struct cx_list *list);

#endif /* _CX_LISTFILE_H */
