// SPDX-License-Identifier: LGPL-2.1-or-later
#include "index.h"

#include <errno.h>
#include <string.h>

#include "layout.h"
#include "metadata.h"

#define INDEX_FORMAT	1

json_t *index_new(void)
{
	return json_pack("{s:i, s:{}}", "format", INDEX_FORMAT, "objects");
}

int index_parse(const struct cx_buf *content, const char *name, json_t **index,
		struct cx_error *err)
{
	int ret = metadata_parse(content->data, content->size, name, index, err);

	if (ret < 0)
		return ret;
	if (metadata_number(*index, "format") == INDEX_FORMAT &&
	    json_is_object(json_object_get(*index, "objects")))
		return 0;
	json_decref(*index);
	return cx_fail(err, -EPROTONOSUPPORT,
		       "%s: is no index of the format %d", name, INDEX_FORMAT);
}

int index_format(const json_t *index, struct cx_buf *content,
		 struct cx_error *err)
{
	char *text = json_dumps(index, JSON_COMPACT | JSON_SORT_KEYS);

	if (!text)
		return cx_fail(err, -ENOMEM, "out of memory");
	*content = (struct cx_buf){ text, strlen(text) };
	return 0;
}

json_t *index_object(const json_t *index,
		     const uint8_t digest[CRYPTEX_DIGEST_SIZE])
{
	char hex[HEX_SIZE];

	return json_object_get(json_object_get(index, "objects"),
			       cx_hex(digest, CRYPTEX_DIGEST_SIZE, hex));
}

int index_add(json_t *index, const uint8_t digest[CRYPTEX_DIGEST_SIZE],
	      uint64_t size, uint64_t packed, struct cx_error *err)
{
	char hex[HEX_SIZE];

	return json_put(json_object_get(index, "objects"),
			cx_hex(digest, CRYPTEX_DIGEST_SIZE, hex),
			json_pack("{s:I, s:I}", "size", (json_int_t)size,
				  "packed", (json_int_t)packed), err);
}

int index_add_delta(json_t *index, const uint8_t digest[CRYPTEX_DIGEST_SIZE],
		    const uint8_t old[CRYPTEX_DIGEST_SIZE], uint64_t size,
		    struct cx_error *err)
{
	json_t *object = index_object(index, digest);
	char hex[HEX_SIZE];
	int ret = 0;

	if (!json_object_get(object, "deltas"))
		ret = json_put(object, "deltas", json_object(), err);
	return ret ? ret : json_put(json_object_get(object, "deltas"),
				    cx_hex(old, CRYPTEX_DIGEST_SIZE, hex),
				    json_integer(size), err);
}

bool index_has_delta(const json_t *index,
		     const uint8_t digest[CRYPTEX_DIGEST_SIZE],
		     const uint8_t old[CRYPTEX_DIGEST_SIZE])
{
	const json_t *deltas = json_object_get(index_object(index, digest),
					       "deltas");
	char hex[HEX_SIZE];

	return json_object_get(deltas, cx_hex(old, CRYPTEX_DIGEST_SIZE, hex));
}
