/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The digests that metadata announce of a file. */
#ifndef _CX_TUF_HASHES_H
#define _CX_TUF_HASHES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

#define CX_TUF_SHA256_SIZE 32
#define CX_TUF_SHA512_SIZE 64

/**
 * struct cx_tuf_hashes - what is announced
 * @any: digests are announced, maybe only of kinds that are not known here
 * @has_sha256: @sha256 is set
 * @has_sha512: @sha512 is set
 * @sha256: the SHA-256
 * @sha512: the SHA-512
 */
struct cx_tuf_hashes {
	bool any;
	bool has_sha256;
	bool has_sha512;
	uint8_t sha256[CX_TUF_SHA256_SIZE];
	uint8_t sha512[CX_TUF_SHA512_SIZE];
};

/**
 * cx_tuf_hashes_parse - digests from a "hashes" object
 * @json: the object, or NULL for none
 * @hashes: set on success
 * @err: filled on failure
 *
 * Digests of kinds that are not known are passed over.
 *
 * Return: 0 or -EBADMSG.
 */
int cx_tuf_hashes_parse(const json_t *json, struct cx_tuf_hashes *hashes,
			struct cx_error *err);

/**
 * cx_tuf_hashes_check - do bytes have the digests that were announced
 * @hashes: what was announced; all that are known have to match, and if any are
 *	announced, one has to be known
 * @data: the bytes
 * @size: how many
 * @err: filled on failure
 *
 * Return: 0, -EBADMSG or -ENOMEM.
 */
int cx_tuf_hashes_check(const struct cx_tuf_hashes *hashes, const void *data,
			size_t size, struct cx_error *err);

/**
 * cx_tuf_hashes_check_fd - the same of a file's first bytes
 * @hashes: see cx_tuf_hashes_check()
 * @fd: a regular file, open for reading; its position does not count or move
 * @size: how many bytes
 * @err: filled on failure
 *
 * Return: 0, -EBADMSG, -ENOMEM, or what reading gave.
 */
int cx_tuf_hashes_check_fd(const struct cx_tuf_hashes *hashes, int fd,
			   uint64_t size, struct cx_error *err);

/**
 * cx_tuf_hashes_same - were the same digests announced
 * @a: some
 * @b: others
 */
bool cx_tuf_hashes_same(const struct cx_tuf_hashes *a,
			const struct cx_tuf_hashes *b);

#endif /* _CX_TUF_HASHES_H */
