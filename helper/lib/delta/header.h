/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The beginning of a patch. */
#ifndef _CX_DELTA_HEADER_H
#define _CX_DELTA_HEADER_H

#include "lib/delta.h"

/* The most bytes that it takes: magic, method, a size, two digests */
#define CX_DELTA_HEADER_MAX	(3 + 10 + 2 * CX_DELTA_DIGEST_SIZE)

/**
 * cx_delta_put_header - write it
 * @info: what to write; @info->header_size is set
 * @out: room for CX_DELTA_HEADER_MAX bytes
 */
void cx_delta_put_header(struct cx_delta_info *info, uint8_t *out);

/* cx_delta_digest - a file's check sum, of CX_DELTA_DIGEST_SIZE bytes */
void cx_delta_digest(const void *data, size_t size, uint8_t *digest);

#endif /* _CX_DELTA_HEADER_H */
