// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/tuf/key.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/tuf/canonical.h"

/* A signature by the largest RSA key */
#define SIG_MAX 1024

static const struct cx_tuf_kind kinds[] = {
	{ "ed25519", "ed25519", CX_TUF_ED25519 },
	{ "ecdsa", "ecdsa-sha2-nistp256", CX_TUF_ECDSA },
	/* as older repositories call the type */
	{ "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", CX_TUF_ECDSA },
	{ "rsa", "rsassa-pss-sha256", CX_TUF_RSA_PSS },
	{ "rsa", "rsa-pkcs1v15-sha256", CX_TUF_RSA_PKCS1 },
};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

const struct cx_tuf_kind *cx_tuf_kind_of(enum cx_tuf_scheme scheme)
{
	size_t i = 0;

	while (kinds[i].scheme != scheme)
		i++;
	return &kinds[i];
}

static int find_kind(const char *type, const char *name,
		     enum cx_tuf_scheme *scheme, struct cx_error *err)
{
	size_t i;

	for (i = 0; i < KINDS; i++) {
		if (!strcmp(kinds[i].type, type) &&
		    !strcmp(kinds[i].scheme_name, name)) {
			*scheme = kinds[i].scheme;
			return 0;
		}
	}
	return cx_fail(err, -EPROTONOSUPPORT,
		       "a key is of the type '%.40s' with the scheme '%.40s', which is not known here",
		       type, name);
}

int cx_tuf_key_id(const json_t *json, char id[CX_TUF_KEYID_LEN + 1],
		  struct cx_error *err)
{
	uint8_t digest[CX_TUF_DIGEST_MAX];
	size_t size;
	char *text;
	int ret = cx_tuf_canonical(json, &text, &size, err);

	if (ret < 0)
		return ret;
	size = cx_tuf_digest(CX_TUF_SHA256, text, size, digest);
	free(text);
	if (!size)
		return cx_fail(err, -ENOMEM, "out of memory");
	cx_hex(digest, size, id);
	return 0;
}

int cx_tuf_key_parse(const json_t *json, struct cx_tuf_key **key,
		     struct cx_error *err)
{
	const char *type = json_string_value(json_object_get(json, "keytype"));
	const char *name = json_string_value(json_object_get(json, "scheme"));
	const json_t *keyval = json_object_get(json, "keyval");
	const char *text = json_string_value(json_object_get(keyval, "public"));
	struct cx_tuf_key *k;
	int ret;

	if (!type || !name || !text)
		return cx_fail(err, -EBADMSG,
			       "a key has not all of 'keytype', 'scheme' and 'keyval' with 'public'");
	k = calloc(1, sizeof(*k));
	if (!k)
		return cx_fail(err, -ENOMEM, "out of memory");
	ret = find_kind(type, name, &k->scheme, err);
	if (!ret)
		ret = cx_tuf_pubkey_read(k->scheme, text, &k->pkey, err);
	if (!ret)
		ret = cx_tuf_key_id(json, k->id, err);
	if (ret < 0) {
		cx_tuf_key_free(k);
		return ret;
	}
	*key = k;
	return 0;
}

bool cx_tuf_key_verify(const struct cx_tuf_key *key, const void *data,
		       size_t size, const char *hex)
{
	size_t len = strlen(hex);
	uint8_t sig[SIG_MAX];

	if (!len || len % 2 || len / 2 > sizeof(sig) ||
	    !cx_unhex(hex, sig, len / 2))
		return false;
	return cx_tuf_pubkey_verify(key->pkey, key->scheme, data, size, sig,
				    len / 2);
}

void cx_tuf_key_free(struct cx_tuf_key *key)
{
	if (!key)
		return;
	cx_tuf_pubkey_free(key->pkey);
	free(key);
}
