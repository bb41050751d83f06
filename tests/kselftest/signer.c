// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Keys, certificates and signatures: the one file that speaks to OpenSSL.
 */
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "report.h"
#include "signer.h"

/* What the kernel's parser wants: no attributes, the key named by its id. */
#define CMS_FLAGS (CMS_DETACHED | CMS_BINARY | CMS_NOCERTS | CMS_NOATTR | \
		   CMS_NOSMIMECAP | CMS_USE_KEYID)

#define need(what)							\
	do {								\
		if (!(what))						\
			die("OpenSSL: %s: %s", #what,			\
			    ERR_reason_error_string(ERR_peek_last_error())); \
	} while (0)

static void add_extension(X509 *cert, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;

	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, cert, cert, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	need(extension);
	need(X509_add_ext(cert, extension, -1));
	X509_EXTENSION_free(extension);
}

static X509 *make_cert(EVP_PKEY *key, const char *name)
{
	X509 *cert = X509_new();
	X509_NAME *subject;

	need(cert);
	need(X509_set_version(cert, X509_VERSION_3));
	need(ASN1_INTEGER_set(X509_get_serialNumber(cert), 1));
	need(X509_gmtime_adj(X509_getm_notBefore(cert), -3600));
	need(X509_gmtime_adj(X509_getm_notAfter(cert), 24 * 3600));
	need(X509_set_pubkey(cert, key));
	subject = X509_get_subject_name(cert);
	need(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
					(const unsigned char *)name, -1, -1, 0));
	need(X509_set_issuer_name(cert, subject));
	add_extension(cert, NID_basic_constraints, "critical,CA:FALSE");
	add_extension(cert, NID_key_usage, "digitalSignature");
	add_extension(cert, NID_subject_key_identifier, "hash");
	need(X509_sign(cert, key, EVP_sha256()));
	return cert;
}

void signer_init(struct signer *s, enum signer_type type, const char *name)
{
	s->key = type == SIGNER_P256 ? EVP_EC_gen("P-256") :
				       EVP_RSA_gen(2048);
	need(s->key);
	s->cert = make_cert(s->key, name);
}

void signer_exit(struct signer *s)
{
	X509_free(s->cert);
	EVP_PKEY_free(s->key);
}

struct blob signer_certificate(const struct signer *s)
{
	struct blob der = {};
	int size = i2d_X509(s->cert, &der.data);

	need(size > 0);
	der.size = size;
	return der;
}

struct blob signer_sign(const struct signer *s, const void *data, size_t size)
{
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL,
					CMS_FLAGS | CMS_PARTIAL);
	BIO *bio = BIO_new_mem_buf(data, size);
	struct blob der = {};
	int length;

	need(cms && bio);
	need(CMS_add1_signer(cms, s->cert, s->key, EVP_sha256(), CMS_FLAGS));
	need(CMS_final(cms, bio, NULL, CMS_FLAGS));
	length = i2d_CMS_ContentInfo(cms, &der.data);
	need(length > 0);
	der.size = length;
	BIO_free(bio);
	CMS_ContentInfo_free(cms);
	return der;
}

void signer_sha256(const void *data, size_t size, uint8_t *hash)
{
	need(EVP_Digest(data, size, hash, NULL, EVP_sha256(), NULL));
}
