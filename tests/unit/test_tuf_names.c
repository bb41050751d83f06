// SPDX-License-Identifier: LGPL-2.1-or-later
/* Metadata of The Update Framework: canonical form, keys, names and patterns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <fnmatch.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <cmocka.h>

#include "lib/file.h"
#include "lib/tuf/canonical.h"
#include "lib/tuf/key.h"
#include "lib/tuf/limits.h"
#include "lib/tuf/names.h"

static char *canonical(const char *text, int *ret)
{
	json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
	char *form = NULL;
	size_t size;

	assert_non_null(json);
	*ret = cx_tuf_canonical(json, &form, &size, NULL);
	json_decref(json);
	if (!*ret)
		assert_int_equal(strlen(form), size);
	return form;
}

static void the_canonical_form(void **state)
{
	static const char *const pairs[][2] = {
		{ "{\"b\": 1, \"a\": [ true, false, null ]}",
		  "{\"a\":[true,false,null],\"b\":1}" },
		{ "\"line\\nend \\\\ \\\" \\u00e9 \\/\"",
		  "\"line\nend \\\\ \\\" \xc3\xa9 /\"" },
		{ "{}", "{}" },
		{ "[]", "[]" },
		{ "-9223372036854775808", "-9223372036854775808" },
		{ "-0", "0" },
		/* By code points: U+FF5E before U+1F600, unlike in UTF-16 */
		{ "{\"\\ud83d\\ude00\": 1, \"\\uff5e\": 2, \"Z\": 3, \"\": 4}",
		  "{\"\":4,\"Z\":3,\"\xef\xbd\x9e\":2,\"\xf0\x9f\x98\x80\":1}" },
	};
	char *form;
	size_t i;
	int ret;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		form = canonical(pairs[i][0], &ret);
		assert_int_equal(ret, 0);
		assert_string_equal(form, pairs[i][1]);
		free(form);
	}
	assert_null(canonical("[1.5]", &ret));
	assert_int_equal(ret, -EBADMSG);
	assert_null(canonical("1e3", &ret));
	assert_int_equal(ret, -EBADMSG);
}

static void nesting_has_an_end(void **state)
{
	char text[2 * (CX_TUF_DEPTH_MAX + 2)];
	int ret, n;

	(void)state;
	for (n = CX_TUF_DEPTH_MAX; n <= CX_TUF_DEPTH_MAX + 1; n++) {
		memset(text, '[', n);
		memset(text + n, ']', n);
		text[2 * n] = '\0';
		free(canonical(text, &ret));
		assert_int_equal(ret, n > CX_TUF_DEPTH_MAX ? -EBADMSG : 0);
	}
}

static void sign(EVP_PKEY *pkey, enum cx_tuf_scheme scheme, const char *data,
		 char *hex)
{
	const EVP_MD *md = scheme == CX_TUF_ED25519 ? NULL : EVP_sha256();
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *key;
	uint8_t sig[1024];
	size_t n = sizeof(sig);

	assert_int_equal(EVP_DigestSignInit(ctx, &key, md, NULL, pkey), 1);
	if (scheme == CX_TUF_RSA_PSS)
		assert_true(EVP_PKEY_CTX_set_rsa_padding(key,
					RSA_PKCS1_PSS_PADDING) > 0 &&
			    EVP_PKEY_CTX_set_rsa_pss_saltlen(key,
					RSA_PSS_SALTLEN_DIGEST) > 0);
	assert_int_equal(EVP_DigestSign(ctx, sig, &n, (const void *)data,
					strlen(data)), 1);
	EVP_MD_CTX_free(ctx);
	cx_hex(sig, n, hex);
}

static void check_scheme(EVP_PKEY *pkey, enum cx_tuf_scheme scheme)
{
	char id[CX_TUF_KEYID_LEN + 1], hex[2049];
	struct cx_error err;
	struct cx_tuf_key *key;
	json_t *json;

	assert_int_equal(cx_tuf_key_to_json(pkey, scheme, &json, id, &err), 0);
	assert_int_equal(cx_tuf_key_parse(json, &key, &err), 0);
	assert_string_equal(key->id, id);
	assert_int_equal(key->scheme, scheme);
	sign(pkey, scheme, "data", hex);
	assert_true(cx_tuf_key_verify(key, "data", 4, hex));
	assert_false(cx_tuf_key_verify(key, "datA", 4, hex));
	assert_false(cx_tuf_key_verify(key, "data", 4, ""));
	assert_false(cx_tuf_key_verify(key, "data", 4, "0"));
	assert_false(cx_tuf_key_verify(key, "data", 4, "zz"));
	hex[20] ^= 1;
	assert_false(cx_tuf_key_verify(key, "data", 4, hex));
	cx_tuf_key_free(key);
	json_decref(json);
}

