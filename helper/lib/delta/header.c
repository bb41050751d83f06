// SPDX-License-Identifier: LGPL-2.1-or-later
/* The beginning of a patch, see Documentation/patch-format.rst. */
#include <errno.h>
#include <string.h>
/* All of it in here: one more library to load would cost more than it works. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "lib/delta/header.h"
#include "lib/delta/image.h"

static const uint8_t magic[2] = { 'C', 'D' };

/* The upper half is the format's version, the lower the method. */
#define VERSION	1

struct cursor {
	const uint8_t *data;
	size_t size;
	size_t at;
};

/* 7 bits a byte, the low ones first; the highest bit says that more follow. */
static size_t put_number(uint8_t *out, uint64_t value)
{
	size_t n = 0;

	for (; value > 127; value >>= 7)
		out[n++] = (uint8_t)(value | 128);
	out[n++] = (uint8_t)value;
	return n;
}

static bool get_number(struct cursor *c, uint64_t *value)
{
	*value = 0;
	for (unsigned int shift = 0; shift < 64 && c->at < c->size; shift += 7) {
		uint8_t byte = c->data[c->at++];

		*value |= (uint64_t)(byte & 127) << shift;
		if (!(byte & 128))
			return shift < 63 || byte < 2;
	}
	return false;
}

static bool get_digest(struct cursor *c, uint8_t *digest)
{
	if (c->size - c->at < CX_DELTA_DIGEST_SIZE)
		return false;
	memcpy(digest, c->data + c->at, CX_DELTA_DIGEST_SIZE);
	c->at += CX_DELTA_DIGEST_SIZE;
	return true;
}

int cx_delta_info(const void *patch, size_t size, struct cx_delta_info *info,
		  struct cx_error *err)
{
	struct cursor c = { .data = patch, .size = size, .at = sizeof(magic) + 1 };
	uint64_t growth;
	uint8_t kind;

	if (size < c.at || memcmp(patch, magic, sizeof(magic)))
		return cx_fail(err, -EBADMSG, "this is no patch");
	kind = c.data[sizeof(magic)];
	if (kind >> 4 != VERSION || (kind & 15) > CX_DELTA_ZSTD)
		return cx_fail(err, -EPROTONOSUPPORT,
			       "this patch has version %u, method %u; a newer program is needed",
			       kind >> 4, kind & 15);
	info->method = kind & 15;
	if (!get_number(&c, &growth) ||
	    !get_digest(&c, info->old_digest) || !get_digest(&c, info->new_digest))
		return cx_fail(err, -EBADMSG, "the patch ends within its header");
	info->growth = (int64_t)(growth >> 1 ^ -(growth & 1));
	info->header_size = c.at;
	return 0;
}

void cx_delta_put_header(struct cx_delta_info *info, uint8_t *out)
{
	size_t n = sizeof(magic);

	memcpy(out, magic, sizeof(magic));
	out[n++] = (uint8_t)(VERSION << 4 | info->method);
	/* Small differences of either sign are small numbers. */
	n += put_number(out + n, (uint64_t)info->growth << 1 ^ (uint64_t)(info->growth >> 63));
	memcpy(out + n, info->old_digest, CX_DELTA_DIGEST_SIZE);
	n += CX_DELTA_DIGEST_SIZE;
	memcpy(out + n, info->new_digest, CX_DELTA_DIGEST_SIZE);
	info->header_size = n + CX_DELTA_DIGEST_SIZE;
}

void cx_delta_digest(const void *data, size_t size, uint8_t *digest)
{
	cx_put(digest, CX_DELTA_DIGEST_SIZE, (uint32_t)XXH64(data, size, 0));
}
