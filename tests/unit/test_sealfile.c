// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Seal files: a small one is made and signed here, with a key made here, and
 * then everything about it is made wrong.
 */
#include <endian.h>
#include <errno.h>
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/sealfile.h"

#define DAY	86400

/* Two signers, and a seal of the first: usr/, usr/lib -> x, usr/x (a file). */
struct fixture {
	char cert[2][64];
	EVP_PKEY *key[2];
	X509 *x509[2];
	struct cx_buf manifest;
	struct cx_buf seal;
};

static struct fixture f;
static char dir[] = "/tmp/test_sealfile.XXXXXX";

static X509 *make_cert(EVP_PKEY *key, time_t from, time_t to)
{
	X509 *x509 = X509_new();
	X509V3_CTX ctx;
	X509_EXTENSION *id;

	X509_set_version(x509, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN",
				   MBSTRING_ASC, (const void *)"test", -1, -1, 0);
	X509_set_issuer_name(x509, X509_get_subject_name(x509));
	ASN1_TIME_set(X509_getm_notBefore(x509), from);
	ASN1_TIME_set(X509_getm_notAfter(x509), to);
	X509_set_pubkey(x509, key);
	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, x509, x509, NULL, NULL, 0);
	id = X509V3_EXT_conf_nid(NULL, &ctx, NID_subject_key_identifier, "hash");
	X509_add_ext(x509, id, -1);
	X509_EXTENSION_free(id);
	assert_true(X509_sign(x509, key, EVP_sha256()) > 0);
	return x509;
}

static void write_cert(const char *path, X509 *x509)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(PEM_write_X509(file, x509));
	fclose(file);
}

static void make_manifest(void)
{
	static const char strings[] = "usrlibxx";
	const size_t entries = 4;
	const size_t size = sizeof(struct cryptex_seal_header) +
			    entries * sizeof(struct cryptex_seal_entry) + 8;
	struct cryptex_seal_header *h = calloc(1, size + 1);
	struct cryptex_seal_entry *e = (void *)(h + 1);

	memcpy(h->magic, CRYPTEX_SEAL_MAGIC, CRYPTEX_SEAL_MAGIC_SIZE);
	h->version = htole32(CRYPTEX_SEAL_VERSION);
	h->signed_size = htole64(size);
	h->entry_count = htole32(entries);
	h->strings_size = htole32(8);
	strcpy((char *)h->name, "demo");
	strcpy((char *)h->label, "1.0");
	e[0].mode = htole16(S_IFDIR | 0755);
	e[0].size = htole64(1);
	e[0].first = htole32(1);
	e[1] = (struct cryptex_seal_entry){
		.name_len = htole16(3), .mode = htole16(S_IFDIR | 0755),
		.size = htole64(2), .first = htole32(2),
	};
	e[2] = (struct cryptex_seal_entry){
		.name_off = htole32(3), .name_len = htole16(3),
		.mode = htole16(S_IFLNK | 0777), .size = htole64(1),
		.first = htole32(6), .parent = htole32(1),
	};
	e[3] = (struct cryptex_seal_entry){
		.name_off = htole32(7), .name_len = htole16(1),
		.mode = htole16(S_IFREG | 0644), .size = htole64(5),
		.parent = htole32(1), .digest = { 0xab },
	};
	memcpy(&e[4], strings, 8);
	f.manifest = (struct cx_buf){ h, size };
}

/* The manifest with a signature by this key, made in this way. */
static struct cx_buf sign(unsigned int who, unsigned int flags)
{
	BIO *data = BIO_new_mem_buf(f.manifest.data, f.manifest.size);
	CMS_ContentInfo *cms = CMS_sign(f.x509[who], f.key[who], NULL, data,
					flags | CMS_BINARY);
	int size = i2d_CMS_ContentInfo(cms, NULL);
	const size_t sum_at = f.manifest.size + size;
	struct cx_buf seal = { calloc(1, sum_at + CRYPTEX_CHECKSUM_SIZE),
			       sum_at + CRYPTEX_CHECKSUM_SIZE };
	unsigned char *next = (unsigned char *)seal.data + f.manifest.size;

