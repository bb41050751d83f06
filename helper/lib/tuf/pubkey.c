// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/tuf/pubkey.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"

#define ED25519_SIZE 32
#define RSA_BITS_MIN 2048
/* Larger keys only cost time. */
#define RSA_BITS_MAX 8192

static bool is_p256(EVP_PKEY *pkey)
{
	char name[64] = "";

	return EVP_PKEY_get_base_id(pkey) == EVP_PKEY_EC &&
	       EVP_PKEY_get_group_name(pkey, name, sizeof(name), NULL) == 1 &&
	       (!strcmp(name, "prime256v1") || !strcmp(name, "P-256"));
}

static bool is_rsa(EVP_PKEY *pkey)
{
	int bits = EVP_PKEY_get_bits(pkey);

	return EVP_PKEY_get_base_id(pkey) == EVP_PKEY_RSA &&
	       bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX;
}

static bool fits(EVP_PKEY *pkey, enum cx_tuf_scheme scheme)
{
	switch (scheme) {
	case CX_TUF_ED25519:
		return EVP_PKEY_get_base_id(pkey) == EVP_PKEY_ED25519;
	case CX_TUF_ECDSA:
		return is_p256(pkey);
	case CX_TUF_RSA_PSS:
	case CX_TUF_RSA_PKCS1:
		return is_rsa(pkey);
	}
	return false;
}

static const char *wanted(enum cx_tuf_scheme scheme)
{
	switch (scheme) {
	case CX_TUF_ED25519:
		return "an Ed25519 key";
	case CX_TUF_ECDSA:
		return "an ECDSA key on the curve P-256";
	default:
		return "an RSA key of 2048 to 8192 bits";
	}
}

static EVP_PKEY *read_ed25519(const char *hex)
{
	uint8_t raw[ED25519_SIZE];

	if (!cx_unhex(hex, raw, sizeof(raw)))
		return NULL;
	return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, raw,
					   sizeof(raw));
}

static EVP_PKEY *read_pem(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *pkey = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL)
			     : NULL;

	BIO_free(bio);
	return pkey;
}

int cx_tuf_pubkey_read(enum cx_tuf_scheme scheme, const char *text,
		       struct evp_pkey_st **pkey, struct cx_error *err)
{
	EVP_PKEY *key = scheme == CX_TUF_ED25519 ? read_ed25519(text)
						 : read_pem(text);

	ERR_clear_error();
	if (key && fits(key, scheme)) {
		*pkey = key;
		return 0;
	}
	EVP_PKEY_free(key);
	return cx_fail(err, -EBADMSG, "the public key is not %s",
		       wanted(scheme));
}

static char *write_ed25519(EVP_PKEY *pkey)
{
	uint8_t raw[ED25519_SIZE];
	size_t size = sizeof(raw);
	char *hex = malloc(2 * sizeof(raw) + 1);

	if (hex && EVP_PKEY_get_raw_public_key(pkey, raw, &size) == 1)
		return cx_hex(raw, size, hex);
	free(hex);
	return NULL;
}

static char *write_pem(EVP_PKEY *pkey)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data, *text = NULL;
	long size;

	if (bio && PEM_write_bio_PUBKEY(bio, pkey) == 1) {
		size = BIO_get_mem_data(bio, &data);
		text = strndup(data, size);
	}
	BIO_free(bio);
	return text;
}

int cx_tuf_pubkey_write(struct evp_pkey_st *pkey, enum cx_tuf_scheme scheme,
			char **text, struct cx_error *err)
{
	if (!fits(pkey, scheme))
		return cx_fail(err, -EINVAL, "the key is not %s",
			       wanted(scheme));
	*text = scheme == CX_TUF_ED25519 ? write_ed25519(pkey)
					 : write_pem(pkey);
	ERR_clear_error();
	return *text ? 0 : cx_fail(err, -ENOMEM, "out of memory");
}

