// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "layout.h"
#include "lib/verity.h"
#include "lib/zstd.h"

/* A file that is being unpacked. */
struct source {
	int fd;
	uint64_t size;
	char chunk[64 * 1024];
};

static int read_some(void *ctx, const void **data, size_t *size,
		     struct cx_error *err)
{
	struct source *source = ctx;
	ssize_t n;

	do
		n = read(source->fd, source->chunk, sizeof(source->chunk));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return cx_fail(err, -errno, "cannot be read: %s",
			       strerror(errno));
	*data = source->chunk;
	*size = n;
	source->size += n;
	return 0;
}

/* Return: where the digest is, or where it belongs. */
static size_t find(const struct stock *stock,
		   const uint8_t digest[CRYPTEX_DIGEST_SIZE])
{
	size_t low = 0, high = stock->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(stock->list[middle].digest, digest,
			   CRYPTEX_DIGEST_SIZE) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct stocked *stock_find(const struct stock *stock,
				 const uint8_t digest[CRYPTEX_DIGEST_SIZE])
{
	size_t at = find(stock, digest);

	if (at == stock->count ||
	    memcmp(stock->list[at].digest, digest, CRYPTEX_DIGEST_SIZE))
		return NULL;
	return &stock->list[at];
}

int stock_open(struct stock *stock, const struct publication *pub,
	       struct cx_error *err)
{
	*stock = (struct stock){ .pub = pub };
	return spool_open(&stock->spool, err);
}

static int measure(struct stock *stock, const struct cx_object *object,
		   const struct blob *blob, const char *path,
		   struct cx_error *err)
{
	uint8_t actual[CRYPTEX_DIGEST_SIZE];
	char hex[HEX_SIZE];
	int ret = cx_verity_compute(stock->spool.fd, blob->offset, blob->size,
				    path, actual, err);

	if (ret < 0 || !memcmp(actual, object->digest, sizeof(actual)))
		return ret;
	return cx_fail(err, -EBADMSG,
		       "%s: is not what its name says: its digest is %s", path,
		       cx_hex(actual, sizeof(actual), hex));
}

static int unpack(struct stock *stock, const struct cx_object *object, int fd,
		  const char *path, struct stocked *made, struct cx_error *err)
{
	struct source *source = malloc(sizeof(*source));
	int ret;

	if (!source)
		return cx_fail(err, -ENOMEM, "out of memory");
	source->fd = fd;
	source->size = 0;
	ret = spool_begin(&stock->spool, &made->blob, err);
	if (!ret)
		ret = cx_zstd_decompress(read_some, source, stock->spool.fd,
					 object->size, path, err);
	if (!ret) {
		spool_finish(&stock->spool, &made->blob);
		made->packed = source->size;
		ret = measure(stock, object, &made->blob, path, err);
	}
	free(source);
	return ret;
}

static int insert(struct stock *stock, const struct stocked *made,
		  struct cx_error *err)
{
	size_t at = find(stock, made->digest);
	struct stocked *list = reallocarray(stock->list, stock->count + 1,
					    sizeof(*list));

	if (!list)
		return cx_fail(err, -ENOMEM, "out of memory");
	stock->list = list;
	memmove(&list[at + 1], &list[at], (stock->count - at) * sizeof(*list));
	list[at] = *made;
	stock->count++;
	return 0;
}

int stock_object(struct stock *stock, const struct cx_object *object,
		 const struct stocked **found, struct cx_error *err)
{
	struct place place = place_object(object->digest);
	struct stocked made;
	int fd, ret = 0;

	if (!stock_find(stock, object->digest)) {
		fd = publication_open(stock->pub, place.path, err);
		if (fd < 0)
			return fd;
		memcpy(made.digest, object->digest, sizeof(made.digest));
		ret = unpack(stock, object, fd, place.path, &made, err);
		close(fd);
		if (!ret)
			ret = insert(stock, &made, err);
	}
	if (!ret && found)
		*found = stock_find(stock, object->digest);
	return ret;
}

int stock_fill(struct stock *stock, struct contents *contents,
	       struct cx_error *err)
{
	const struct stocked *found;
	size_t i;
	int ret;

	for (i = 0; i < contents->count; i++) {
		ret = stock_object(stock, &contents->objects[i], &found, err);
		if (ret < 0)
			return ret;
		contents->blobs[i] = found->blob;
		contents->present[i] = true;
	}
	return 0;
}

void stock_close(struct stock *stock)
{
	spool_close(&stock->spool);
	free(stock->list);
	stock->list = NULL;
}