	assert_true(size > 0);
	memcpy(seal.data, f.manifest.data, f.manifest.size);
	i2d_CMS_ContentInfo(cms, &next);
	cx_sha256(seal.data, sum_at, next);
	CMS_ContentInfo_free(cms);
	BIO_free(data);
	return seal;
}

#define USUAL	(CMS_DETACHED | CMS_NOCERTS | CMS_NOATTR | CMS_USE_KEYID)

static int set_up(void **state)
{
	time_t now = time(NULL);
	int i;

	(void)state;
	assert_non_null(mkdtemp(dir));
	for (i = 0; i < 2; i++) {
		f.key[i] = EVP_EC_gen("P-256");
		f.x509[i] = make_cert(f.key[i], now - DAY, now + DAY);
		snprintf(f.cert[i], sizeof(f.cert[i]), "%s/%d.pem", dir, i);
		write_cert(f.cert[i], f.x509[i]);
	}
	make_manifest();
	f.seal = sign(0, USUAL);
	return 0;
}

static int tear_down(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		unlink(f.cert[i]);
		X509_free(f.x509[i]);
		EVP_PKEY_free(f.key[i]);
	}
	rmdir(dir);
	cx_buf_free(&f.manifest);
	cx_buf_free(&f.seal);
	return 0;
}

static struct cx_trust trust_in(int who)
{
	struct cx_trust trust = { 0 };
	struct cx_error err;

	assert_int_equal(cx_trust_add(&trust, f.cert[who], &err), 0);
	return trust;
}

/* Load from memory with trust in the first signer. */
static int load(const struct cx_buf *buf, struct cx_error *err)
{
	struct cx_trust trust = trust_in(0);
	struct cx_seal seal;
	int ret = cx_seal_from_bytes(buf->data, buf->size, true, "test", &trust,
				     &seal, err);

	if (!ret)
		cx_seal_free(&seal);
	cx_trust_free(&trust);
	return ret;
}

static void test_good(void **state)
{
	struct cx_trust trust = trust_in(0);
	char path[64], *entry, key_id[129];
	struct cx_object *objects;
	struct cx_error err;
	struct cx_seal seal;
	size_t count;

	(void)state;
	snprintf(path, sizeof(path), "%s/seal", dir);
	assert_int_equal(cx_write_file(path, NULL, f.seal.data, f.seal.size,
				       0600, &err), 0);
	assert_int_equal(cx_seal_load(path, &trust, &seal, &err), 0);
	unlink(path);
	assert_string_equal(cx_seal_name(&seal), "demo");
	assert_string_equal(cx_seal_label(&seal), "1.0");
	entry = cx_seal_path(&seal.view, 3);
	assert_string_equal(entry, "usr/x");
	free(entry);
	entry = cx_seal_path(&seal.view, 0);
	assert_string_equal(entry, "");
	free(entry);
	assert_int_equal(cx_seal_objects(&seal.view, &objects, &count, &err), 0);
	assert_int_equal(count, 1);
	assert_int_equal(objects[0].size, 5);
	assert_ptr_equal(cx_object_find(objects, count, objects[0].digest),
			 objects);
	free(objects);
	assert_int_equal(cx_cms_signer(seal.view.signature,
				       seal.view.signature_size, key_id,
				       sizeof(key_id), &err), 0);
	assert_string_equal(key_id, cx_cert_key_id(trust.certs[0]));
	cx_seal_free(&seal);
	cx_trust_free(&trust);
}

static void test_unsigned(void **state)
{
	struct cx_trust trust = trust_in(0);
	struct cx_error err;
	struct cx_seal seal;

	(void)state;
	assert_int_equal(cx_seal_from_bytes(f.manifest.data, f.manifest.size,
					    false, "test", NULL, &seal, &err),
			 0);
	assert_false(seal.is_signed);
	cx_seal_free(&seal);
	assert_int_equal(cx_seal_from_bytes(f.manifest.data, f.manifest.size,
					    false, "test", &trust, &seal, &err),
			 -EKEYREJECTED);
	assert_int_equal(cx_seal_from_bytes(f.seal.data, f.seal.size, false,
					    "test", NULL, &seal, &err),
			 -EBADMSG);
	cx_trust_free(&trust);
}