static void every_scheme_verifies(void **state)
{
	EVP_PKEY *ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	EVP_PKEY *ec = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	EVP_PKEY *rsa = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	enum cx_tuf_scheme scheme;

	(void)state;
	check_scheme(ed, CX_TUF_ED25519);
	check_scheme(ec, CX_TUF_ECDSA);
	check_scheme(rsa, CX_TUF_RSA_PSS);
	check_scheme(rsa, CX_TUF_RSA_PKCS1);
	assert_int_equal(cx_tuf_pubkey_scheme(ec, &scheme, NULL), 0);
	assert_int_equal(scheme, CX_TUF_ECDSA);
	EVP_PKEY_free(ed);
	EVP_PKEY_free(ec);
	EVP_PKEY_free(rsa);
}

/* Of the wrong size or curve, or said to be of another scheme */
static void keys_that_do_not_fit(void **state)
{
	EVP_PKEY *small = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
	EVP_PKEY *curve = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384");
	EVP_PKEY *ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	char id[CX_TUF_KEYID_LEN + 1];
	enum cx_tuf_scheme scheme;
	struct cx_tuf_key *key;
	struct cx_error err;
	json_t *json;

	(void)state;
	assert_int_equal(cx_tuf_pubkey_scheme(small, &scheme, &err), -EINVAL);
	assert_int_equal(cx_tuf_pubkey_scheme(curve, &scheme, &err), -EINVAL);
	assert_int_equal(cx_tuf_key_to_json(ed, CX_TUF_ECDSA, &json, id, &err),
			 -EINVAL);
	assert_int_equal(cx_tuf_key_to_json(ed, CX_TUF_ED25519, &json, id,
					    &err), 0);
	json_object_set_new(json, "scheme", json_string("ed448"));
	assert_int_equal(cx_tuf_key_parse(json, &key, &err), -EPROTONOSUPPORT);
	json_object_set_new(json, "keytype", json_string("ecdsa"));
	json_object_set_new(json, "scheme", json_string("ecdsa-sha2-nistp256"));
	assert_int_equal(cx_tuf_key_parse(json, &key, &err), -EBADMSG);
	json_object_del(json, "keyval");
	assert_int_equal(cx_tuf_key_parse(json, &key, &err), -EBADMSG);
	json_decref(json);
	EVP_PKEY_free(small);
	EVP_PKEY_free(curve);
	EVP_PKEY_free(ed);
}

static void names_travel(void **state)
{
	static const char *const names[] = {
		"plain-1.2_3~", "../up", "/", "?#%", "\xc3\xa9\n",
	};
	char *encoded, *back;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		encoded = cx_tuf_encode(names[i], false);
		assert_null(strpbrk(encoded, "/?#\n"));
		back = cx_tuf_decode(encoded);
		assert_string_equal(back, names[i]);
		free(encoded);
		free(back);
	}
	encoded = cx_tuf_encode("a b/c%", true);
	assert_string_equal(encoded, "a%20b/c%25");
	free(encoded);
	assert_null(cx_tuf_decode("%"));
	assert_null(cx_tuf_decode("%2"));
	assert_null(cx_tuf_decode("%00"));
	assert_null(cx_tuf_decode("%zz"));
}

static void paths_stay_below(void **state)
{
	static const char *const bad[] = {
		"", "/", "/a", "a/", "a//b", ".", "..", "a/..", "../a", "./a",
		"a/./b", "a\\b", "a\nb", "a\x7f",
	};
	static const char *const fine[] = {
		"a", "a/b", "...", "a/.b", "..a/b..", "a b", "\xc3\xa9",
	};
	char longest[CX_TUF_PATH_MAX + 2];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(cx_tuf_check_path(bad[i], NULL), -EBADMSG);
	for (i = 0; i < sizeof(fine) / sizeof(*fine); i++)
		assert_int_equal(cx_tuf_check_path(fine[i], NULL), 0);
	memset(longest, 'a', sizeof(longest));
	longest[CX_TUF_PATH_MAX + 1] = '\0';
	assert_int_equal(cx_tuf_check_path(longest, NULL), -EBADMSG);
	longest[CX_TUF_PATH_MAX] = '\0';
	assert_int_equal(cx_tuf_check_path(longest, NULL), 0);
}

