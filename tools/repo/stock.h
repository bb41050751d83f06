/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Contents of objects that a repository has, unpacked and measured, once each. */
#ifndef _REPO_STOCK_H
#define _REPO_STOCK_H

#include <stddef.h>

#include "contents.h"
#include "lib/error.h"
#include "publication.h"
#include "spool.h"

/**
 * struct stocked - one object
 * @digest: its name
 * @blob: its content in the spool
 * @packed: bytes of its zstd frame
 */
struct stocked {
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	struct blob blob;
	uint64_t packed;
};

/**
 * struct stock - objects that have been unpacked
 * @pub: where they are
 * @spool: holds the contents
 * @list: @count of them, sorted by digest, on the heap
 * @count: how many
 */
struct stock {
	const struct publication *pub;
	struct spool spool;
	struct stocked *list;
	size_t count;
};

/**
 * stock_open - begin with nothing
 * @stock: set on success; end it with stock_close()
 * @pub: of the repository; must outlive it
 * @err: filled on failure
 *
 * Return: 0, or why there is no room for contents.
 */
int stock_open(struct stock *stock, const struct publication *pub,
	       struct cx_error *err);

/**
 * stock_object - unpack and measure an object
 * @stock: grows
 * @object: which
 * @found: set to what belongs to @stock, until the next call; may be NULL
 * @err: filled on failure; -ENOENT: there is none, -EBADMSG: it is damaged
 *
 * Return: 0, -ENOENT, -EBADMSG, -ENOMEM, or what reading and writing gave.
 */
int stock_object(struct stock *stock, const struct cx_object *object,
		 const struct stocked **found, struct cx_error *err);

/**
 * stock_find - an object that has been unpacked
 * @stock: the objects
 * @digest: which
 *
 * Return: that, until stock_object() is called; or NULL.
 */
const struct stocked *stock_find(const struct stock *stock,
				 const uint8_t digest[CRYPTEX_DIGEST_SIZE]);

/**
 * stock_fill - unpack all objects of a generation
 * @stock: grows
 * @contents: from contents_begin(); its objects become present
 * @err: filled on failure
 *
 * Return: 0, or as stock_object().
 */
int stock_fill(struct stock *stock, struct contents *contents,
	       struct cx_error *err);

/**
 * stock_close - free all
 * @stock: open
 */
void stock_close(struct stock *stock);

#endif /* _REPO_STOCK_H */
