// SPDX-License-Identifier: LGPL-2.1-or-later
/* Unpacking by libzstd; this version's unpacker reads what later ones will write. */
#define ZSTD_STATIC_LINKING_ONLY
#include <errno.h>
#include <string.h>
#include <zstd.h>

#include "lib/delta/header.h"
#include "lib/delta/prefixed.h"

static int unpack(ZSTD_DCtx *ctx, const void *frame, size_t frame_size, uint8_t *now,
		  uint64_t size, struct cx_error *err)
{
	size_t got = ZSTD_findFrameCompressedSize(frame, frame_size);

	if (ZSTD_isError(got) || got != frame_size)
		return cx_fail(err, -EBADMSG, "the patch is broken: it is not one zstd frame");
	got = ZSTD_decompressDCtx(ctx, now, size, frame, frame_size);
	if (ZSTD_isError(got))
		return cx_fail(err, -EBADMSG, "the patch is broken: %s", ZSTD_getErrorName(got));
	if (got != size)
		return cx_fail(err, -EBADMSG, "the patch is broken: too little comes out of it");
	return 0;
}

int cx_prefixed_apply(const void *body, size_t body_size, const uint8_t *old,
		      uint64_t old_size, uint8_t *now, uint64_t size,
		      struct cx_error *err)
{
	const uint8_t *frame = (const uint8_t *)body + CX_PREFIXED_CHECK;
	size_t frame_size = body_size - CX_PREFIXED_CHECK;
	uint8_t check[CX_PREFIXED_CHECK];
	ZSTD_DCtx *ctx;
	int ret = -ENOMEM;

	if (body_size < CX_PREFIXED_CHECK)
		return cx_fail(err, -EBADMSG, "the patch is broken: it ends too early");
	cx_delta_digest(frame, frame_size, check);
	if (memcmp(check, body, sizeof(check)))
		return cx_fail(err, -EBADMSG, "the patch is broken: its check sum is wrong");
	ctx = ZSTD_createDCtx();
	if (!ctx)
		return cx_fail(err, ret, "no memory to unpack the patch");
	if (ZSTD_isError(ZSTD_DCtx_setMaxWindowSize(ctx, (size_t)1 << ZSTD_WINDOWLOG_MAX)) ||
	    ZSTD_isError(ZSTD_DCtx_refPrefix(ctx, old, old_size)))
		cx_fail(err, ret, "no memory to unpack the patch");
	else
		ret = unpack(ctx, frame, frame_size, now, size, err);
	ZSTD_freeDCtx(ctx);
	return ret;
}
