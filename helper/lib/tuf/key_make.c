// SPDX-License-Identifier: LGPL-2.1-or-later
/* Writing keys, which only whoever signs does. */
#include "lib/tuf/key.h"

#include <errno.h>
#include <stdlib.h>

int cx_tuf_key_to_json(struct evp_pkey_st *pkey, enum cx_tuf_scheme scheme,
		       json_t **json, char id[CX_TUF_KEYID_LEN + 1],
		       struct cx_error *err)
{
	const struct cx_tuf_kind *kind = cx_tuf_kind_of(scheme);
	char *text;
	int ret = cx_tuf_pubkey_write(pkey, scheme, &text, err);

	if (ret < 0)
		return ret;
	*json = json_pack("{s:s, s:s, s:{s:s}}", "keytype", kind->type,
			  "scheme", kind->scheme_name, "keyval", "public",
			  text);
	free(text);
	if (!*json)
		return cx_fail(err, -ENOMEM, "out of memory");
	ret = cx_tuf_key_id(*json, id, err);
	if (ret < 0) {
		json_decref(*json);
		*json = NULL;
	}
	return ret;
}
