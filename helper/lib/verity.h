/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fs-verity: SHA-256, blocks of 4096 bytes, no salt. */
#ifndef _CX_VERITY_H
#define _CX_VERITY_H

#include <stdint.h>

#include <cryptex/seal.h>

#include "lib/error.h"

/**
 * cx_verity_compute - the digest that fs-verity would give a file
 * @fd: open for reading; its position neither matters nor changes
 * @offset: first byte of the content
 * @size: bytes of the content
 * @name: of the file, for the error
 * @digest: set on success
 * @err: filled on failure
 *
 * The content may be a part of a larger file; for a whole one @offset is 0 and
 * @size its size.
 */
int cx_verity_compute(int fd, uint64_t offset, uint64_t size, const char *name,
		      uint8_t digest[CRYPTEX_DIGEST_SIZE],
		      struct cx_error *err);

/**
 * cx_verity_enable - make a file read-only for good and protected by fs-verity
 * @fd: open for reading only, and nowhere open for writing
 * @name: of the file, for the error
 * @err: filled on failure; where the file system has no fs-verity
 *	(-EOPNOTSUPP) it names the remedy
 */
int cx_verity_enable(int fd, const char *name, struct cx_error *err);

/**
 * cx_verity_measure - ask the kernel for a file's digest
 * @fd: open for reading
 * @name: of the file, for the error
 * @digest: set on success
 * @err: filled on failure; -ENODATA: the file has no fs-verity, -EBADMSG: it
 *	has another algorithm
 */
int cx_verity_measure(int fd, const char *name,
		      uint8_t digest[CRYPTEX_DIGEST_SIZE],
		      struct cx_error *err);

#endif /* _CX_VERITY_H */
