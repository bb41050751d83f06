// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/zstd.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "lib/file.h"

#define LEVEL		19
/* Level 19 never needs a larger window; a foreign frame that does would only
 * be after our memory. */
#define WINDOW_LOG_MAX	23
#define CHUNK		(128 * 1024)

/* One compression under way. */
struct pack {
	ZSTD_CCtx *ctx;
	int in_fd;
	int out_fd;
	uint64_t offset;	/* of the content in in_fd */
	uint64_t size;		/* of the content */
	uint64_t done;		/* read */
	uint64_t packed;	/* written */
	const char *name;
	struct cx_error *err;
	char in[CHUNK];
	char out[CHUNK];
};

static bool set_up(ZSTD_CCtx *ctx, uint64_t size)
{
	return !ZSTD_isError(ZSTD_CCtx_setParameter(
			ctx, ZSTD_c_compressionLevel, LEVEL)) &&
	       !ZSTD_isError(ZSTD_CCtx_setParameter(
			ctx, ZSTD_c_checksumFlag, 1)) &&
	       !ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(ctx, size));
}

static ssize_t read_chunk(struct pack *p)
{
	uint64_t left = p->size - p->done;
	size_t want = left < CHUNK ? left : CHUNK;
	ssize_t got;

	do
		got = pread(p->in_fd, p->in, want, p->offset + p->done);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return cx_fail(p->err, -errno, "%s: cannot be read: %s",
			       p->name, strerror(errno));
	if (want && !got)
		return cx_fail(p->err, -EIO, "%s: is shorter than it was",
			       p->name);
	p->done += got;
	return got;
}

/* Feed one chunk, which may be the last one, and write what comes out. */
static int pack_chunk(struct pack *p, size_t size)
{
	bool last = p->done == p->size;
	ZSTD_inBuffer in = { p->in, size, 0 };
	size_t left;

	do {
		ZSTD_outBuffer out = { p->out, CHUNK, 0 };
		int ret;

		left = ZSTD_compressStream2(p->ctx, &out, &in,
					    last ? ZSTD_e_end : ZSTD_e_continue);
		if (ZSTD_isError(left))
			return cx_fail(p->err, -EIO,
				       "%s: cannot be compressed: %s", p->name,
				       ZSTD_getErrorName(left));
		ret = cx_write_all(p->out_fd, p->out, out.pos, p->name, p->err);
		if (ret < 0)
			return ret;
		p->packed += out.pos;
	} while (last ? left : in.pos < in.size);
	return 0;
}

static int pack(struct pack *p)
{
	int ret;

	if (!set_up(p->ctx, p->size))
		return cx_fail(p->err, -EINVAL, "%s: zstd cannot be set up",
			       p->name);
	do {
		ssize_t got = read_chunk(p);

		ret = got < 0 ? (int)got : pack_chunk(p, got);
	} while (!ret && p->done < p->size);
	return ret;
}

int cx_zstd_compress(int in_fd, uint64_t offset, uint64_t size, int out_fd,
		     const char *name, uint64_t *packed, struct cx_error *err)
{
	struct pack *p = calloc(1, sizeof(*p));
	int ret;

	if (p)
		*p = (struct pack){
			.ctx = ZSTD_createCCtx(), .in_fd = in_fd,
			.out_fd = out_fd, .offset = offset, .size = size,
			.name = name, .err = err,
		};
	if (!p || !p->ctx)
		ret = cx_fail(err, -ENOMEM, "%s: out of memory", name);
	else
		ret = pack(p);
	*packed = p ? p->packed : 0;
	if (p)
		ZSTD_freeCCtx(p->ctx);
	free(p);
	return ret;
}

/* One decompression under way. */
struct unpack {
	ZSTD_DCtx *ctx;
	char *space;
	int out_fd;
	uint64_t size;		/* must come out */
	uint64_t done;		/* came out */
	bool ended;		/* the frame is complete */
	const char *name;
	struct cx_error *err;
};

static int flush(struct unpack *u, size_t n)
{
	int ret;

	if (n > u->size - u->done)
		return cx_fail(u->err, -EBADMSG,
			       "%s: holds more than the %llu bytes that the seal says",
			       u->name, (unsigned long long)u->size);
	ret = cx_write_all(u->out_fd, u->space, n, u->name, u->err);
	if (!ret)
		u->done += n;
	return ret;
}

static int unpack_piece(struct unpack *u, const void *data, size_t size)
{
	ZSTD_inBuffer in = { data, size, 0 };
	size_t left, out_full;
	int ret;

	do {
		ZSTD_outBuffer out = { u->space, CHUNK, 0 };

		if (u->ended)
			return cx_fail(u->err, -EBADMSG,
				       "%s: has bytes after its zstd frame",
				       u->name);
		left = ZSTD_decompressStream(u->ctx, &out, &in);
		if (ZSTD_isError(left))
			return cx_fail(u->err, -EBADMSG,
				       "%s: is not a sound zstd frame: %s",
				       u->name, ZSTD_getErrorName(left));
		u->ended = !left;
		out_full = out.pos == out.size;
		ret = flush(u, out.pos);
		if (ret < 0)
			return ret;
	} while (in.pos < in.size || (out_full && !u->ended));
	return 0;
}

static int unpack(struct unpack *u, cx_zstd_source source, void *ctx)
{
	const void *data;
	size_t size;
	int ret;

	for (;;) {
		ret = source(ctx, &data, &size, u->err);
		if (ret < 0 || !size)
			break;
		ret = unpack_piece(u, data, size);
		if (ret < 0)
			break;
	}
	if (ret < 0)
		return ret;
	if (!u->ended)
		return cx_fail(u->err, -EBADMSG, "%s: its zstd frame is cut short",
			       u->name);
	if (u->done < u->size)
		return cx_fail(u->err, -EBADMSG,
			       "%s: holds %llu bytes, fewer than the %llu that the seal says",
			       u->name, (unsigned long long)u->done,
			       (unsigned long long)u->size);
	return 0;
}

int cx_zstd_decompress(cx_zstd_source source, void *ctx, int out_fd,
		       uint64_t size, const char *name, struct cx_error *err)
{
	struct unpack u = {
		.ctx = ZSTD_createDCtx(), .space = malloc(CHUNK),
		.out_fd = out_fd, .size = size, .name = name, .err = err,
	};
	int ret;

	if (!u.ctx || !u.space ||
	    ZSTD_isError(ZSTD_DCtx_setParameter(u.ctx, ZSTD_d_windowLogMax,
						WINDOW_LOG_MAX)))
		ret = cx_fail(err, -ENOMEM, "%s: zstd cannot be set up", name);
	else
		ret = unpack(&u, source, ctx);
	ZSTD_freeDCtx(u.ctx);
	free(u.space);
	return ret;
}
