// SPDX-License-Identifier: LGPL-2.1-or-later
/* Packing by libzstd, as zstd --ultra -22 --long=31 --patch-from does. */
#define ZSTD_STATIC_LINKING_ONLY
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <zstd.h>

#include "prefixed_make.h"

#define LEVEL	22

/* The window has to reach over both files. */
static int window_log(uint64_t size)
{
	int bits = ZSTD_WINDOWLOG_MIN;

	while (bits < ZSTD_WINDOWLOG_MAX && 1ull << bits < size)
		bits++;
	return bits;
}

static bool prepare(ZSTD_CCtx *ctx, const uint8_t *old, uint64_t old_size, uint64_t size)
{
	return !ZSTD_isError(ZSTD_CCtx_setParameter(ctx, ZSTD_c_compressionLevel, LEVEL)) &&
	       !ZSTD_isError(ZSTD_CCtx_setParameter(ctx, ZSTD_c_enableLongDistanceMatching, 1)) &&
	       !ZSTD_isError(ZSTD_CCtx_setParameter(ctx, ZSTD_c_windowLog,
						    window_log(old_size + size))) &&
	       !ZSTD_isError(ZSTD_CCtx_refPrefix(ctx, old, old_size));
}

int cx_prefixed_make(const uint8_t *old, uint64_t old_size, const uint8_t *now,
		     uint64_t size, size_t room, void **frame, size_t *frame_size)
{
	ZSTD_CCtx *ctx = ZSTD_createCCtx();
	int ret = -ENOMEM;

	*frame = malloc(room + 1);
	if (ctx && *frame && prepare(ctx, old, old_size, size)) {
		*frame_size = ZSTD_compress2(ctx, *frame, room, now, size);
		ret = 0;
	}
	ZSTD_freeCCtx(ctx);
	if (ret || ZSTD_isError(*frame_size)) {
		free(*frame);
		*frame = NULL;
	}
	return ret;
}
