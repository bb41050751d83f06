/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A public key as TUF metadata holds it: {"keytype", "scheme", "keyval"}. */
#ifndef _CX_TUF_KEY_H
#define _CX_TUF_KEY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"
#include "lib/tuf/pubkey.h"

/* Characters of a key id: the SHA-256 of the key's canonical JSON, in hex */
#define CX_TUF_KEYID_LEN 64

/**
 * struct cx_tuf_key - a public key that can verify
 * @id: computed, not copied: the SHA-256 of the canonical JSON that it came from
 * @scheme: what it signs with
 * @pkey: the key itself
 */
struct cx_tuf_key {
	char id[CX_TUF_KEYID_LEN + 1];
	enum cx_tuf_scheme scheme;
	struct evp_pkey_st *pkey;
};

/**
 * cx_tuf_key_id - compute a key's id
 * @json: the key object, with members that we do not know
 * @id: set on success
 * @err: filled on failure
 *
 * Return: 0, -EBADMSG (no canonical form) or -ENOMEM.
 */
int cx_tuf_key_id(const json_t *json, char id[CX_TUF_KEYID_LEN + 1],
		  struct cx_error *err);

/**
 * cx_tuf_key_parse - a key from its JSON object
 * @json: the key object; members that we do not know count for the id only
 * @key: set on success; the caller frees it with cx_tuf_key_free()
 * @err: filled on failure
 *
 * Return: 0, -EBADMSG (not a key, or not as its scheme wants it),
 * -EPROTONOSUPPORT (a type or a scheme that we do not know) or -ENOMEM.
 */
int cx_tuf_key_parse(const json_t *json, struct cx_tuf_key **key,
		     struct cx_error *err);

/**
 * cx_tuf_key_verify - check a signature
 * @key: the key
 * @data: what was signed, in the canonical form
 * @size: bytes of @data
 * @hex: the signature, in hex digits
 *
 * Return: whether @hex is @key's signature of @data.
 */
bool cx_tuf_key_verify(const struct cx_tuf_key *key, const void *data,
		       size_t size, const char *hex);

/**
 * cx_tuf_key_free - let go of a key
 * @key: may be NULL
 */
void cx_tuf_key_free(struct cx_tuf_key *key);

/**
 * struct cx_tuf_kind - what metadata call a kind of key
 * @type: its "keytype"
 * @scheme_name: its "scheme"
 * @scheme: the same
 */
struct cx_tuf_kind {
	const char *type;
	const char *scheme_name;
	enum cx_tuf_scheme scheme;
};

/**
 * cx_tuf_kind_of - the kind of key that signs in a way
 * @scheme: the way
 *
 * Return: the kind as it is called today; never NULL.
 */
const struct cx_tuf_kind *cx_tuf_kind_of(enum cx_tuf_scheme scheme);

/**
 * cx_tuf_key_to_json - the key object for a key of OpenSSL
 * @pkey: a public or a private key; only the public part is used
 * @scheme: what it is to sign with; see cx_tuf_pubkey_scheme() for the usual one
 * @json: set on success; the caller gives it back with json_decref()
 * @id: set on success
 * @err: filled on failure
 *
 * Return: 0, -EINVAL (the key does not fit the scheme) or -ENOMEM.
 */
int cx_tuf_key_to_json(struct evp_pkey_st *pkey, enum cx_tuf_scheme scheme,
		       json_t **json, char id[CX_TUF_KEYID_LEN + 1],
		       struct cx_error *err);

#endif /* _CX_TUF_KEY_H */