static void roles_of_the_top_level_cannot_be_delegated_to(void **state)
{
	static const char *const bad[] = {
		"", "root", "timestamp", "snapshot", "targets", "mirrors",
	};
	char longest[CX_TUF_ROLE_MAX + 2];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(cx_tuf_check_role(bad[i], NULL), -EBADMSG);
	assert_int_equal(cx_tuf_check_role("../root", NULL), 0);
	memset(longest, 'a', sizeof(longest));
	longest[CX_TUF_ROLE_MAX + 1] = '\0';
	assert_int_equal(cx_tuf_check_role(longest, NULL), -EBADMSG);
	longest[CX_TUF_ROLE_MAX] = '\0';
	assert_int_equal(cx_tuf_check_role(longest, NULL), 0);
}

static void patterns_match(void **state)
{
	static const struct {
		const char *pattern, *path;
		bool match;
	} cases[] = {
		{ "a", "a", true },
		{ "a", "b", false },
		{ "a", "", false },
		{ "", "", true },
		{ "", "a", false },
		{ "*", "", true },
		{ "*", "abc", true },
		{ "*", "a/b", false },
		{ "*/*", "a/b", true },
		{ "*/*", "a/b/c", false },
		{ "a/*", "a/b", true },
		{ "a/*", "ab", false },
		{ "*.tgz", "foo.tgz", true },
		{ "*.tgz", "targets/foo.tgz", false },
		{ "foo-?.tgz", "foo-2.tgz", true },
		{ "foo-?.tgz", "foo-ab.tgz", false },
		{ "?", "/", false },
		{ "a*b*c", "aXbXbXc", true },
		{ "a*b*c", "aXcXb", false },
		{ "*a*", "b/a", false },
		{ "**", "ab", true },
		{ "x*", "x", true },
		{ "*b", "a/b", false },
		{ "a?*", "a", false },
		{ "README", "readme", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (cx_tuf_match(cases[i].pattern, cases[i].path) !=
		    cases[i].match)
			fail_msg("'%s' and '%s'", cases[i].pattern,
				 cases[i].path);
	assert_int_equal(cx_tuf_check_pattern("a[b]", NULL), -EBADMSG);
	assert_int_equal(cx_tuf_check_pattern("a\\*", NULL), -EBADMSG);
	assert_int_equal(cx_tuf_check_pattern("a/*-?", NULL), 0);
}

static void random_text(char *text, const char *letters)
{
	int n = rand() % 8;

	while (n--)
		*text++ = letters[rand() % strlen(letters)];
	*text = '\0';
}

static void patterns_match_as_in_a_shell(void **state)
{
	char pattern[16], path[16];
	int i, matches = 0;

	(void)state;
	srand(1);
	for (i = 0; i < 300000; i++) {
		bool want;

		random_text(pattern, "ab/**?");
		random_text(path, "aab/");
		want = !fnmatch(pattern, path, FNM_PATHNAME | FNM_NOESCAPE);
		if (cx_tuf_match(pattern, path) != want)
			fail_msg("'%s' and '%s'", pattern, path);
		matches += want;
	}
	assert_true(matches > 10000);
}

/* A matcher that tries all ways would not end in this century. */
static void patterns_end(void **state)
{
	char pattern[CX_TUF_PATTERN_MAX + 1], path[CX_TUF_PATH_MAX + 1];
	int i;

	(void)state;
	for (i = 0; i < CX_TUF_PATTERN_MAX; i++)
		pattern[i] = i % 2 ? 'a' : '*';
	pattern[CX_TUF_PATTERN_MAX - 1] = 'b';
	pattern[CX_TUF_PATTERN_MAX] = '\0';
	memset(path, 'a', CX_TUF_PATH_MAX);
	path[CX_TUF_PATH_MAX] = '\0';
	assert_false(cx_tuf_match(pattern, path));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_canonical_form),
		cmocka_unit_test(nesting_has_an_end),
		cmocka_unit_test(every_scheme_verifies),
		cmocka_unit_test(keys_that_do_not_fit),
		cmocka_unit_test(names_travel),
		cmocka_unit_test(paths_stay_below),
		cmocka_unit_test(roles_of_the_top_level_cannot_be_delegated_to),
		cmocka_unit_test(patterns_match),
		cmocka_unit_test(patterns_match_as_in_a_shell),
		cmocka_unit_test(patterns_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
