// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/tuf/canonical.h"
#include "signer.h"

#define TIME_FORMAT	"%Y-%m-%dT%H:%M:%SZ"

int json_put(json_t *object, const char *key, json_t *value,
	     struct cx_error *err)
{
	if (!value || json_object_set_new(object, key, value) < 0)
		return cx_fail(err, -ENOMEM, "out of memory");
	return 0;
}

char *time_format(time_t time, char text[32])
{
	struct tm tm;

	gmtime_r(&time, &tm);
	strftime(text, 32, TIME_FORMAT, &tm);
	return text;
}

bool time_parse(const char *text, time_t *time)
{
	struct tm tm = { 0 };
	char again[32];
	const char *end = text ? strptime(text, TIME_FORMAT, &tm) : NULL;

	if (!end || *end)
		return false;
	*time = timegm(&tm);
	return !strcmp(time_format(*time, again), text);
}

json_int_t metadata_number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

const char *metadata_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

int metadata_parse(const void *data, size_t size, const char *name,
		   json_t **json, struct cx_error *err)
{
	json_error_t why;

	*json = json_loadb(data, size, JSON_REJECT_DUPLICATES, &why);
	if (*json)
		return 0;
	return cx_fail(err, -EBADMSG, "%s: is no sound JSON: line %d: %s", name,
		       why.line, why.text);
}

static int check_form(const json_t *envelope, const char *type,
		      const char *path, struct cx_error *err)
{
	const json_t *body = json_object_get(envelope, "signed");
	const char *is = metadata_text(body, "_type");

	if (!json_is_array(json_object_get(envelope, "signatures")) || !is)
		return cx_fail(err, -EBADMSG, "%s: is no signed metadata", path);
	if (strcmp(is, type))
		return cx_fail(err, -EBADMSG,
			       "%s: is metadata of the type '%.40s', not '%s'",
			       path, is, type);
	if (metadata_number(body, "version") < 1)
		return cx_fail(err, -EBADMSG, "%s: has no version", path);
	return 0;
}

int metadata_read(const char *path, const char *type, struct cx_buf *buf,
		  json_t **envelope, struct cx_error *err)
{
	struct cx_buf bytes;
	int ret = cx_read_file(path, METADATA_MAX, &bytes, err);

	if (ret < 0)
		return ret;
	ret = metadata_parse(bytes.data, bytes.size, path, envelope, err);
	if (!ret) {
		ret = check_form(*envelope, type, path, err);
		if (ret < 0)
			json_decref(*envelope);
	}
	if (!ret && buf)
		*buf = bytes;
	else
		cx_buf_free(&bytes);
	return ret;
}

static const char *signature_of(const json_t *envelope, const char *id)
{
	const json_t *list = json_object_get(envelope, "signatures"), *one;
	const char *by;
	size_t i;

	json_array_foreach(list, i, one) {
		by = metadata_text(one, "keyid");
		if (by && !strcmp(by, id))
			return metadata_text(one, "sig");
	}
	return NULL;
}

static bool has_signed(const json_t *envelope, const json_t *keys,
		       const char *id, const char *data, size_t size)
{
	const char *sig = signature_of(envelope, id);
	struct cx_tuf_key *key;
	struct cx_error ignored;
	bool ok;

	if (!sig || cx_tuf_key_parse(json_object_get(keys, id), &key, &ignored))
		return false;
	ok = !strcmp(key->id, id) && cx_tuf_key_verify(key, data, size, sig);
	cx_tuf_key_free(key);
	return ok;
}

static bool is_repeated(const json_t *ids, size_t index, const char *id)
{
	size_t i;

	for (i = 0; i < index; i++)
		if (!strcmp(json_string_value(json_array_get(ids, i)) ?: "", id))
			return true;
	return false;
}

