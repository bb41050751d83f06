// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/receipt.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECEIPT_MAX	4096	/* bytes of the file */

static char *path_of(const struct cx_store *store, const struct cx_item *item)
{
	char *path;

	return asprintf(&path, "%s/seals/%s/%s" CX_RECEIPT_SUFFIX, store->path,
			item->name, item->label) < 0 ? NULL : path;
}

int cx_receipt_save(const struct cx_store *store, const struct cx_item *item,
		    const struct cx_receipt *receipt, struct cx_error *err)
{
	json_t *root = json_pack("{s:I, s:I, s:I, s:I}",
		"fetched_bytes", (json_int_t)receipt->fetched_bytes,
		"full_bytes", (json_int_t)receipt->full_bytes,
		"objects", (json_int_t)receipt->objects,
		"deltas", (json_int_t)receipt->deltas);
	char *text = root ? json_dumps(root, JSON_SORT_KEYS) : NULL;
	char *path = path_of(store, item);
	int rc;

	if (text && path)
		rc = cx_write_file(path, store->tmp, text, strlen(text), 0600,
				   err);
	else
		rc = cx_fail(err, -ENOMEM, "out of memory");
	free(path);
	free(text);
	json_decref(root);
	return rc;
}

static bool take_number(const json_t *root, const char *key, uint64_t *value)
{
	const json_t *number = json_object_get(root, key);

	*value = json_integer_value(number);
	return json_is_integer(number) && json_integer_value(number) >= 0;
}

static int parse(const char *path, const struct cx_buf *buf,
		 struct cx_receipt *receipt, struct cx_error *err)
{
	json_error_t why;
	json_t *root = json_loadb(buf->data, buf->size,
				  JSON_REJECT_DUPLICATES, &why);
	bool good = root &&
		take_number(root, "fetched_bytes", &receipt->fetched_bytes) &&
		take_number(root, "full_bytes", &receipt->full_bytes) &&
		take_number(root, "objects", &receipt->objects) &&
		take_number(root, "deltas", &receipt->deltas);

	json_decref(root);
	return good ? 0 : cx_fail(err, -EBADMSG,
				  "%s: is damaged: remove it", path);
}

int cx_receipt_load(const struct cx_store *store, const struct cx_item *item,
		    struct cx_receipt *receipt, struct cx_error *err)
{
	char *path = path_of(store, item);
	struct cx_buf buf;
	int rc;

	if (!path)
		return cx_fail(err, -ENOMEM, "out of memory");
	rc = cx_read_file(path, RECEIPT_MAX, &buf, err);
	if (!rc) {
		rc = parse(path, &buf, receipt, err);
		cx_buf_free(&buf);
	}
	free(path);
	return rc;
}
