/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A zstd frame for which the old file is the text before (zstd --patch-from). */
#ifndef _CX_DELTA_PREFIXED_H
#define _CX_DELTA_PREFIXED_H

#include <stddef.h>
#include <stdint.h>

#include "lib/delta.h"
#include "lib/error.h"

/* In front of the frame: as zstd takes headers for the same that are not */
#define CX_PREFIXED_CHECK CX_DELTA_DIGEST_SIZE

/**
 * cx_prefixed_apply - unpack such a frame
 * @body: the check sum, and exactly one frame; not trusted
 * @body_size: bytes of it
 * @old: the old file
 * @old_size: bytes of it
 * @now: the new file, written
 * @size: bytes that must come out
 * @err: filled on failure
 *
 * Return: 0, -EBADMSG, or -ENOMEM.
 */
int cx_prefixed_apply(const void *body, size_t body_size, const uint8_t *old,
		      uint64_t old_size, uint8_t *now, uint64_t size,
		      struct cx_error *err);

#endif /* _CX_DELTA_PREFIXED_H */
