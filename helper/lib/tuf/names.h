/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of roles and targets: which are safe, how they travel, what matches them. */
#ifndef _CX_TUF_NAMES_H
#define _CX_TUF_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"

/**
 * cx_tuf_encode - percent-encode a name for a URL and for a file
 * @name: any text
 * @keep_slash: '/' separates components and stays
 *
 * Letters, digits and "-._~" stay, all else is encoded, so that without @keep_slash
 * the result is one component of a path.
 *
 * Return: the text, which the caller frees with free(), or NULL without memory.
 */
char *cx_tuf_encode(const char *name, bool keep_slash);

/**
 * cx_tuf_decode - undo percent-encoding
 * @name: any text
 *
 * Return: the text, which the caller frees with free(), or NULL if there is no memory
 * or a '%' is not followed by two hex digits that are not 00.
 */
char *cx_tuf_decode(const char *name);

/**
 * cx_tuf_check_role - may a delegated role have this name
 * @name: the name, as metadata have it
 * @err: filled on failure
 *
 * A name may hold any character, as it is encoded wherever it is used; but none may
 * pass for a role of the top level.
 *
 * Return: 0 or -EBADMSG.
 */
int cx_tuf_check_role(const char *name, struct cx_error *err);

/**
 * cx_tuf_check_path - may a target have this path
 * @path: the path
 * @err: filled on failure
 *
 * Refused are empty components, "." and "..", and so paths that begin with '/', and
 * control characters and backslashes.
 *
 * Return: 0 or -EBADMSG.
 */
int cx_tuf_check_path(const char *path, struct cx_error *err);

/**
 * cx_tuf_check_pattern - may a delegation have this pattern
 * @pattern: the pattern
 * @err: filled on failure
 *
 * '*' and '?' are wildcards.  The other ones of glob(7), and the backslash, are
 * refused: taken as plain characters they would let a target slip past a delegation.
 *
 * Return: 0 or -EBADMSG.
 */
int cx_tuf_check_pattern(const char *pattern, struct cx_error *err);

/**
 * cx_tuf_match - does a pattern match a path
 * @pattern: '*' stands for any characters but '/', '?' for one of them
 * @path: the path
 */
bool cx_tuf_match(const char *pattern, const char *path);

#endif /* _CX_TUF_NAMES_H */
