/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Packing a file by zstd with another one in front of it. */
#ifndef _CX_DELTA_PREFIXED_MAKE_H
#define _CX_DELTA_PREFIXED_MAKE_H

#include <stddef.h>
#include <stdint.h>

/**
 * cx_prefixed_make - pack a file
 * @old: what is in front
 * @old_size: bytes of it
 * @now: what is packed
 * @size: bytes of it
 * @room: more bytes than that are of no use
 * @body: set to what cx_prefixed_apply() takes, to be freed by the caller; NULL if
 *        it is not smaller
 * @body_size: set to its size
 *
 * Return: 0 or -ENOMEM.
 */
int cx_prefixed_make(const uint8_t *old, uint64_t old_size, const uint8_t *now,
		     uint64_t size, size_t room, void **body, size_t *body_size);

#endif /* _CX_DELTA_PREFIXED_MAKE_H */
