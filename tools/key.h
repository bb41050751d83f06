/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signing keys. */
#ifndef _KEY_H
#define _KEY_H

#include "lib/error.h"

struct evp_pkey_st;

#define KEY_PKCS11	"pkcs11:"	/* how a token's URI starts */
#define KEY_FILE_MAX	(64 * 1024)	/* bytes */

/**
 * key_load - get a private key that the kernel can check signatures of
 * @source: a PEM file, or a pkcs11: URI
 * @key: set on success; the caller frees it with EVP_PKEY_free()
 * @err: filled on failure: not a key, or one of a kind that the kernel does not
 *	verify
 *
 * Return: 0, -EINVAL (a kind of key that the kernel does not verify), or as
 * key_load_any().
 */
int key_load(const char *source, struct evp_pkey_st **key,
	     struct cx_error *err);

/**
 * key_load_any - get a private key of whatever kind
 * @source: a PEM file, or a pkcs11: URI
 * @key: set on success; the caller frees it with EVP_PKEY_free()
 * @err: filled on failure
 *
 * Return: 0, -EBADMSG (no key in PEM), as key_load_pkcs11(), or what reading gave.
 */
int key_load_any(const char *source, struct evp_pkey_st **key,
		 struct cx_error *err);

/**
 * key_load_public - get a public key of whatever kind
 * @path: a PEM file
 * @key: set on success; the caller frees it with EVP_PKEY_free()
 * @err: filled on failure
 *
 * Return: 0, -EBADMSG (it holds no such key), or what reading gave.
 */
int key_load_public(const char *path, struct evp_pkey_st **key,
		    struct cx_error *err);

/**
 * key_load_pkcs11 - get a private key that stays in its token
 * @uri: a pkcs11: URI; may name the PIN by pin-value or pin-source
 * @key: set on success; the caller frees it with EVP_PKEY_free()
 * @err: filled on failure
 *
 * Return: 0, -ENOPKG (no engine for tokens), or -ENOKEY (no such key).
 */
int key_load_pkcs11(const char *uri, struct evp_pkey_st **key,
		    struct cx_error *err);

/**
 * key_reason - the reason that OpenSSL recorded first; empties its queue
 *
 * Return: a constant.
 */
const char *key_reason(void);

#endif /* _KEY_H */
