// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/tuf/envelope.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/tuf/canonical.h"
#include "lib/tuf/fields.h"
#include "lib/tuf/limits.h"

static const char *keyid_of(const json_t *signatures, size_t i)
{
	return json_string_value(json_object_get(json_array_get(signatures, i),
						 "keyid"));
}

static int check_signature(const json_t *signatures, size_t i,
			   struct cx_error *err)
{
	const json_t *one = json_array_get(signatures, i);
	const char *keyid = keyid_of(signatures, i);
	size_t k;

	if (!keyid || !json_is_string(json_object_get(one, "sig")))
		return cx_fail(err, -EBADMSG,
			       "a signature has not both of 'keyid' and 'sig'");
	for (k = 0; k < i; k++)
		if (!strcmp(keyid_of(signatures, k), keyid))
			return cx_fail(err, -EBADMSG,
				       "has two signatures by the key %.64s",
				       keyid);
	return 0;
}

static int check_form(struct cx_tuf_envelope *envelope, struct cx_error *err)
{
	int ret = cx_tuf_get_object(envelope->json, "signed",
				    &envelope->signed_part, err);
	size_t i, n;

	if (!ret)
		ret = cx_tuf_get_array(envelope->json, "signatures",
				       CX_TUF_SIGNATURES_MAX,
				       &envelope->signatures, err);
	n = ret ? 0 : json_array_size(envelope->signatures);
	for (i = 0; !ret && i < n; i++)
		ret = check_signature(envelope->signatures, i, err);
	return ret;
}

int cx_tuf_envelope_read(const void *data, size_t size,
			 struct cx_tuf_envelope *envelope, struct cx_error *err)
{
	json_error_t why;
	int ret;

	*envelope = (struct cx_tuf_envelope){ 0 };
	envelope->json = json_loadb(data ? data : "", size,
				    JSON_REJECT_DUPLICATES, &why);
	if (!envelope->json)
		return cx_fail(err, -EBADMSG, "is not JSON: %s (at byte %d)",
			       why.text, why.position);
	ret = check_form(envelope, err);
	if (!ret)
		ret = cx_tuf_canonical(envelope->signed_part, &envelope->text,
				       &envelope->size, err);
	if (ret)
		cx_tuf_envelope_free(envelope);
	return ret;
}

void cx_tuf_envelope_free(struct cx_tuf_envelope *envelope)
{
	json_decref(envelope->json);
	free(envelope->text);
	*envelope = (struct cx_tuf_envelope){ 0 };
}

bool cx_tuf_envelope_signed_by(const struct cx_tuf_envelope *envelope,
			       const struct cx_tuf_key *key)
{
	size_t i, n = json_array_size(envelope->signatures);

	for (i = 0; i < n; i++) {
		const json_t *one = json_array_get(envelope->signatures, i);

		if (!strcmp(keyid_of(envelope->signatures, i), key->id))
			return cx_tuf_key_verify(key, envelope->text,
						 envelope->size,
						 json_string_value(json_object_get(one, "sig")));
	}
	return false;
}

/* The same public key may have several ids, as other members count for the id. */
static bool is_counted(const struct cx_tuf_role *role, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (cx_tuf_pubkey_same(role->keys[k]->pkey,
				       role->keys[i]->pkey))
			return true;
	return false;
}

int cx_tuf_envelope_verify(const struct cx_tuf_envelope *envelope,
			   const struct cx_tuf_role *role, struct cx_error *err)
{
	unsigned int good = 0;
	size_t i;

	for (i = 0; i < role->count && good < role->threshold; i++)
		if (!is_counted(role, i) &&
		    cx_tuf_envelope_signed_by(envelope, role->keys[i]))
			good++;
	if (good >= role->threshold)
		return 0;
	return cx_fail(err, -ENOKEY,
		       "has %u good signatures by keys of the role '%.64s', %u are needed: %s",
		       good, role->name, role->threshold,
		       role->delegated ?
		       "use another mirror; if all are like that, its publisher has to sign it with keys of that role" :
		       "do not use this repository, or get its new root.json from its publisher");
}
