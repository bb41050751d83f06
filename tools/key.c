// SPDX-License-Identifier: LGPL-2.1-or-later
#include "key.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

#include "lib/file.h"

#define MIN_RSA_BITS	2048

const char *key_reason(void)
{
	const char *text = ERR_reason_error_string(ERR_peek_error());

	ERR_clear_error();
	return text ? text : "no reason given";
}

typedef EVP_PKEY *read_fn(BIO *bio, EVP_PKEY **key, pem_password_cb *ask,
			  void *arg);

static int load_pem(const char *path, read_fn *read, const char *kind,
		    EVP_PKEY **key, struct cx_error *err)
{
	struct cx_buf buf;
	BIO *bio;
	int ret;

	*key = NULL;
	ret = cx_read_file(path, KEY_FILE_MAX, &buf, err);
	if (ret < 0)
		return ret;
	bio = BIO_new_mem_buf(buf.data, buf.size);
	*key = bio ? read(bio, NULL, NULL, NULL) : NULL;
	BIO_free(bio);
	OPENSSL_cleanse(buf.data, buf.size);
	cx_buf_free(&buf);
	if (*key)
		return 0;
	return cx_fail(err, -EBADMSG, "%s: holds no usable %s key in PEM: %s",
		       path, kind, key_reason());
}

int key_load_public(const char *path, EVP_PKEY **key, struct cx_error *err)
{
	return load_pem(path, PEM_read_bio_PUBKEY, "public", key, err);
}

static int check_ec(const EVP_PKEY *key, const char *source,
		    struct cx_error *err)
{
	char group[64] = "";

	EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group,
				       sizeof(group), NULL);
	if (!strcmp(group, "prime256v1") || !strcmp(group, "P-256") ||
	    !strcmp(group, "secp384r1") || !strcmp(group, "P-384"))
		return 0;
	return cx_fail(err, -EINVAL,
		       "%s: is an elliptic curve key on %s; the kernel verifies P-256 and P-384 only",
		       source, *group ? group : "an unnamed curve");
}

/* What verify_pkcs7_signature() takes, and no weaker than is usual today. */
static int check_kind(const EVP_PKEY *key, const char *source,
		      struct cx_error *err)
{
	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_RSA:
		if (EVP_PKEY_get_bits(key) >= MIN_RSA_BITS)
			return 0;
		return cx_fail(err, -EINVAL,
			       "%s: is an RSA key of %d bits; at least %d are needed",
			       source, EVP_PKEY_get_bits(key), MIN_RSA_BITS);
	case EVP_PKEY_EC:
		return check_ec(key, source, err);
	default:
		return cx_fail(err, -EINVAL,
			       "%s: is a key of a kind (%s) that the kernel does not verify; use RSA or ECDSA",
			       source, EVP_PKEY_get0_type_name(key) ?: "unknown");
	}
}

int key_load_any(const char *source, EVP_PKEY **key, struct cx_error *err)
{
	*key = NULL;
	if (!strncmp(source, KEY_PKCS11, strlen(KEY_PKCS11)))
		return key_load_pkcs11(source, key, err);
	return load_pem(source, PEM_read_bio_PrivateKey, "private", key, err);
}

int key_load(const char *source, EVP_PKEY **key, struct cx_error *err)
{
	int ret = key_load_any(source, key, err);

	if (!ret)
		ret = check_kind(*key, source, err);
	if (ret < 0) {
		EVP_PKEY_free(*key);
		*key = NULL;
	}
	return ret;
}
