// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/tuf/canonical.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Trouble with memory is kept by the stream and asked for at its end. */
static int put_value(FILE *out, const json_t *value, int depth,
		     struct cx_error *err);

static void put_string(FILE *out, const char *text, size_t size)
{
	size_t i;

	fputc('"', out);
	for (i = 0; i < size; i++) {
		if (text[i] == '"' || text[i] == '\\')
			fputc('\\', out);
		fputc(text[i], out);
	}
	fputc('"', out);
}

static int put_array(FILE *out, const json_t *array, int depth,
		     struct cx_error *err)
{
	size_t i, n = json_array_size(array);
	int ret = 0;

	fputc('[', out);
	for (i = 0; !ret && i < n; i++) {
		if (i)
			fputc(',', out);
		ret = put_value(out, json_array_get(array, i), depth, err);
	}
	fputc(']', out);
	return ret;
}

struct member {
	const char *name;
	const json_t *value;
};

/* By bytes, which for UTF-8 is the order of the code points. */
static int by_name(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* NULL if there is no memory; the parser lets no name hold a zero byte. */
static struct member *sorted(const json_t *object, size_t n)
{
	struct member *list = calloc(n ? n : 1, sizeof(*list));
	void *iter = json_object_iter((json_t *)object);
	size_t i;

	for (i = 0; list && i < n; i++) {
		list[i].name = json_object_iter_key(iter);
		list[i].value = json_object_iter_value(iter);
		iter = json_object_iter_next((json_t *)object, iter);
	}
	if (list)
		qsort(list, n, sizeof(*list), by_name);
	return list;
}

static int put_object(FILE *out, const json_t *object, int depth,
		      struct cx_error *err)
{
	size_t i, n = json_object_size(object);
	struct member *list = sorted(object, n);
	int ret = 0;

	if (!list)
		return cx_fail(err, -ENOMEM, "out of memory");
	fputc('{', out);
	for (i = 0; !ret && i < n; i++) {
		if (i)
			fputc(',', out);
		put_string(out, list[i].name, strlen(list[i].name));
		fputc(':', out);
		ret = put_value(out, list[i].value, depth, err);
	}
	fputc('}', out);
	free(list);
	return ret;
}

static int put_value(FILE *out, const json_t *value, int depth,
		     struct cx_error *err)
{
	if (depth == CX_TUF_DEPTH_MAX &&
	    (json_is_object(value) || json_is_array(value)))
		return cx_fail(err, -EBADMSG,
			       "objects and arrays are nested deeper than %d",
			       CX_TUF_DEPTH_MAX);
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return put_object(out, value, depth + 1, err);
	case JSON_ARRAY:
		return put_array(out, value, depth + 1, err);
	case JSON_STRING:
		put_string(out, json_string_value(value),
			   json_string_length(value));
		return 0;
	case JSON_INTEGER:
		fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		return 0;
	case JSON_REAL:
		return cx_fail(err, -EBADMSG,
			       "a JSON number is not an integer: canonical JSON has no others");
	case JSON_TRUE:
		fputs("true", out);
		return 0;
	case JSON_FALSE:
		fputs("false", out);
		return 0;
	default:
		fputs("null", out);
		return 0;
	}
}

int cx_tuf_canonical(const json_t *value, char **text, size_t *size,
		     struct cx_error *err)
{
	FILE *out;
	int ret;

	*text = NULL;
	out = open_memstream(text, size);
	if (!out)
		return cx_fail(err, -ENOMEM, "out of memory");
	ret = put_value(out, value, 0, err);
	if (fclose(out) && !ret)
		ret = cx_fail(err, -ENOMEM, "out of memory");
	if (ret < 0) {
		free(*text);
		*text = NULL;
	}
	return ret;
}
