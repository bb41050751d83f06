/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates, detached CMS signatures and SHA-256. */
#ifndef _CX_CMS_H
#define _CX_CMS_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cryptex/seal.h>

#include "lib/error.h"
#include "lib/file.h"

#define CX_CERT_MAX	16384	/* bytes of a certificate's file */

struct x509_st;
struct cx_cert;

/**
 * cx_cert_load - read a certificate
 * @path: a file with one X.509 certificate, PEM or DER
 * @cert: set on success; the caller frees it
 * @err: filled on failure; -EBADMSG if it is none, with an own sentence for a
 *	private key and for more than one certificate
 */
int cx_cert_load(const char *path, struct cx_cert **cert, struct cx_error *err);

/**
 * cx_cert_from_bytes - the same for a certificate that is in memory
 * @buf: PEM or DER
 * @path: where it comes from
 * @cert: set on success; the caller frees it
 * @err: filled on failure
 */
int cx_cert_from_bytes(const struct cx_buf *buf, const char *path,
		       struct cx_cert **cert, struct cx_error *err);

/**
 * cx_cert_free - free a certificate
 * @cert: may be NULL
 */
void cx_cert_free(struct cx_cert *cert);

/**
 * cx_cert_check_date - is a certificate valid now?
 * @cert: a certificate
 * @now: seconds since 1970 UTC
 * @err: filled on failure; -EKEYEXPIRED: expired, -EAGAIN: not yet valid, and
 *	the sentence asks whether the clock is right
 */
int cx_cert_check_date(const struct cx_cert *cert, time_t now,
		       struct cx_error *err);

/**
 * cx_cert_path - the file that a certificate was read from
 * @cert: a certificate
 */
const char *cx_cert_path(const struct cx_cert *cert);

/**
 * cx_cert_subject - a certificate's subject, one line, for people
 * @cert: a certificate
 */
const char *cx_cert_subject(const struct cx_cert *cert);

/**
 * cx_cert_key_id - a certificate's subject key identifier
 * @cert: a certificate
 *
 * Return: hex digits that belong to @cert, or NULL if it has none.
 */
const char *cx_cert_key_id(const struct cx_cert *cert);

/**
 * cx_cert_der - a certificate as DER
 * @cert: a certificate
 * @der: set on success; the caller frees it with cx_buf_free()
 * @err: filled on failure
 */
int cx_cert_der(const struct cx_cert *cert, struct cx_buf *der,
		struct cx_error *err);

/**
 * cx_cert_x509 - a certificate as OpenSSL knows it
 * @cert: a certificate, which keeps the reference
 */
struct x509_st *cx_cert_x509(const struct cx_cert *cert);

/**
 * struct cx_trust - certificates whose signatures count
 * @certs: @count certificates, owned by this
 * @count: how many
 */
struct cx_trust {
	struct cx_cert **certs;
	size_t count;
};

/**
 * cx_trust_add - add the certificate of a file
 * @trust: grows
 * @path: see cx_cert_load()
 * @err: filled on failure, and then @trust is as it was
 */
int cx_trust_add(struct cx_trust *trust, const char *path,
		 struct cx_error *err);

/**
 * cx_trust_load_dir - add each *.der and *.pem file of a folder
 * @trust: grows
 * @dir: the folder
 * @err: filled on failure
 */
int cx_trust_load_dir(struct cx_trust *trust, const char *dir,
		      struct cx_error *err);

/**
 * cx_trust_free - free the certificates and empty the set
 * @trust: may be empty
 */
void cx_trust_free(struct cx_trust *trust);

/*
 * How a seal is signed, for whoever includes <openssl/cms.h>.  No attributes
 * and no certificates: what is signed is the manifest and nothing else, and
 * with RSA the same manifest gives the same bytes.  The signer is named by key
 * id, which is how the kernel looks it up.  The digest is SHA-256.
 */
#define CX_CMS_FLAGS							\
	(CMS_DETACHED | CMS_BINARY | CMS_NOCERTS | CMS_NOATTR |		\
	 CMS_NOSMIMECAP | CMS_USE_KEYID)

/**
 * cx_cms_verify - check a detached signature
 * @sig: DER
 * @sig_size: bytes of @sig
 * @data: what was signed
 * @data_size: bytes of @data
 * @trust: the signer must be one of these
 * @err: filled on failure; -EBADMSG: no signature at all, or not in the one
 *	encoding that it has, -ENOKEY: the signer is none of @trust,
 *	-EKEYREJECTED: the signature does not match
 *
 * Looks at no date: the kernel does not either, and a seal outlives the
 * certificate of its signer.
 */
int cx_cms_verify(const void *sig, size_t sig_size, const void *data,
		  size_t data_size, const struct cx_trust *trust,
		  struct cx_error *err);

/**
 * cx_cms_signer - the key id that a signature names
 * @sig: DER
 * @sig_size: bytes of @sig
 * @key_id: set to hex digits, NUL-terminated
 * @size: bytes of @key_id, 129 always suffice
 * @err: filled on failure; -EBADMSG: no signature, or without a key id
 */
int cx_cms_signer(const void *sig, size_t sig_size, char *key_id, size_t size,
		  struct cx_error *err);

/**
 * cx_sha256 - SHA-256 of bytes in memory
 * @data: the bytes
 * @size: how many
 * @digest: set
 */
void cx_sha256(const void *data, size_t size,
	       uint8_t digest[CRYPTEX_DIGEST_SIZE]);

#endif /* _CX_CMS_H */