size_t metadata_count(const json_t *envelope, const json_t *keys,
		      const json_t *role)
{
	const json_t *ids = json_object_get(role, "keyids"), *id;
	struct cx_error ignored;
	size_t i, size, count = 0;
	const char *text;
	char *data;

	if (cx_tuf_canonical(json_object_get(envelope, "signed"), &data, &size,
			     &ignored) < 0)
		return 0;
	json_array_foreach(ids, i, id) {
		text = json_string_value(id);
		if (text && !is_repeated(ids, i, text) &&
		    has_signed(envelope, keys, text, data, size))
			count++;
	}
	free(data);
	return count;
}

int metadata_verify(const json_t *envelope, const json_t *keys,
		    const json_t *role, const char *name, struct cx_error *err)
{
	size_t count = metadata_count(envelope, keys, role);
	json_int_t threshold = metadata_number(role, "threshold");

	if (threshold >= 1 && count >= (size_t)threshold)
		return 0;
	return cx_fail(err, -EKEYREJECTED,
		       "%s: has %zu good signatures of its role's keys, and %lld are needed",
		       name, count, (long long)threshold);
}

int metadata_set_signature(json_t *envelope, const char *id, const char *hex,
			   struct cx_error *err)
{
	json_t *list = json_object_get(envelope, "signatures"), *one;
	json_t *made = json_pack("{s:s, s:s}", "keyid", id, "sig", hex);
	const char *by;
	size_t i;
	int ret;

	json_array_foreach(list, i, one) {
		by = metadata_text(one, "keyid");
		if (by && !strcmp(by, id))
			break;
	}
	ret = i < json_array_size(list) ? json_array_set_new(list, i, made)
					: json_array_append_new(list, made);
	return ret < 0 ? cx_fail(err, -ENOMEM, "out of memory") : 0;
}

static int sign_by(json_t *envelope, const struct role_key *key, const char *data,
		   size_t size, struct cx_error *err)
{
	char *hex;
	int ret = signer_sign(key->pkey, key->scheme, data, size, &hex, err);

	if (ret < 0)
		return cx_prefix(err, ret, "key %.16s", key->id);
	ret = metadata_set_signature(envelope, key->id, hex, err);
	free(hex);
	return ret;
}

int metadata_sign(json_t *envelope, const struct keyring *ring,
		  const json_t *keyids, struct cx_error *err)
{
	const struct role_key *key;
	const json_t *id;
	size_t i, size;
	char *data;
	int ret = cx_tuf_canonical(json_object_get(envelope, "signed"), &data,
				   &size, err);

	if (ret < 0)
		return ret;
	json_array_foreach(keyids, i, id) {
		key = keyring_find(ring, json_string_value(id) ?: "");
		if (!ret && key && key->is_private)
			ret = sign_by(envelope, key, data, size, err);
	}
	free(data);
	return ret;
}

int metadata_format(const json_t *json, struct cx_buf *buf,
		    struct cx_error *err)
{
	char *text = json_dumps(json, JSON_INDENT(1) | JSON_SORT_KEYS), *line;
	int size = text ? asprintf(&line, "%s\n", text) : -1;

	free(text);
	if (size < 0)
		return cx_fail(err, -ENOMEM, "out of memory");
	*buf = (struct cx_buf){ line, size };
	return 0;
}

json_t *metadata_new(const char *type, json_int_t period)
{
	return json_pack("{s:s, s:s, s:i, s:I}", "_type", type, "spec_version",
			 SPEC_VERSION, "version", 0, MEMBER_PERIOD, period);
}

int metadata_renew(json_t *body, time_t now, struct cx_error *err)
{
	char issued[32], expires[32];
	int ret;

	time_format(now, issued);
	time_format(now + metadata_number(body, MEMBER_PERIOD), expires);
	ret = json_put(body, "version",
		       json_integer(metadata_number(body, "version") + 1), err);
	if (!ret)
		ret = json_put(body, MEMBER_ISSUED, json_string(issued), err);
	if (!ret)
		ret = json_put(body, "expires", json_string(expires), err);
	return ret;
}
