// SPDX-License-Identifier: LGPL-2.1-or-later
#include "signature.h"

#include <errno.h>
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "key.h"

static int check_cert(const struct cx_cert *cert, const char *path,
		      EVP_PKEY *key, struct cx_error *err)
{
	X509 *x509 = cx_cert_x509(cert);

	if (!cx_cert_key_id(cert))
		return cx_fail(err, -EINVAL,
			       "%s: the certificate has no subjectKeyIdentifier, by which the kernel finds the key; `cryptex-publish keygen` makes one that has",
			       path);
	if (X509_check_private_key(x509, key) != 1) {
		ERR_clear_error();
		return cx_fail(err, -EINVAL,
			       "%s: the certificate is not that of the key",
			       path);
	}
	if (X509_get_extension_flags(x509) & EXFLAG_KUSAGE &&
	    !(X509_get_key_usage(x509) & KU_DIGITAL_SIGNATURE))
		return cx_fail(err, -EINVAL,
			       "%s: the certificate's key usage does not allow signatures",
			       path);
	return cx_cert_check_date(cert, time(NULL), err);
}

/* Signs with SHA-256: CMS_sign() would take the key type's default digest. */
static CMS_ContentInfo *sign(EVP_PKEY *key, const struct cx_cert *cert,
			     BIO *bio)
{
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL,
					CX_CMS_FLAGS | CMS_PARTIAL);

	if (cms && CMS_add1_signer(cms, cx_cert_x509(cert), key, EVP_sha256(),
				   CX_CMS_FLAGS) &&
	    CMS_final(cms, bio, NULL, CX_CMS_FLAGS))
		return cms;
	CMS_ContentInfo_free(cms);
	return NULL;
}

static int to_der(CMS_ContentInfo *cms, struct cx_buf *der,
		  struct cx_error *err)
{
	int size = i2d_CMS_ContentInfo(cms, NULL);
	unsigned char *next;

	*der = (struct cx_buf){ 0 };
	if (size > 0)
		der->data = calloc(1, size + 1);
	if (!der->data)
		return cx_fail(err, -ENOMEM, "the signature: out of memory");
	next = der->data;
	der->size = i2d_CMS_ContentInfo(cms, &next);
	return 0;
}

static int sign_with(EVP_PKEY *key, struct cx_cert *cert, const void *data,
		     size_t size, struct cx_buf *signature,
		     struct cx_error *err)
{
	struct cx_trust trust = { .certs = &cert, .count = 1 };
	BIO *bio = size <= INT_MAX ? BIO_new_mem_buf(data, size) : NULL;
	CMS_ContentInfo *cms = bio ? sign(key, cert, bio) : NULL;
	int ret;

	if (cms)
		ret = to_der(cms, signature, err);
	else
		ret = cx_fail(err, -EIO, "the signature cannot be made: %s",
			      key_reason());
	CMS_ContentInfo_free(cms);
	BIO_free(bio);
	if (ret < 0)
		return ret;
	/* A token may be broken: nothing leaves that does not verify. */
	ret = cx_cms_verify(signature->data, signature->size, data, size,
			    &trust, err);
	if (ret < 0)
		cx_buf_free(signature);
	return ret < 0 ? cx_prefix(err, ret, "the new signature") : 0;
}

int signature_make(const char *key, const char *cert, const void *data,
		   size_t size, struct cx_buf *signature, struct cx_error *err)
{
	struct cx_cert *loaded;
	EVP_PKEY *pkey;
	int ret = cx_cert_load(cert, &loaded, err);

	if (ret < 0)
		return ret;
	ret = key_load(key, &pkey, err);
	if (!ret)
		ret = check_cert(loaded, cert, pkey, err);
	if (!ret)
		ret = sign_with(pkey, loaded, data, size, signature, err);
	EVP_PKEY_free(pkey);
	cx_cert_free(loaded);
	return ret;
}

int signature_append(const char *key, const char *cert, const void *data,
		     size_t size, struct cx_buf *file, struct cx_error *err)
{
	struct cx_buf signature;
	size_t sum_at;
	int ret = signature_make(key, cert, data, size, &signature, err);

	*file = (struct cx_buf){ 0 };
	if (ret < 0)
		return ret;
	sum_at = size + signature.size;
	file->data = calloc(1, sum_at + CRYPTEX_CHECKSUM_SIZE + 1);
	if (file->data) {
		file->size = sum_at + CRYPTEX_CHECKSUM_SIZE;
		memcpy(file->data, data, size);
		memcpy((char *)file->data + size, signature.data,
		       signature.size);
		cx_sha256(file->data, sum_at, (uint8_t *)file->data + sum_at);
	}
	cx_buf_free(&signature);
	return file->data ? 0 : cx_fail(err, -ENOMEM, "out of memory");
}
