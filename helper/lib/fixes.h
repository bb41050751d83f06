/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a patch fixes: the JSON area of a seal. */
#ifndef _CX_FIXES_H
#define _CX_FIXES_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"
#include "lib/file.h"

#define CX_FIX_ID_MAX		32	/* [A-Za-z0-9-] */
#define CX_FIX_TEXT_MAX		200	/* bytes of UTF-8, no control characters */

/**
 * struct cx_fix - one hole that is closed
 * @id: for example "CVE-2026-1234"
 * @severity: low, medium, high, critical or unknown
 * @text: one line for people, may be empty
 */
struct cx_fix {
	char id[CX_FIX_ID_MAX + 1];
	char severity[9];
	char text[CX_FIX_TEXT_MAX + 1];
};

/**
 * struct cx_fixes - a list of fixes
 * @list: @count fixes, on the heap
 * @count: how many
 */
struct cx_fixes {
	struct cx_fix *list;
	size_t count;
};

/**
 * cx_fix_id_ok - is it the name of a hole, such as "CVE-2026-1234"?
 * @id: to be checked
 */
bool cx_fix_id_ok(const char *id);

/**
 * cx_severity_ok - is it one of the words of struct cx_fix?
 * @severity: to be checked
 */
bool cx_severity_ok(const char *severity);

/**
 * cx_fixes_add - check a fix and append it
 * @fixes: grows
 * @id: see struct cx_fix
 * @severity: see struct cx_fix
 * @text: see struct cx_fix
 * @err: filled on failure; -EEXIST if @id is in the list,
 *	-EILSEQ if @text is not UTF-8
 */
int cx_fixes_add(struct cx_fixes *fixes, const char *id, const char *severity,
		 const char *text, struct cx_error *err);

/**
 * cx_fixes_parse - append what a JSON text lists
 * @fixes: grows
 * @json: an array of objects {"id", "severity", "text"}; any other key is
 *	refused; not necessarily NUL-terminated
 * @size: bytes of @json; 0 is an empty list
 * @err: filled on failure, and then @fixes may have grown by a part
 */
int cx_fixes_parse(struct cx_fixes *fixes, const char *json, size_t size,
		   struct cx_error *err);

/**
 * cx_fixes_format - the list as the one JSON text that a seal holds
 * @fixes: the list
 * @json: set on success, compact, keys sorted; empty for an empty list; the
 *	caller frees it with cx_buf_free()
 * @err: filled on failure
 */
int cx_fixes_format(const struct cx_fixes *fixes, struct cx_buf *json,
		    struct cx_error *err);

/**
 * cx_fixes_free - free the list and empty it
 * @fixes: may be empty
 */
void cx_fixes_free(struct cx_fixes *fixes);

#endif /* _CX_FIXES_H */
