// SPDX-License-Identifier: LGPL-2.1-or-later
#include <endian.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "machine.h"
#include "view.h"

static json_t *digest_json(const uint8_t *digest)
{
	char hex[2 * CRYPTEX_DIGEST_SIZE + 1];

	return json_string(cx_hex(digest, CRYPTEX_DIGEST_SIZE, hex));
}

static json_t *fixes_json(const struct cx_fixes *fixes)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < fixes->count; i++)
		json_array_append_new(array, json_pack(
			"{s:s,s:s,s:s}", "id", fixes->list[i].id,
			"severity", fixes->list[i].severity,
			"text", fixes->list[i].text));
	return array;
}

/* A name is bytes; JSON has text. What is not UTF-8 reads as null. */
static json_t *text_json(const char *text, size_t len)
{
	json_t *string = json_stringn(text, len);

	return string ? string : json_null();
}

/* A value is bytes, so it is told in hex. */
static json_t *xattr_value_json(const struct cryptex_seal_xattr *xattr)
{
	char *hex = malloc(2 * xattr->value_len + 1);
	json_t *string = NULL;

	if (hex)
		string = json_string(cx_hex(xattr->value, xattr->value_len,
					    hex));
	free(hex);
	return string;
}

static json_t *xattrs_json(const struct cryptex_seal *seal,
			   const struct cryptex_seal_entry *e)
{
	struct cryptex_seal_xattr it = { NULL };
	char name[UINT8_MAX + 1];
	json_t *object = json_object();

	while (cryptex_seal_xattr_next(seal, e, &it)) {
		snprintf(name, sizeof(name), "%.*s", (int)it.name_len, it.name);
		json_object_set_new(object, name, xattr_value_json(&it));
	}
	return object;
}

static json_t *entry_json(const struct cryptex_seal *seal, uint32_t index)
{
	const struct cryptex_seal_entry *e = &seal->entries[index];
	mode_t mode = le16toh(e->mode);
	char *path = cx_seal_path(seal, index);
	json_t *entry;

	entry = json_pack("{s:s,s:o,s:i}", "type",
			  S_ISDIR(mode) ? "directory" :
			  S_ISLNK(mode) ? "link" : "file",
			  "path", text_json(path ?: "", strlen(path ?: "")),
			  "mode", mode & 0777);
	free(path);
	if (S_ISREG(mode)) {
		json_object_set_new(entry, "size",
				    json_integer(le64toh(e->size)));
		json_object_set_new(entry, "digest", digest_json(e->digest));
	} else if (S_ISLNK(mode)) {
		json_object_set_new(entry, "target",
				    text_json(seal->strings + le32toh(e->first),
					      le64toh(e->size)));
	}
	if (e->xattrs)
		json_object_set_new(entry, "xattrs", xattrs_json(seal, e));
	return entry;
}

static json_t *tree_json(const struct cryptex_seal *seal)
{
	json_t *array = json_array();
	uint32_t i;

	for (i = 1; i < seal->entry_count; i++)
		json_array_append_new(array, entry_json(seal, i));
	return array;
}

static json_t *container_json(const struct view *view)
{
	const struct contents *c = &view->contents;

	if (!view->is_container)
		return json_null();
	return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I}",
			 "objects", (json_int_t)c->held,
			 "objects_in_seal", (json_int_t)c->count,
			 "packed_bytes", (json_int_t)c->packed,
			 "deltas", (json_int_t)c->deltas,
			 "delta_bytes", (json_int_t)c->delta_bytes,
			 "bytes", (json_int_t)c->size,
			 "made_bytes", (json_int_t)c->made_bytes);
}

static json_t *view_json(const struct view *view)
{
	const struct cx_seal *seal = &view->contents.seal;
	const struct cryptex_seal_header *h = seal->view.header;
	bool is_base = cryptex_seal_is_base(&seal->view);

	return json_pack(
		"{s:s,s:s,s:s,s:o,s:o,s:I,s:I,s:s,s:I,s:I,s:I,s:I,s:o,s:b,s:o,s:b,s:o}",
		"name", cx_seal_name(seal),
		"label", cx_seal_label(seal),
		"kind", is_base ? "base" : "patch",
		"base_digest", is_base ? json_null()
				       : digest_json(h->base_digest),
		"digest", digest_json(seal->digest),
		"security_epoch", (json_int_t)le32toh(h->security_epoch),
		"build_time", (json_int_t)le64toh(h->build_time),
		"machine", machine_name(le16toh(h->machine)),
		"files", (json_int_t)view->files,
		"links", (json_int_t)view->links,
		"directories", (json_int_t)view->directories,
		"bytes", (json_int_t)view->bytes,
		"container", container_json(view),
		"signed", seal->is_signed,
		"signer_key_id", seal->is_signed ? json_string(view->key_id)
						 : json_null(),
		"signature_verified", view->is_verified,
		"fixes", fixes_json(&view->fixes));
}

int view_print_json(const struct view *view, bool with_files,
		    struct cx_error *err)
{
	json_t *json = view_json(view);

	if (json && with_files)
		json_object_set_new(json, "tree",
				    tree_json(&view->contents.seal.view));
	if (!json || json_dumpf(json, stdout, JSON_INDENT(2)) < 0) {
		json_decref(json);
		return cx_fail(err, -EIO, "the output cannot be written");
	}
	putchar('\n');
	json_decref(json);
	return 0;
}
