/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A revocation list as it grows, and its one encoding. */
#ifndef _DENIAL_H
#define _DENIAL_H

#include <stddef.h>
#include <stdint.h>

#include <cryptex/revocation.h>

#include "lib/error.h"
#include "lib/file.h"

/**
 * struct pile - byte strings, each one owned
 * @list: in the order of adding
 * @count: how many
 */
struct pile {
	struct cx_buf *list;
	size_t count;
};

/**
 * struct denial - what a list revokes; all zero when empty
 * @number: of the list
 * @issued: seconds since 1970 UTC
 * @seals: digests of manifests
 * @floors: struct cryptex_revocation_floor, one for a name
 * @certificates: X.509, DER
 */
struct denial {
	uint64_t number;
	uint64_t issued;
	struct pile seals;
	struct pile floors;
	struct pile certificates;
};

/**
 * denial_add_seal - revoke a seal
 * @denial: grows, unless it has the seal
 * @digest: of its manifest
 * @err: filled on failure
 *
 * Return: 0 or -ENOMEM.
 */
int denial_add_seal(struct denial *denial,
		    const uint8_t digest[CRYPTEX_DIGEST_SIZE],
		    struct cx_error *err);

/**
 * denial_add_floor - set the floor of a cryptex
 * @denial: grows, or the floor rises
 * @name: the cryptex; a good name
 * @security_epoch: at least 1
 * @err: filled on failure: -EINVAL for a floor below the one that is there
 *
 * Return: 0, -EINVAL (a higher floor is there) or -ENOMEM.
 */
int denial_add_floor(struct denial *denial, const char *name,
		     uint32_t security_epoch, struct cx_error *err);

/**
 * denial_add_certificate - revoke a certificate's key
 * @denial: grows, unless it has the certificate
 * @der: the certificate
 * @size: bytes of @der
 * @err: filled on failure
 *
 * Return: 0 or -ENOMEM.
 */
int denial_add_certificate(struct denial *denial, const void *der, size_t size,
			   struct cx_error *err);

/**
 * denial_load_certificate - the same for a certificate in a file
 * @denial: grows, unless it has the certificate
 * @path: the file
 * @err: filled on failure
 *
 * Return: 0, -ENOMEM, or what reading gave.
 */
int denial_load_certificate(struct denial *denial, const char *path,
			    struct cx_error *err);

/**
 * denial_add_list - take over all that a list revokes
 * @denial: empty, so that no floor can be in the way
 * @list: parsed
 * @err: filled on failure
 *
 * Return: as denial_add_floor().
 */
int denial_add_list(struct denial *denial,
		    const struct cryptex_revocation *list,
		    struct cx_error *err);

/**
 * denial_has_certificate - is this certificate's key revoked?
 * @denial: the list
 * @der: the certificate
 * @size: bytes of @der
 */
bool denial_has_certificate(const struct denial *denial, const void *der,
			    size_t size);

/**
 * denial_is_empty - is nothing revoked?
 * @denial: the list
 */
bool denial_is_empty(const struct denial *denial);

/**
 * denial_write - the signed part of the list
 * @denial: is put into order
 * @data: set on success; the caller frees it with cx_buf_free()
 * @err: filled on failure; limits are left to the parser
 *
 * Return: 0 or -ENOMEM.
 */
int denial_write(struct denial *denial, struct cx_buf *data,
		 struct cx_error *err);

/**
 * denial_sign - the list, as machines take it
 * @denial: is put into order
 * @key: see key_load()
 * @cert: path of the key's certificate
 * @file: set on success; the caller frees it with cx_buf_free()
 * @err: filled on failure, also if it would revoke the key that signs it
 *
 * Return: 0, -EINVAL (it would revoke its own signer), as signature_append(), or what
 * the parser says of it.
 */
int denial_sign(struct denial *denial, const char *key, const char *cert,
		struct cx_buf *file, struct cx_error *err);

/**
 * denial_free - free all and empty it
 * @denial: may be all zero
 */
void denial_free(struct denial *denial);

#endif /* _DENIAL_H */
