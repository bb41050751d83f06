/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One content as one zstd frame. */
#ifndef _CX_ZSTD_H
#define _CX_ZSTD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/error.h"

/**
 * typedef cx_zstd_source - where compressed bytes come from
 * @ctx: as given to cx_zstd_decompress()
 * @data: set to the next bytes, which stay valid until the next call
 * @size: set to their number; 0 at the end
 * @err: filled on failure
 *
 * Return: 0 or a negative errno.
 */
typedef int (*cx_zstd_source)(void *ctx, const void **data, size_t *size,
			      struct cx_error *err);

/**
 * cx_zstd_compress - compress a part of a file
 * @in_fd: open for reading; its position neither matters nor changes
 * @offset: first byte
 * @size: bytes to compress
 * @out_fd: written at its position
 * @name: of the content, for the error
 * @packed: set to the number of bytes written
 * @err: filled on failure
 *
 * Level 19, one thread, content size and checksum in the frame: the same
 * content gives the same bytes with the same libzstd.
 */
int cx_zstd_compress(int in_fd, uint64_t offset, uint64_t size, int out_fd,
		     const char *name, uint64_t *packed, struct cx_error *err);

/**
 * cx_zstd_decompress - decompress exactly one frame of known content size
 * @source: gives the compressed bytes, which are not trusted
 * @ctx: for @source
 * @out_fd: written at its position
 * @size: bytes that must come out, no more and no fewer
 * @name: of the content, for the error
 * @err: filled on failure
 *
 * Never writes more than @size bytes nor uses more than a few MiB of memory.
 */
int cx_zstd_decompress(cx_zstd_source source, void *ctx, int out_fd,
		       uint64_t size, const char *name, struct cx_error *err);

#endif /* _CX_ZSTD_H */
