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

#define need(what)							\
	do {								\
		if (!(what))						\
			die("OpenSSL: %s: %s", #what,			\
			    ERR_reason_error_string(ERR_peek_last_error())); \
	} while (0)

static void add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;

	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	need(extension);
	need(X509_add_ext(cert, extension, -1));
	X509_EXTENSION_free(extension);
}

/*
 * A key is found by its issuer and number, and each test that runs while the
 * module is loaded leaves some behind.
 */
static long next_number(void)
{
	static long number;

	return getpid() * 1000L + ++number;
}

static X509 *make_cert(EVP_PKEY *key, const char *name,
		       const struct signer *authority)
{
	X509 *cert = X509_new();
	X509 *issuer = authority ? authority->cert : cert;
	X509_NAME *subject;

	need(cert);
	need(X509_set_version(cert, X509_VERSION_3));
	need(ASN1_INTEGER_set(X509_get_serialNumber(cert), next_number()));
	need(X509_gmtime_adj(X509_getm_notBefore(cert), -3600));
	need(X509_gmtime_adj(X509_getm_notAfter(cert), 24 * 3600));
	need(X509_set_pubkey(cert, key));
	subject = X509_get_subject_name(cert);
	need(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
					(const unsigned char *)name, -1, -1, 0));
	need(X509_set_issuer_name(cert, X509_get_subject_name(issuer)));
	add_extension(cert, issuer, NID_basic_constraints, "critical,CA:FALSE");
	add_extension(cert, issuer, NID_key_usage, "digitalSignature");
	add_extension(cert, issuer, NID_subject_key_identifier, "hash");
	if (authority)
		add_extension(cert, issuer, NID_authority_key_identifier,
			      "keyid:always");
	need(X509_sign(cert, authority ? authority->key : key, EVP_sha256()));
	return cert;
}

void signer_init(struct signer *s, enum signer_type type, const char *name)
{
	s->key = type == SIGNER_P256 ? EVP_EC_gen("P-256") :
				       EVP_RSA_gen(2048);
	need(s->key);
	s->cert = make_cert(s->key, name, NULL);
}

void signer_init_issued(struct signer *s, const struct signer *authority,
			const char *name)
{
	s->key = EVP_EC_gen("P-256");
	need(s->key);
	s->cert = make_cert(s->key, name, authority);
}

void signer_exit(struct signer *s)
{
	X509_free(s->cert);
	EVP_PKEY_free(s->key);
}

static void set_comment(struct signer *s, size_t size)
{
	int old = X509_get_ext_by_NID(s->cert, NID_netscape_comment, -1);
	ASN1_OCTET_STRING *data = ASN1_OCTET_STRING_new();
	char *text = calloc(1, size);
	X509_EXTENSION *extension;

	need(data && text);
	need(ASN1_OCTET_STRING_set(data, (unsigned char *)text, size));
	if (old >= 0)
		X509_EXTENSION_free(X509_delete_ext(s->cert, old));
	extension = X509_EXTENSION_create_by_NID(NULL, NID_netscape_comment, 0,
						 data);
	need(extension);
	need(X509_add_ext(s->cert, extension, -1));
	X509_EXTENSION_free(extension);
	ASN1_OCTET_STRING_free(data);
	free(text);
	need(X509_sign(s->cert, s->key, EVP_sha256()));
}

void signer_grow(struct signer *s, size_t size)
{
	size_t comment = size / 2;
	int i, now;

	/* Signatures differ in length by a byte or two, so it may take some. */
	for (i = 0; i < 100; i++) {
		set_comment(s, comment);
		now = i2d_X509(s->cert, NULL);
		need(now > 0);
		if ((size_t)now == size)
			return;
		comment += size - now;
	}
	die("no certificate of %zu bytes", size);
}

struct blob signer_certificate(const struct signer *s)
{
	struct blob der = {};
	int size = i2d_X509(s->cert, &der.data);

	need(size > 0);
	der.size = size;
	return der;
}

/*
 * The kernel looks for a trusted key by either of its ids, but among the
 * certificates of a message by issuer and number alone.
 */
static unsigned int flags_of(const struct style *style)
{
	unsigned int flags = CMS_BINARY | CMS_NOSMIMECAP | CMS_PARTIAL;

	flags |= style->attributes ? 0 : CMS_NOATTR;
	flags |= style->certificates ? 0 : CMS_NOCERTS | CMS_USE_KEYID;
	return flags | (style->attached ? 0 : CMS_DETACHED);
}

static CMS_SignerInfo *add_signer(CMS_ContentInfo *cms,
				  const struct style *style, int i)
{
	const struct signer *s = style->signers[i];
	CMS_SignerInfo *info = CMS_add1_signer(cms, s->cert, s->key,
					       EVP_sha256(), flags_of(style));

	need(info);
	return info;
}

/* Say that the hash is SM3's, which few kernels have. */
static void rename_hash(CMS_SignerInfo *info)
{
	X509_ALGOR *hash;

	CMS_SignerInfo_get0_algs(info, NULL, NULL, &hash, NULL);
	need(X509_ALGOR_set0(hash, OBJ_nid2obj(NID_sm3), V_ASN1_UNDEF, NULL));
}

/* Within the octets, which stay a signature by their form. */
static void spoil(CMS_SignerInfo *info)
{
	ASN1_OCTET_STRING *signature = CMS_SignerInfo_get0_signature(info);
	unsigned char *bytes = (unsigned char *)ASN1_STRING_get0_data(signature);

	bytes[ASN1_STRING_length(signature) - 1] ^= 1;
}

struct blob signer_sign_as(const struct style *style, const void *data,
			   size_t size)
{
	unsigned int flags = flags_of(style);
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags);
	BIO *bio = BIO_new_mem_buf(data, size);
	CMS_SignerInfo *infos[SIGNERS_MAX];
	struct blob der = {};
	int length, i;

	need(cms && bio);
	if (style->type)
		need(CMS_set1_eContentType(cms, OBJ_txt2obj(style->type, 1)));
	for (i = 0; i < SIGNERS_MAX && style->signers[i]; i++)
		infos[i] = add_signer(cms, style, i);
	/* It would ask for a signer. */
	if (style->signers[0])
		need(CMS_final(cms, bio, NULL, flags));
	if (style->spoiled)
		spoil(infos[style->spoiled - 1]);
	if (style->rare)
		rename_hash(infos[style->rare - 1]);
	length = i2d_CMS_ContentInfo(cms, &der.data);
	need(length > 0);
	der.size = length;
	BIO_free(bio);
	CMS_ContentInfo_free(cms);
	return der;
}

struct blob signer_sign(const struct signer *s, const void *data, size_t size)
{
	struct style plain = { .signers = { s } };

	return signer_sign_as(&plain, data, size);
}

struct blob signer_certificates_only(const struct signer *s)
{
	PKCS7 *message = PKCS7_new();
	struct blob der = {};
	int length;

	need(message);
	need(PKCS7_set_type(message, NID_pkcs7_signed));
	need(PKCS7_content_new(message, NID_pkcs7_data));
	/* Without content of its own, as openssl crl2pkcs7 -nocrl makes it. */
	need(PKCS7_set_detached(message, 1));
	need(PKCS7_add_certificate(message, s->cert));
	length = i2d_PKCS7(message, &der.data);
	need(length > 0);
	der.size = length;
	PKCS7_free(message);
	return der;
}

void signer_sha256(const void *data, size_t size, uint8_t *hash)
{
	need(EVP_Digest(data, size, hash, NULL, EVP_sha256(), NULL));
}
