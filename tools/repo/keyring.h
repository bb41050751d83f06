/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The keys that a command has at hand, found by their ids. */
#ifndef _REPO_KEYRING_H
#define _REPO_KEYRING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"
#include "lib/tuf/key.h"

/**
 * struct role_key - one key
 * @id: its key id
 * @json: the key object for metadata
 * @pkey: for signer_sign()
 * @scheme: what it signs with
 * @is_private: it can sign
 */
struct role_key {
	char id[CX_TUF_KEYID_LEN + 1];
	json_t *json;
	struct evp_pkey_st *pkey;
	enum cx_tuf_scheme scheme;
	bool is_private;
};

/**
 * struct keyring - keys; all zero when empty
 * @list: @count keys, on the heap
 * @count: how many
 */
struct keyring {
	struct role_key *list;
	size_t count;
};

/**
 * keyring_add - load a key
 * @ring: grows, unless it has the key
 * @source: a PEM file, or a pkcs11: URI
 * @id: set to its key id; may be NULL
 * @err: filled on failure, with the source (of a URI only what holds no PIN)
 *
 * Return: 0, -EBADMSG (no key in PEM), -EINVAL (a kind of key that metadata cannot
 * hold), -ENOKEY (the token has no such key), -ENOPKG (no engine for tokens), -ENOMEM,
 * or what reading gave.
 */
int keyring_add(struct keyring *ring, const char *source, char *id,
		struct cx_error *err);

/**
 * keyring_add_dir - load each private key of a folder
 * @ring: grows
 * @dir: the folder; of it count *.pem with a private key
 * @err: filled on failure
 *
 * Return: as keyring_add(), or why the folder cannot be read.
 */
int keyring_add_dir(struct keyring *ring, const char *dir,
		    struct cx_error *err);

/**
 * keyring_find - a key by its id
 * @ring: the keys
 * @id: key id
 *
 * Return: the key, or NULL.
 */
const struct role_key *keyring_find(const struct keyring *ring, const char *id);

/**
 * keyring_free - forget all keys
 * @ring: may be empty
 */
void keyring_free(struct keyring *ring);

#endif /* _REPO_KEYRING_H */