int cx_tuf_pubkey_scheme(struct evp_pkey_st *pkey, enum cx_tuf_scheme *scheme,
			 struct cx_error *err)
{
	static const enum cx_tuf_scheme schemes[] = {
		CX_TUF_ED25519, CX_TUF_ECDSA, CX_TUF_RSA_PSS,
	};
	size_t i;

	for (i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		if (fits(pkey, schemes[i])) {
			*scheme = schemes[i];
			return 0;
		}
	}
	return cx_fail(err, -EINVAL,
		       "the key is neither Ed25519, nor ECDSA on the curve P-256, nor RSA of 2048 to 8192 bits");
}

bool cx_tuf_pubkey_same(struct evp_pkey_st *a, struct evp_pkey_st *b)
{
	bool same = EVP_PKEY_eq(a, b) == 1;

	ERR_clear_error();
	return same;
}

static bool set_padding(EVP_PKEY_CTX *ctx, enum cx_tuf_scheme scheme)
{
	switch (scheme) {
	case CX_TUF_RSA_PSS:
		return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0 &&
		       EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_AUTO) > 0 &&
		       EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) > 0;
	case CX_TUF_RSA_PKCS1:
		return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0;
	default:
		return true;
	}
}

bool cx_tuf_pubkey_verify(struct evp_pkey_st *pkey, enum cx_tuf_scheme scheme,
			  const void *data, size_t size, const void *sig,
			  size_t sig_size)
{
	const EVP_MD *md = scheme == CX_TUF_ED25519 ? NULL : EVP_sha256();
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *key_ctx;
	bool ok;

	ok = ctx &&
	     EVP_DigestVerifyInit(ctx, &key_ctx, md, NULL, pkey) == 1 &&
	     set_padding(key_ctx, scheme) &&
	     EVP_DigestVerify(ctx, sig, sig_size, data, size) == 1;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return ok;
}

void cx_tuf_pubkey_free(struct evp_pkey_st *pkey)
{
	EVP_PKEY_free(pkey);
}

static const EVP_MD *md_of(enum cx_tuf_hash hash)
{
	return hash == CX_TUF_SHA512 ? EVP_sha512() : EVP_sha256();
}

size_t cx_tuf_digest(enum cx_tuf_hash hash, const void *data, size_t size,
		     uint8_t *digest)
{
	unsigned int n = 0;

	return EVP_Digest(data, size, digest, &n, md_of(hash), NULL) == 1 ? n
									  : 0;
}

static int digest_rest(EVP_MD_CTX *ctx, int fd, uint64_t size,
		       struct cx_error *err)
{
	char chunk[32768];
	uint64_t at = 0;

	while (at < size) {
		size_t want = size - at < sizeof(chunk) ? size - at
							: sizeof(chunk);
		ssize_t n = pread(fd, chunk, want, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return cx_fail(err, -errno, "cannot be read: %s",
				       strerror(errno));
		if (!n)
			return cx_fail(err, -EIO,
				       "is shorter than it has to be");
		if (EVP_DigestUpdate(ctx, chunk, n) != 1)
			return cx_fail(err, -ENOMEM, "out of memory");
		at += n;
	}
	return 0;
}

int cx_tuf_digest_fd(enum cx_tuf_hash hash, int fd, uint64_t size,
		     uint8_t *digest, struct cx_error *err)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned int n = 0;
	int ret = 0;

	if (!ctx || EVP_DigestInit_ex(ctx, md_of(hash), NULL) != 1)
		ret = cx_fail(err, -ENOMEM, "out of memory");
	if (!ret)
		ret = digest_rest(ctx, fd, size, err);
	if (!ret && EVP_DigestFinal_ex(ctx, digest, &n) != 1)
		ret = cx_fail(err, -ENOMEM, "out of memory");
	EVP_MD_CTX_free(ctx);
	return ret < 0 ? ret : (int)n;
}
