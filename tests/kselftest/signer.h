/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef _KSFT_SIGNER_H
#define _KSFT_SIGNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum signer_type {
	SIGNER_P256,		/* small signatures, quickly made */
	SIGNER_RSA2048,
};

/**
 * struct blob - bytes from malloc
 * @data: the owner of the struct frees it
 * @size: bytes at @data
 */
struct blob {
	uint8_t *data;
	size_t size;
};

/**
 * struct signer - a key pair and its self-signed certificate
 * @key: EVP_PKEY
 * @cert: X509
 */
struct signer {
	void *key;
	void *cert;
};

/**
 * signer_init - make a key pair and a certificate for it
 * @s: for signer_exit(); the test ends if this fails
 * @type: kind of key
 * @name: the certificate's common name
 */
void signer_init(struct signer *s, enum signer_type type, const char *name);

/**
 * signer_init_issued - make a key pair and a certificate from an authority
 * @s: for signer_exit()
 * @authority: who signs the certificate
 * @name: the certificate's common name
 *
 * Who trusts the authority need not know the certificate: it goes with each
 * signature.
 */
void signer_init_issued(struct signer *s, const struct signer *authority,
			const char *name);

/**
 * signer_exit - free a signer
 * @s: from signer_init()
 */
void signer_exit(struct signer *s);

/**
 * signer_grow - make a signer's certificate larger, by a comment
 * @s: the signer
 * @size: bytes that it shall have in DER, more than it has
 */
void signer_grow(struct signer *s, size_t size);

/**
 * signer_certificate - the certificate in DER
 * @s: the signer
 *
 * Return: the caller frees the data.
 */
struct blob signer_certificate(const struct signer *s);

/**
 * signer_sign - make a detached PKCS#7 signature with SHA-256
 * @s: the signer
 * @data: what is signed
 * @size: bytes at @data
 *
 * Return: DER; the caller frees the data.
 */
struct blob signer_sign(const struct signer *s, const void *data, size_t size);

#define SIGNERS_MAX 3

/**
 * struct style - how a signature differs from that of signer_sign()
 * @signers: who signs, up to the first that is NULL
 * @attributes: what is signed is a set of attributes
 * @certificates: the signers' certificates go with it
 * @attached: so does what is signed
 * @type: OID of what it says that is signed, NULL for plain data
 * @spoiled: the signature of @signers[@spoiled - 1] does not match
 * @rare: that of @signers[@rare - 1] says that it is over a hash by SM3
 */
struct style {
	const struct signer *signers[SIGNERS_MAX];
	bool attributes;
	bool certificates;
	bool attached;
	const char *type;
	int spoiled;
	int rare;
};

/**
 * signer_sign_as - make a PKCS#7 signature of any kind
 * @style: what it is like
 * @data: what is signed
 * @size: bytes at @data
 *
 * Return: DER; the caller frees the data.
 */
struct blob signer_sign_as(const struct style *style, const void *data,
			   size_t size);

/**
 * signer_certificates_only - a PKCS#7 message of certificates, with no signature
 * @s: whose certificate
 *
 * Return: DER; the caller frees the data.
 */
struct blob signer_certificates_only(const struct signer *s);

/**
 * signer_sha256 - a SHA-256 hash
 * @data: of what
 * @size: bytes at @data
 * @hash: set to the 32 bytes
 */
void signer_sha256(const void *data, size_t size, uint8_t *hash);

#endif /* _KSFT_SIGNER_H */
