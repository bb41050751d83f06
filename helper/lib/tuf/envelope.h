/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Signed metadata: {"signed": ..., "signatures": [...]}.
 *
 * Before a signature is verified, a file is only read as JSON; nothing of what is
 * signed is interpreted.
 */
#ifndef _CX_TUF_ENVELOPE_H
#define _CX_TUF_ENVELOPE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"
#include "lib/tuf/key.h"

/**
 * struct cx_tuf_role - who may sign something
 * @name: of the role
 * @keys: its keys, as far as they are of use here; they belong to somebody else
 * @count: of @keys
 * @threshold: how many of them have to sign
 * @delegated: other targets name the keys, not a root; so another root is no remedy
 */
struct cx_tuf_role {
	const char *name;
	const struct cx_tuf_key **keys;
	size_t count;
	unsigned int threshold;
	bool delegated;
};

/**
 * struct cx_tuf_envelope - a file of metadata, read but not trusted
 * @json: the file
 * @signed_part: what is signed; belongs to @json
 * @signatures: an array, belongs to @json
 * @text: the canonical form of @signed_part
 * @size: bytes of @text
 */
struct cx_tuf_envelope {
	json_t *json;
	const json_t *signed_part;
	const json_t *signatures;
	char *text;
	size_t size;
};

/**
 * cx_tuf_envelope_read - read a file of metadata
 * @data: its bytes
 * @size: how many
 * @envelope: set on success; the caller frees it with cx_tuf_envelope_free()
 * @err: filled on failure
 *
 * Refused are members that occur twice in an object, numbers that are not integers,
 * and two signatures by one key id.
 *
 * Return: 0, -EBADMSG or -ENOMEM.
 */
int cx_tuf_envelope_read(const void *data, size_t size,
			 struct cx_tuf_envelope *envelope,
			 struct cx_error *err);

/**
 * cx_tuf_envelope_free - free what an envelope holds and empty it
 * @envelope: may be empty
 */
void cx_tuf_envelope_free(struct cx_tuf_envelope *envelope);

/**
 * cx_tuf_envelope_verify - was it signed by enough of a role's keys
 * @envelope: from cx_tuf_envelope_read()
 * @role: whose keys have to have signed
 * @err: filled on failure
 *
 * A key counts once, also if it is listed under several ids.
 *
 * Return: 0 or -ENOKEY.
 */
int cx_tuf_envelope_verify(const struct cx_tuf_envelope *envelope,
			   const struct cx_tuf_role *role,
			   struct cx_error *err);

/**
 * cx_tuf_envelope_signed_by - has this key signed
 * @envelope: from cx_tuf_envelope_read()
 * @key: the key
 */
bool cx_tuf_envelope_signed_by(const struct cx_tuf_envelope *envelope,
			       const struct cx_tuf_key *key);

#endif /* _CX_TUF_ENVELOPE_H */
