// SPDX-License-Identifier: LGPL-2.1-or-later
#include "signer.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "key.h"
#include "lib/file.h"

#define PEM_PUBLIC	"-----BEGIN PUBLIC KEY-----"
#define PEM_PRIVATE	"PRIVATE KEY-----"

static bool file_holds(const char *path, const char *text)
{
	struct cx_error ignored;
	struct cx_buf buf;
	bool holds;

	if (cx_read_file(path, KEY_FILE_MAX, &buf, &ignored) < 0)
		return false;
	holds = memmem(buf.data, buf.size, text, strlen(text));
	OPENSSL_cleanse(buf.data, buf.size);
	cx_buf_free(&buf);
	return holds;
}

bool signer_is_private(const char *path)
{
	return file_holds(path, PEM_PRIVATE);
}

int signer_load(const char *source, struct evp_pkey_st **pkey, bool *is_private,
		struct cx_error *err)
{
	*is_private = !strncmp(source, KEY_PKCS11, strlen(KEY_PKCS11)) ||
		      !file_holds(source, PEM_PUBLIC);
	return *is_private ? key_load_any(source, pkey, err)
			   : key_load_public(source, pkey, err);
}

static int write_key(const char *path, EVP_PKEY *pkey, struct cx_error *err)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *data;
	long size;
	int ret;

	if (bio && PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL,
						 NULL)) {
		size = BIO_get_mem_data(bio, &data);
		ret = cx_write_file(path, NULL, data, size, 0600, err);
	} else {
		ret = cx_fail(err, -EIO, "%s: %s", path, key_reason());
	}
	BIO_free(bio);
	return ret;
}

int signer_make(const char *path, struct cx_error *err)
{
	EVP_PKEY *pkey;
	int ret;

	if (!faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW))
		return cx_fail(err, -EEXIST,
			       "%s: is there already and is not overwritten",
			       path);
	pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	ret = pkey ? write_key(path, pkey, err)
		   : cx_fail(err, -EIO, "the key cannot be made: %s",
			     key_reason());
	EVP_PKEY_free(pkey);
	return ret;
}

static bool set_padding(EVP_PKEY_CTX *ctx, enum cx_tuf_scheme scheme)
{
	if (scheme != CX_TUF_RSA_PSS)
		return true;
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) > 0 &&
	       EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) > 0;
}

static unsigned char *make(EVP_PKEY *pkey, enum cx_tuf_scheme scheme,
			   const void *data, size_t size, size_t *sig_size)
{
	const EVP_MD *md = scheme == CX_TUF_ED25519 ? NULL : EVP_sha256();
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char *sig = NULL;
	EVP_PKEY_CTX *key_ctx;

	if (ctx && EVP_DigestSignInit(ctx, &key_ctx, md, NULL, pkey) == 1 &&
	    set_padding(key_ctx, scheme) &&
	    EVP_DigestSign(ctx, NULL, sig_size, data, size) == 1)
		sig = malloc(*sig_size);
	if (sig && EVP_DigestSign(ctx, sig, sig_size, data, size) != 1) {
		free(sig);
		sig = NULL;
	}
	EVP_MD_CTX_free(ctx);
	return sig;
}

int signer_sign(struct evp_pkey_st *pkey, enum cx_tuf_scheme scheme,
		const void *data, size_t size, char **hex, struct cx_error *err)
{
	size_t sig_size = 0;
	unsigned char *sig = make(pkey, scheme, data, size, &sig_size);

	if (!sig)
		return cx_fail(err, -EIO, "the signature cannot be made: %s",
			       key_reason());
	/* A token may be broken: nothing leaves that does not verify. */
	if (!cx_tuf_pubkey_verify(pkey, scheme, data, size, sig, sig_size)) {
		free(sig);
		return cx_fail(err, -EIO,
			       "the signature that the key has made does not verify; is the token sound?");
	}
	*hex = malloc(2 * sig_size + 1);
	if (*hex)
		cx_hex(sig, sig_size, *hex);
	free(sig);
	return *hex ? 0 : cx_fail(err, -ENOMEM, "out of memory");
}
