/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Canonical JSON (OLPC), over which signatures and key ids are computed.
 *
 * Members are sorted by their names' bytes, nothing is between tokens, numbers are
 * integers, and in strings only the quote and the backslash are escaped.
 */
#ifndef _CX_TUF_CANONICAL_H
#define _CX_TUF_CANONICAL_H

#include <jansson.h>
#include <stddef.h>

#include "lib/error.h"

/* Objects and arrays nested deeper than this are refused. */
#define CX_TUF_DEPTH_MAX 64

/**
 * cx_tuf_canonical - the canonical form of a JSON value
 * @value: any value; a number with a fraction or an exponent is refused
 * @text: set on success to the form and one zero byte more; the caller frees it with
 *	free()
 * @size: set to the bytes of the form
 * @err: filled on failure
 *
 * Return: 0, -EBADMSG (not an integer, nested too deep) or -ENOMEM.
 */
int cx_tuf_canonical(const json_t *value, char **text, size_t *size,
		     struct cx_error *err);

#endif /* _CX_TUF_CANONICAL_H */
