// SPDX-License-Identifier: LGPL-2.1-or-later
/* `cryptex-publish keygen`: a signing key and its certificate. */
#include <errno.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/ec.h>
#include <openssl/x509v3.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "key.h"
#include "lib/file.h"

#define KEY_NAME	"key.pem"
#define CERT_NAME	"cert.pem"
#define MAX_DAYS	36500
#define MAX_CN		64	/* of X.520 */

/* What the command line asks for. */
struct order {
	const char *dir;
	const char *name;
	unsigned long long days;
	bool ec;
};

enum { OPT_OUT = 256, OPT_NAME, OPT_DAYS, OPT_EC };

static const struct option options[] = {
	{ "out", required_argument, NULL, OPT_OUT },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "days", required_argument, NULL, OPT_DAYS },
	{ "ec", no_argument, NULL, OPT_EC },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

static bool add_extension(X509 *x509, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *extension;
	bool ok;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, x509, x509, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = extension && X509_add_ext(x509, extension, -1);
	X509_EXTENSION_free(extension);
	return ok;
}

static bool set_serial(X509 *x509)
{
	BIGNUM *number = BN_new();
	bool ok = number && BN_rand(number, 159, BN_RAND_TOP_ANY,
				    BN_RAND_BOTTOM_ANY) &&
		  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509));

	BN_free(number);
	return ok;
}

static bool set_names(X509 *x509, const char *name)
{
	X509_NAME *subject = X509_get_subject_name(x509);

	return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
					  (const unsigned char *)name, -1, -1,
					  0) &&
	       X509_set_issuer_name(x509, subject);
}

static bool fill(X509 *x509, EVP_PKEY *key, const struct order *order)
{
	return X509_set_version(x509, X509_VERSION_3) && set_serial(x509) &&
	       set_names(x509, order->name) &&
	       X509_gmtime_adj(X509_getm_notBefore(x509), 0) &&
	       X509_time_adj_ex(X509_getm_notAfter(x509), order->days, 0,
				NULL) &&
	       X509_set_pubkey(x509, key) &&
	       add_extension(x509, NID_basic_constraints,
			     "critical,CA:FALSE") &&
	       add_extension(x509, NID_key_usage,
			     "critical,digitalSignature") &&
	       add_extension(x509, NID_subject_key_identifier, "hash") &&
	       X509_sign(x509, key, EVP_sha256());
}

static int write_bio(const char *path, BIO *bio, mode_t mode,
		     struct cx_error *err)
{
	char *data;
	long size = BIO_get_mem_data(bio, &data);

	return cx_write_file(path, NULL, data, size, mode, err);
}

static int write_key(const char *path, EVP_PKEY *key, struct cx_error *err)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	int ret;

	if (bio && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL,
						 NULL))
		ret = write_bio(path, bio, 0600, err);
	else
		ret = cx_fail(err, -EIO, "%s: %s", path, key_reason());
	BIO_free(bio);
	return ret;
}

static int write_cert(const char *path, X509 *x509, struct cx_error *err)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int ret;

	if (bio && PEM_write_bio_X509(bio, x509))
		ret = write_bio(path, bio, 0644, err);
	else
		ret = cx_fail(err, -EIO, "%s: %s", path, key_reason());
	BIO_free(bio);
	return ret;
}

static int refuse_existing(const char *path, struct cx_error *err)
{
	if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW))
		return 0;
	return cx_fail(err, -EEXIST,
		       "%s: is there already and is not overwritten", path);
}

static int write_pair(const struct order *order, EVP_PKEY *key, X509 *x509,
		      struct cx_error *err)
{
	char *key_path = NULL, *cert_path = NULL;
	int ret = 0;

	if (asprintf(&key_path, "%s/%s", order->dir, KEY_NAME) < 0 ||
	    asprintf(&cert_path, "%s/%s", order->dir, CERT_NAME) < 0)
		return cx_fail(err, -ENOMEM, "out of memory");
	if (mkdir(order->dir, 0700) < 0 && errno != EEXIST)
		ret = cx_fail(err, -errno, "%s: cannot be made: %s",
			      order->dir, strerror(errno));
	if (!ret)
		ret = refuse_existing(key_path, err);
	if (!ret)
		ret = refuse_existing(cert_path, err);
	if (!ret)
		ret = write_key(key_path, key, err);
	if (!ret) {
		ret = write_cert(cert_path, x509, err);
		if (ret < 0)
			unlink(key_path);
	}
	free(key_path);
	free(cert_path);
	return ret;
}

static int generate(const struct order *order, struct cx_error *err)
{
	EVP_PKEY *key = order->ec ? EVP_EC_gen("P-256") : EVP_RSA_gen(3072);
	X509 *x509 = X509_new();
	int ret;

	if (key && x509 && fill(x509, key, order))
		ret = write_pair(order, key, x509, err);
	else
		ret = cx_fail(err, -EIO, "the key cannot be made: %s",
			      key_reason());
	X509_free(x509);
	EVP_PKEY_free(key);
	return ret;
}

static int take(void *data, int option)
{
	struct order *order = data;

	switch (option) {
	case OPT_OUT:
		order->dir = optarg;
		return 0;
	case OPT_NAME:
		order->name = optarg;
		if (*optarg && strlen(optarg) <= MAX_CN)
			return 0;
		return usage_error(&command_keygen,
				   "--name: must have 1 to %d characters",
				   MAX_CN);
	case OPT_DAYS:
		if (!parse_number(optarg, MAX_DAYS, &order->days) &&
		    order->days)
			return 0;
		return usage_error(&command_keygen,
				   "--days \"%s\": is no number from 1 to %d",
				   optarg, MAX_DAYS);
	default:
		order->ec = true;
		return 0;
	}
}

static int read_options(struct order *order, int argc, char **argv)
{
	static const struct syntax syntax = {
		.command = &command_keygen, .options = options, .take = take,
	};
	int status = take_options(&syntax, argc, argv, order);

	if (!status)
		status = no_more(&command_keygen, argc, argv);
	if (!status && !order->dir)
		status = usage_error(&command_keygen, "--out is missing");
	return status;
}

static int run(int argc, char **argv)
{
	struct order order = { .name = "Cryptex publisher", .days = 730 };
	struct cx_error err;
	int status = read_options(&order, argc, argv);

	if (!status && generate(&order, &err) < 0)
		status = failure(&err);
	return status;
}

const struct command command_keygen = {
	.name = "keygen",
	.summary = "make a signing key and its certificate",
	.usage =
"Usage: " PROGRAM " keygen --out DIR [OPTION]...\n"
"Make DIR/key.pem, which is to be kept secret, and DIR/cert.pem, which machines\n"
"that shall trust it get. What is there already is not overwritten.\n"
"\n"
"  --out DIR              the folder, made if it is missing\n"
"  --name NAME            common name in the certificate\n"
"  --days N               how long new seals can be signed with it (730)\n"
"  --ec                   ECDSA on P-256; otherwise RSA of 3072 bits\n"
"  -h, --help             this text\n",
	.run = run,
};
