/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What seals and revocation lists have in common, told in sentences. */
#ifndef _CX_SIGNED_H
#define _CX_SIGNED_H

#include <cryptex/envelope.h>

#include "lib/cms.h"
#include "lib/error.h"

/**
 * cx_signed_check - the signature of a signed file, and then its checksum
 * @data: the file's first byte
 * @envelope: where its parts are
 * @name: of the file, for the error
 * @trust: certificates of which one must have signed it, or NULL to leave the
 *	signature unchecked
 * @err: filled on failure
 *
 * Return: 0, -EBADMSG, -ENOKEY or -EKEYREJECTED.
 */
int cx_signed_check(const void *data, const struct cryptex_envelope *envelope,
		    const char *name, const struct cx_trust *trust,
		    struct cx_error *err);

/**
 * cx_fail_fault - what a parser has found, as an error
 * @name: of the file
 * @ret: what the parser returned
 * @fault: what it filled
 * @err: filled
 *
 * Return: @ret.
 */
int cx_fail_fault(const char *name, int ret,
		  const struct cryptex_seal_fault *fault, struct cx_error *err);

#endif /* _CX_SIGNED_H */
