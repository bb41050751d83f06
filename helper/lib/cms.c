// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/cms.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cx_cert {
	X509 *x509;
	char *path;
	char *subject;
	char *key_id;
};

/* The innermost reason that OpenSSL has recorded; empties its queue. */
static const char *reason(void)
{
	unsigned long code = ERR_peek_error();
	const char *text = ERR_reason_error_string(code);

	ERR_clear_error();
	return text ? text : "no reason given";
}

static void hex_of(const ASN1_OCTET_STRING *id, char *hex, size_t size)
{
	size_t len = ASN1_STRING_length(id);

	if (2 * len + 1 > size)
		len = (size - 1) / 2;
	cx_hex(ASN1_STRING_get0_data(id), len, hex);
}

/* NULL if there is not exactly one certificate. */
static X509 *parse_pem(BIO *bio, const char *path, struct cx_error *err)
{
	X509 *first = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	X509 *second = first ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;

	ERR_clear_error();
	if (first && !second)
		return first;
	if (first)
		cx_fail(err, -EBADMSG,
			"%s: holds more than one certificate; give them one file each",
			path);
	else
		cx_fail(err, -EBADMSG,
			"%s: is PEM but holds no sound certificate", path);
	X509_free(first);
	X509_free(second);
	return NULL;
}

static X509 *parse_der(const struct cx_buf *buf, const char *path,
		       struct cx_error *err)
{
	const unsigned char *next = buf->data;
	X509 *x509 = d2i_X509(NULL, &next, buf->size);

	if (x509 && next == (const unsigned char *)buf->data + buf->size)
		return x509;
	if (x509)
		cx_fail(err, -EBADMSG, "%s: bytes follow the certificate", path);
	else
		cx_fail(err, -EBADMSG, "%s: is not a certificate: %s", path,
			reason());
	ERR_clear_error();
	X509_free(x509);
	return NULL;
}

static X509 *parse_cert(const struct cx_buf *buf, const char *path,
			struct cx_error *err)
{
	X509 *x509;
	BIO *bio;

	if (!memmem(buf->data, buf->size, "-----BEGIN ", 11))
		return parse_der(buf, path, err);
	if (memmem(buf->data, buf->size, "PRIVATE KEY-----", 16)) {
		cx_fail(err, -EBADMSG,
			"%s: holds a private key; a certificate is wanted here, and the key belongs to the publisher alone",
			path);
		return NULL;
	}
	bio = BIO_new_mem_buf(buf->data, buf->size);
	x509 = bio ? parse_pem(bio, path, err) : NULL;
	BIO_free(bio);
	return x509;
}

/* What callers ask for later, as text. */
static int describe(struct cx_cert *cert, const char *path)
{
	const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(cert->x509);
	char key_id[2 * 64 + 1], *line;

	line = X509_NAME_oneline(X509_get_subject_name(cert->x509), NULL, 0);
	cert->subject = line ? strdup(line) : NULL;
	OPENSSL_free(line);
	cert->path = strdup(path);
	if (id) {
		hex_of(id, key_id, sizeof(key_id));
		cert->key_id = strdup(key_id);
	}
	return cert->subject && cert->path && (cert->key_id || !id) ? 0
								    : -ENOMEM;
}

int cx_cert_from_bytes(const struct cx_buf *buf, const char *path,
		       struct cx_cert **cert, struct cx_error *err)
{
	struct cx_cert *c = calloc(1, sizeof(*c));
	int ret = 0;

	if (!c)
		return cx_fail(err, -ENOMEM, "%s: out of memory", path);
	c->x509 = parse_cert(buf, path, err);
	if (!c->x509)
		ret = -EBADMSG;
	else if (describe(c, path) < 0)
		ret = cx_fail(err, -ENOMEM, "%s: out of memory", path);
	if (ret < 0) {
		cx_cert_free(c);
		return ret;
	}
	*cert = c;
	return 0;
}

int cx_cert_load(const char *path, struct cx_cert **cert, struct cx_error *err)
{
	struct cx_buf buf;
	int ret = cx_read_file(path, CX_CERT_MAX, &buf, err);

	if (ret < 0)
		return ret;
	ret = cx_cert_from_bytes(&buf, path, cert, err);
	cx_buf_free(&buf);
	return ret;
}

