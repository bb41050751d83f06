// SPDX-License-Identifier: LGPL-2.1-or-later
/* Packing by libzstd, as zstd --ultra -22 --long=31 --patch-from does. */
#define ZSTD_STATIC_LINKING_ONLY
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <zstd.h>

#include "lib/delta/header.h"
#include "lib/delta/prefixed.h"
#include "prefixed_make.h"

#define LEVEL	22
/* It is not asked for where a fast one takes more than so many times the room. */
#define LEVEL_PROBE	3
#define PROBE_FACTOR	2
/* Up to this window, its own tables see everything. */
#define LONG_FROM 27

/* The window has to reach over both files. */
static int window_log(uint64_t size)
{
	int bits = 12;

	while (bits < ZSTD_WINDOWLOG_MAX && 1ull << bits < size)
		bits++;
	return bits;
}

static bool set(ZSTD_CCtx *ctx, ZSTD_cParameter parameter, unsigned int value)
{
	return !ZSTD_isError(ZSTD_CCtx_setParameter(ctx, parameter, (int)value));
}

static unsigned int at_most(unsigned int value, uint64_t size)
{
	unsigned int bits = 63 - (unsigned int)__builtin_clzll(size | 1 << 16);

	return value < bits ? value : bits;
}

/* What zstd takes for these sizes, with tables that are some times the old file. */
static bool prepare(ZSTD_CCtx *ctx, unsigned int level, const uint8_t *old, uint64_t old_size,
		    uint64_t size)
{
	ZSTD_compressionParameters p = ZSTD_getCParams((int)level, size, old_size);
	unsigned int window = (unsigned int)window_log(old_size + size);

	return set(ctx, ZSTD_c_compressionLevel, level) &&
	       set(ctx, ZSTD_c_windowLog, window) &&
	       set(ctx, ZSTD_c_chainLog, at_most(p.chainLog, 2 * old_size)) &&
	       set(ctx, ZSTD_c_hashLog, at_most(p.hashLog, old_size)) &&
	       set(ctx, ZSTD_c_enableLongDistanceMatching, window > LONG_FROM) &&
	       !ZSTD_isError(ZSTD_CCtx_refPrefix(ctx, old, old_size));
}

/* One frame of at most @room bytes, or an error of zstd; 0 if there was no memory. */
static size_t pack(unsigned int level, const uint8_t *old, uint64_t old_size,
		   const uint8_t *now, uint64_t size, void *frame, size_t room)
{
	ZSTD_CCtx *ctx = ZSTD_createCCtx();
	size_t got = 0;

	if (ctx && prepare(ctx, level, old, old_size, size))
		got = ZSTD_compress2(ctx, frame, room, now, size);
	ZSTD_freeCCtx(ctx);
	return got;
}

int cx_prefixed_make(const uint8_t *old, uint64_t old_size, const uint8_t *now,
		     uint64_t size, size_t room, void **body, size_t *body_size)
{
	size_t got = 0;

	*body = malloc(PROBE_FACTOR * room + CX_PREFIXED_CHECK);
	if (*body)
		got = pack(LEVEL_PROBE, old, old_size, now, size,
			   (uint8_t *)*body + CX_PREFIXED_CHECK, PROBE_FACTOR * room);
	if (got && !ZSTD_isError(got))
		got = pack(LEVEL, old, old_size, now, size,
			   (uint8_t *)*body + CX_PREFIXED_CHECK, room);
	if (!got || ZSTD_isError(got)) {
		free(*body);
		*body = NULL;
		return got ? 0 : -ENOMEM;
	}
	cx_delta_digest((uint8_t *)*body + CX_PREFIXED_CHECK, got, *body);
	*body_size = got + CX_PREFIXED_CHECK;
	return 0;
}
