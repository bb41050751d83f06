/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One key of a role, and its signatures. */
#ifndef _REPO_SIGNER_H
#define _REPO_SIGNER_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"
#include "lib/tuf/pubkey.h"

/**
 * signer_load - get a key of a role
 * @source: a PEM file with a private or a public key, or a pkcs11: URI
 * @pkey: set on success; the caller frees it with cx_tuf_pubkey_free()
 * @is_private: set: whether it can sign
 * @err: filled on failure
 *
 * Return: 0, -EBADMSG (no key in PEM), -ENOKEY (the token has no such key), -ENOPKG (no
 * engine for tokens), or what reading gave.
 */
int signer_load(const char *source, struct evp_pkey_st **pkey, bool *is_private,
		struct cx_error *err);

/**
 * signer_is_private - does a PEM file hold a private key?
 * @path: the file
 *
 * Return: false also for what cannot be read.
 */
bool signer_is_private(const char *path);

/**
 * signer_make - make an Ed25519 key
 * @path: where to write it, in PEM; nothing may be there
 * @err: filled on failure
 *
 * Return: 0, -EEXIST, -EIO (OpenSSL makes none), or what writing gave.
 */
int signer_make(const char *path, struct cx_error *err);

/**
 * signer_sign - sign as TUF metadata wants it
 * @pkey: a private key
 * @scheme: what it signs with
 * @data: what to sign
 * @size: bytes of @data
 * @hex: set on success; the caller frees it with free()
 * @err: filled on failure
 *
 * The signature has been verified.
 *
 * Return: 0, -EIO (no signature, or a wrong one), or -ENOMEM.
 */
int signer_sign(struct evp_pkey_st *pkey, enum cx_tuf_scheme scheme,
		const void *data, size_t size, char **hex,
		struct cx_error *err);

#endif /* _REPO_SIGNER_H */