void cx_cert_free(struct cx_cert *cert)
{
	if (!cert)
		return;
	X509_free(cert->x509);
	free(cert->path);
	free(cert->subject);
	free(cert->key_id);
	free(cert);
}

static void date_text(const ASN1_TIME *date, char *text, size_t size)
{
	struct tm tm;

	if (!ASN1_TIME_to_tm(date, &tm) ||
	    !strftime(text, size, "%Y-%m-%d %H:%M:%S UTC", &tm))
		snprintf(text, size, "an unreadable date");
}

int cx_cert_check_date(const struct cx_cert *cert, time_t now,
		       struct cx_error *err)
{
	const ASN1_TIME *from = X509_get0_notBefore(cert->x509);
	const ASN1_TIME *to = X509_get0_notAfter(cert->x509);
	char date[40], today[40] = "unknown";
	struct tm tm;

	if (gmtime_r(&now, &tm))
		strftime(today, sizeof(today), "%Y-%m-%d %H:%M:%S UTC", &tm);
	if (X509_cmp_time(from, &now) > 0) {
		date_text(from, date, sizeof(date));
		return cx_fail(err, -EAGAIN,
			       "%s: the certificate is not valid before %s, and the clock says %s: is the clock right?",
			       cert->path, date, today);
	}
	if (X509_cmp_time(to, &now) < 0) {
		date_text(to, date, sizeof(date));
		return cx_fail(err, -EKEYEXPIRED,
			       "%s: the certificate expired on %s (the clock says %s); get a new one from the publisher",
			       cert->path, date, today);
	}
	return 0;
}

const char *cx_cert_path(const struct cx_cert *cert)
{
	return cert->path;
}

const char *cx_cert_subject(const struct cx_cert *cert)
{
	return cert->subject;
}

const char *cx_cert_key_id(const struct cx_cert *cert)
{
	return cert->key_id;
}

struct x509_st *cx_cert_x509(const struct cx_cert *cert)
{
	return cert->x509;
}

int cx_cert_der(const struct cx_cert *cert, struct cx_buf *der,
		struct cx_error *err)
{
	int size = i2d_X509(cert->x509, NULL);
	unsigned char *next;

	*der = (struct cx_buf){ 0 };
	if (size > 0)
		der->data = calloc(1, size + 1);
	if (!der->data)
		return cx_fail(err, -ENOMEM, "%s: out of memory", cert->path);
	next = der->data;
	der->size = i2d_X509(cert->x509, &next);
	return 0;
}

int cx_trust_add(struct cx_trust *trust, const char *path, struct cx_error *err)
{
	struct cx_cert **certs;
	int ret;

	certs = reallocarray(trust->certs, trust->count + 1, sizeof(*certs));
	if (!certs)
		return cx_fail(err, -ENOMEM, "%s: out of memory", path);
	trust->certs = certs;
	ret = cx_cert_load(path, &certs[trust->count], err);
	if (!ret)
		trust->count++;
	return ret;
}

static int is_cert_file(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return entry->d_name[0] != '.' && dot &&
	       (!strcmp(dot, ".der") || !strcmp(dot, ".pem"));
}

int cx_trust_load_dir(struct cx_trust *trust, const char *dir,
		      struct cx_error *err)
{
	char path[PATH_MAX];
	struct dirent **list;
	int i, ret = 0, n = scandir(dir, &list, is_cert_file, alphasort);

	if (n < 0)
		return cx_fail(err, -errno,
			       "%s: the certificates cannot be listed: %s", dir,
			       strerror(errno));
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, list[i]->d_name);
		if (!ret)
			ret = cx_trust_add(trust, path, err);
		free(list[i]);
	}
	free(list);
	return ret;
}

void cx_trust_free(struct cx_trust *trust)
{
	size_t i;

	for (i = 0; i < trust->count; i++)
		cx_cert_free(trust->certs[i]);
	free(trust->certs);
	*trust = (struct cx_trust){ 0 };
}

