// SPDX-License-Identifier: LGPL-2.1-or-later
#include <endian.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>

#include "list_view.h"

static json_t *seals_json(const struct cryptex_revocation *list)
{
	char hex[2 * CRYPTEX_DIGEST_SIZE + 1];
	json_t *array = json_array();
	uint32_t i;

	for (i = 0; i < le32toh(list->header->seal_count); i++)
		json_array_append_new(array, json_string(
			cx_hex(list->seals + i * CRYPTEX_DIGEST_SIZE,
			       CRYPTEX_DIGEST_SIZE, hex)));
	return array;
}

static json_t *floors_json(const struct cryptex_revocation *list)
{
	json_t *object = json_object();
	uint32_t i;

	for (i = 0; i < le32toh(list->header->floor_count); i++)
		json_object_set_new(object, (const char *)list->floors[i].name,
				    json_integer(le32toh(list->floors[i].security_epoch)));
	return object;
}

static json_t *certificates_json(const struct list_view *view)
{
	json_t *array = json_array();
	uint32_t i;

	for (i = 0; i < le32toh(view->list.view.header->certificate_count); i++) {
		const struct cx_cert *cert = view->certificates[i];

		json_array_append_new(array, cert ?
			json_pack("{s:s?,s:s}", "key_id", cx_cert_key_id(cert),
				  "subject", cx_cert_subject(cert)) :
			json_null());
	}
	return array;
}

int list_view_print_json(const struct list_view *view, struct cx_error *err)
{
	const struct cryptex_revocation *list = &view->list.view;
	json_t *json = json_pack("{s:s,s:I,s:I,s:s,s:b,s:o,s:o,s:o}",
		"kind", "revocation list",
		"number", (json_int_t)cx_list_number(&view->list),
		"issued", (json_int_t)le64toh(list->header->issued),
		"signer_key_id", view->key_id,
		"signature_verified", view->is_verified,
		"seals", seals_json(list),
		"floors", floors_json(list),
		"certificates", certificates_json(view));
	int ret = 0;

	if (!json || json_dumpf(json, stdout, JSON_INDENT(2)) < 0)
		ret = cx_fail(err, -EIO, "the output cannot be written");
	else
		putchar('\n');
	json_decref(json);
	return ret;
}
