/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Public keys and signatures of TUF metadata: all of OpenSSL that TUF needs. */
#ifndef _CX_TUF_PUBKEY_H
#define _CX_TUF_PUBKEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/* OpenSSL's name for it, so that this header does not need OpenSSL's. */
struct evp_pkey_st;

/**
 * enum cx_tuf_scheme - how a key signs
 * @CX_TUF_ED25519: Ed25519
 * @CX_TUF_ECDSA: ECDSA over NIST P-256 with SHA-256, the signature in DER
 * @CX_TUF_RSA_PSS: RSASSA-PSS, SHA-256 and MGF1 with SHA-256, any length of salt
 * @CX_TUF_RSA_PKCS1: RSASSA-PKCS1-v1_5 with SHA-256
 */
enum cx_tuf_scheme {
	CX_TUF_ED25519,
	CX_TUF_ECDSA,
	CX_TUF_RSA_PSS,
	CX_TUF_RSA_PKCS1,
};

/**
 * enum cx_tuf_hash - digests that metadata may name
 * @CX_TUF_SHA256: SHA-256, of 32 bytes
 * @CX_TUF_SHA512: SHA-512, of 64 bytes
 */
enum cx_tuf_hash {
	CX_TUF_SHA256,
	CX_TUF_SHA512,
};

#define CX_TUF_DIGEST_MAX 64

/**
 * cx_tuf_pubkey_read - a public key from its text in metadata
 * @scheme: what it signs with; the key has to fit
 * @text: 64 hex digits for Ed25519, otherwise PEM ("PUBLIC KEY")
 * @pkey: set on success; the caller frees it with cx_tuf_pubkey_free()
 * @err: filled on failure
 *
 * Return: 0, -EBADMSG (no key, another kind of key, RSA under 2048 or above 8192
 * bits) or -ENOMEM.
 */
int cx_tuf_pubkey_read(enum cx_tuf_scheme scheme, const char *text,
		       struct evp_pkey_st **pkey, struct cx_error *err);

/**
 * cx_tuf_pubkey_write - a public key as text of metadata
 * @pkey: a key, which may be a private one: only its public part is written
 * @scheme: what it signs with; the key has to fit
 * @text: set on success; the caller frees it with free()
 * @err: filled on failure
 *
 * Return: 0, -EINVAL (another kind of key) or -ENOMEM.
 */
int cx_tuf_pubkey_write(struct evp_pkey_st *pkey, enum cx_tuf_scheme scheme,
			char **text, struct cx_error *err);

/**
 * cx_tuf_pubkey_scheme - what a key signs with if nothing else is said
 * @pkey: a key
 * @scheme: set on success; RSA keys sign with RSASSA-PSS
 * @err: filled on failure
 *
 * Return: 0 or -EINVAL (a kind of key that TUF metadata cannot hold).
 */
int cx_tuf_pubkey_scheme(struct evp_pkey_st *pkey, enum cx_tuf_scheme *scheme,
			 struct cx_error *err);

/**
 * cx_tuf_pubkey_same - are two keys one
 * @a: a key
 * @b: a key
 */
bool cx_tuf_pubkey_same(struct evp_pkey_st *a, struct evp_pkey_st *b);

/**
 * cx_tuf_pubkey_verify - check a signature
 * @pkey: from cx_tuf_pubkey_read()
 * @scheme: the same as there
 * @data: what was signed
 * @size: bytes of @data
 * @sig: the signature
 * @sig_size: bytes of @sig
 *
 * Return: whether @sig is @pkey's signature of @data.
 */
bool cx_tuf_pubkey_verify(struct evp_pkey_st *pkey, enum cx_tuf_scheme scheme,
			  const void *data, size_t size, const void *sig,
			  size_t sig_size);

/**
 * cx_tuf_pubkey_free - let go of a key
 * @pkey: may be NULL
 */
void cx_tuf_pubkey_free(struct evp_pkey_st *pkey);

/**
 * cx_tuf_digest - the digest of bytes
 * @hash: which
 * @data: the bytes
 * @size: how many
 * @digest: CX_TUF_DIGEST_MAX bytes of room
 *
 * Return: bytes of the digest, or 0 if there is no memory.
 */
size_t cx_tuf_digest(enum cx_tuf_hash hash, const void *data, size_t size,
		     uint8_t *digest);

/**
 * cx_tuf_digest_fd - the digest of a file's first bytes
 * @hash: which
 * @fd: a regular file, open for reading; its position does not count or move
 * @size: how many bytes; there must be as many
 * @digest: CX_TUF_DIGEST_MAX bytes of room
 * @err: filled on failure
 *
 * Return: bytes of the digest, or a negative errno.
 */
int cx_tuf_digest_fd(enum cx_tuf_hash hash, int fd, uint64_t size,
		     uint8_t *digest, struct cx_error *err);

#endif /* _CX_TUF_PUBKEY_H */