/* NULL, and @err filled, unless this is one detached signature of one signer. */
static CMS_ContentInfo *parse_cms(const void *sig, size_t size,
				  struct cx_error *err)
{
	const unsigned char *next = sig;
	CMS_ContentInfo *cms = NULL;

	if (size <= LONG_MAX)
		cms = d2i_CMS_ContentInfo(NULL, &next, size);
	if (cms && next == (const unsigned char *)sig + size &&
	    OBJ_obj2nid(CMS_get0_type(cms)) == NID_pkcs7_signed &&
	    sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(cms)) == 1 &&
	    CMS_is_detached(cms) == 1)
		return cms;
	if (cms)
		cx_fail(err, -EBADMSG,
			"the signature is not a detached CMS signature of one signer");
	else
		cx_fail(err, -EBADMSG, "the signature is not CMS: %s",
			reason());
	ERR_clear_error();
	CMS_ContentInfo_free(cms);
	return NULL;
}

static int signer_of(CMS_ContentInfo *cms, char *key_id, size_t size,
		     struct cx_error *err)
{
	ASN1_OCTET_STRING *id = NULL;

	CMS_SignerInfo_get0_signer_id(
		sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0), &id,
		NULL, NULL);
	if (!id)
		return cx_fail(err, -EBADMSG,
			       "the signature names its signer by issuer, not by key id");
	hex_of(id, key_id, size);
	return 0;
}

/* The trusted certificates that the signer could be. */
static bool is_trusted(CMS_ContentInfo *cms, const struct cx_trust *trust,
		       STACK_OF(X509) *certs)
{
	CMS_SignerInfo *signer =
		sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0);
	size_t i;

	for (i = 0; i < trust->count; i++) {
		X509 *x509 = trust->certs[i]->x509;

		if (!CMS_SignerInfo_cert_cmp(signer, x509))
			sk_X509_push(certs, x509);
	}
	return sk_X509_num(certs) > 0;
}

static int verify(CMS_ContentInfo *cms, const void *data, size_t size,
		  STACK_OF(X509) *certs, struct cx_error *err)
{
	/* Trust is what the caller lists: no chain, no purpose, no date. */
	const unsigned int flags = CMS_BINARY | CMS_NOINTERN |
				   CMS_NO_SIGNER_CERT_VERIFY;
	BIO *bio;
	int ok;

	if (size > INT_MAX)
		return cx_fail(err, -EFBIG, "the signed part is too large");
	bio = BIO_new_mem_buf(data, size);
	ok = bio && CMS_verify(cms, certs, NULL, bio, NULL, flags) == 1;
	BIO_free(bio);
	if (ok)
		return 0;
	return cx_fail(err, -EKEYREJECTED, "the signature does not match: %s",
		       reason());
}

int cx_cms_verify(const void *sig, size_t sig_size, const void *data,
		  size_t data_size, const struct cx_trust *trust,
		  struct cx_error *err)
{
	CMS_ContentInfo *cms = parse_cms(sig, sig_size, err);
	STACK_OF(X509) *certs = sk_X509_new_null();
	char key_id[129] = "unknown";
	int ret;

	if (!cms || !certs) {
		ret = cms ? cx_fail(err, -ENOMEM, "out of memory") : -EBADMSG;
	} else if (!is_trusted(cms, trust, certs)) {
		signer_of(cms, key_id, sizeof(key_id), NULL);
		ret = cx_fail(err, -ENOKEY,
			      "signed by a key that is not trusted (key id %s): if its publisher confirms it, `cryptexctl trust` the certificate",
			      key_id);
	} else {
		ret = verify(cms, data, data_size, certs, err);
	}
	sk_X509_free(certs);
	CMS_ContentInfo_free(cms);
	return ret;
}

int cx_cms_signer(const void *sig, size_t sig_size, char *key_id, size_t size,
		  struct cx_error *err)
{
	CMS_ContentInfo *cms = parse_cms(sig, sig_size, err);
	int ret = cms ? signer_of(cms, key_id, size, err) : -EBADMSG;

	CMS_ContentInfo_free(cms);
	return ret;
}

void cx_sha256(const void *data, size_t size,
	       uint8_t digest[CRYPTEX_DIGEST_SIZE])
{
	SHA256(data, size, digest);
}