static void test_another_signer(void **state)
{
	struct cx_buf seal = sign(1, USUAL);
	struct cx_error err;

	(void)state;
	assert_int_equal(load(&seal, &err), -ENOKEY);
	assert_non_null(strstr(err.text, "not trusted (key id "));
	cx_buf_free(&seal);
}

/* Signatures that are good, but not of the one kind that a seal has. */
static void test_other_signatures(void **state)
{
	struct cx_buf attached = sign(0, USUAL & ~CMS_DETACHED);
	struct cx_buf issuer = sign(0, USUAL & ~CMS_USE_KEYID);
	struct cx_error err;
	char key_id[129];

	(void)state;
	assert_int_equal(load(&attached, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "detached"));
	assert_int_equal(cx_cms_signer((char *)issuer.data + f.manifest.size,
				       issuer.size - f.manifest.size -
				       CRYPTEX_CHECKSUM_SIZE, key_id,
				       sizeof(key_id), &err), -EBADMSG);
	assert_non_null(strstr(err.text, "by issuer"));
	cx_buf_free(&attached);
	cx_buf_free(&issuer);
}

/* Each bit: of the manifest, of the signature, whose wrapper has bits that no
 * verifier reads, and of the checksum. */
static void test_every_bit(void **state)
{
	struct cx_error err;
	size_t bit;
	int ret;

	(void)state;
	for (bit = 0; bit < 8 * f.seal.size; bit++) {
		unsigned char *byte = (unsigned char *)f.seal.data + bit / 8;

		*byte ^= 1 << bit % 8;
		ret = load(&f.seal, &err);
		*byte ^= 1 << bit % 8;
		if (!ret)
			fail_msg("bit %zu of byte %zu may be flipped", bit % 8,
				 bit / 8);
	}
	assert_int_equal(load(&f.seal, &err), 0);
}

static void test_every_length(void **state)
{
	struct cx_buf cut = f.seal;
	struct cx_error err;

	(void)state;
	for (cut.size = 0; cut.size < f.seal.size; cut.size++)
		assert_int_not_equal(load(&cut, &err), 0);
	cut = (struct cx_buf){ calloc(1, f.seal.size + 1), f.seal.size + 1 };
	memcpy(cut.data, f.seal.data, f.seal.size);
	assert_int_equal(load(&cut, &err), -EBADMSG);
	cx_buf_free(&cut);
}

static void test_dates(void **state)
{
	struct cx_cert *cert;
	struct cx_error err;
	time_t now = time(NULL);

	(void)state;
	assert_int_equal(cx_cert_load(f.cert[0], &cert, &err), 0);
	assert_int_equal(cx_cert_check_date(cert, now, &err), 0);
	assert_int_equal(cx_cert_check_date(cert, now - 2 * DAY, &err), -EAGAIN);
	assert_non_null(strstr(err.text, "is the clock right?"));
	assert_int_equal(cx_cert_check_date(cert, now + 2 * DAY, &err),
			 -EKEYEXPIRED);
	assert_non_null(strstr(err.text, "expired"));
	cx_cert_free(cert);
}

static void test_trust_dir(void **state)
{
	struct cx_trust trust = { 0 };
	struct cx_error err;

	(void)state;
	assert_int_equal(cx_trust_load_dir(&trust, dir, &err), 0);
	assert_int_equal(trust.count, 2);
	cx_trust_free(&trust);
	assert_int_equal(cx_trust_load_dir(&trust, "/nonexistent", &err),
			 -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_unsigned),
		cmocka_unit_test(test_another_signer),
		cmocka_unit_test(test_other_signatures),
		cmocka_unit_test(test_every_bit),
		cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_trust_dir),
	};

	return cmocka_run_group_tests_name("sealfile", tests, set_up,
					   tear_down);
}
