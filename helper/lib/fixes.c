// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/fixes.h"

#include <cryptex/seal.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

bool cx_fix_id_ok(const char *id)
{
	size_t len = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"abcdefghijklmnopqrstuvwxyz0123456789-");

	return len && !id[len] && len <= CX_FIX_ID_MAX;
}

bool cx_severity_ok(const char *severity)
{
	static const char *const known[] = {
		"low", "medium", "high", "critical", "unknown",
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(severity, known[i]))
			return true;
	return false;
}

static bool is_utf8(const char *text)
{
	json_t *string = json_string(text);

	json_decref(string);
	return string;
}

static int check(const struct cx_fixes *fixes, const char *id,
		 const char *severity, const char *text, struct cx_error *err)
{
	size_t i;

	if (!cx_fix_id_ok(id))
		return cx_fail(err, -EINVAL,
			       "fix \"%s\": an id is 1 to %d letters, digits and hyphens",
			       id, CX_FIX_ID_MAX);
	if (!cx_severity_ok(severity))
		return cx_fail(err, -EINVAL,
			       "fix %s: severity \"%s\" is none of low, medium, high, critical, unknown",
			       id, severity);
	if (strlen(text) > CX_FIX_TEXT_MAX || !cx_is_one_line(text))
		return cx_fail(err, -EINVAL,
			       "fix %s: its text is longer than %d bytes or has a control character",
			       id, CX_FIX_TEXT_MAX);
	if (!is_utf8(text))
		return cx_fail(err, -EILSEQ, "fix %s: its text is not UTF-8", id);
	for (i = 0; i < fixes->count; i++)
		if (!strcmp(fixes->list[i].id, id))
			return cx_fail(err, -EEXIST, "fix %s is listed twice",
				       id);
	return 0;
}

int cx_fixes_add(struct cx_fixes *fixes, const char *id, const char *severity,
		 const char *text, struct cx_error *err)
{
	struct cx_fix *list;
	int ret = check(fixes, id, severity, text, err);

	if (ret < 0)
		return ret;
	list = reallocarray(fixes->list, fixes->count + 1, sizeof(*list));
	if (!list)
		return cx_fail(err, -ENOMEM, "fix %s: out of memory", id);
	fixes->list = list;
	list += fixes->count++;
	strcpy(list->id, id);
	strcpy(list->severity, severity);
	strcpy(list->text, text);
	return 0;
}

static int add_object(struct cx_fixes *fixes, json_t *object, size_t index,
		      struct cx_error *err)
{
	const char *id, *severity, *text;
	json_error_t why;

	if (json_unpack_ex(object, &why, JSON_STRICT, "{s:s,s:s,s:s}",
			   "id", &id, "severity", &severity, "text", &text))
		return cx_fail(err, -EBADMSG, "fixes: element %zu: %s", index,
			       why.text);
	return cx_fixes_add(fixes, id, severity, text, err);
}

int cx_fixes_parse(struct cx_fixes *fixes, const char *json, size_t size,
		   struct cx_error *err)
{
	json_error_t why;
	json_t *array, *element;
	size_t i;
	int ret = 0;

	if (!size)
		return 0;
	if (size > CRYPTEX_SEAL_MAX_FIXES)
		return cx_fail(err, -EFBIG, "fixes: larger than %d bytes",
			       CRYPTEX_SEAL_MAX_FIXES);
	array = json_loadb(json, size, JSON_REJECT_DUPLICATES, &why);
	if (!array)
		return cx_fail(err, -EBADMSG,
			       "fixes: not JSON: line %d, column %d: %s",
			       why.line, why.column, why.text);
	if (!json_is_array(array))
		ret = cx_fail(err, -EBADMSG, "fixes: not a JSON array");
	json_array_foreach(array, i, element) {
		ret = add_object(fixes, element, i, err);
		if (ret < 0)
			break;
	}
	json_decref(array);
	return ret;
}

static json_t *to_json(const struct cx_fixes *fixes)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; array && i < fixes->count; i++) {
		const struct cx_fix *fix = &fixes->list[i];
		json_t *object = json_pack("{s:s,s:s,s:s}", "id", fix->id,
					   "severity", fix->severity, "text",
					   fix->text);

		if (json_array_append_new(array, object)) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

int cx_fixes_format(const struct cx_fixes *fixes, struct cx_buf *json,
		    struct cx_error *err)
{
	json_t *array;

	*json = (struct cx_buf){ 0 };
	if (!fixes->count)
		return 0;
	array = to_json(fixes);
	json->data = array ? json_dumps(array, JSON_COMPACT | JSON_SORT_KEYS)
			   : NULL;
	json_decref(array);
	if (!json->data)
		return cx_fail(err, -ENOMEM, "fixes: out of memory");
	json->size = strlen(json->data);
	if (json->size > CRYPTEX_SEAL_MAX_FIXES) {
		cx_buf_free(json);
		return cx_fail(err, -EFBIG, "fixes: larger than %d bytes",
			       CRYPTEX_SEAL_MAX_FIXES);
	}
	return 0;
}

void cx_fixes_free(struct cx_fixes *fixes)
{
	free(fixes->list);
	*fixes = (struct cx_fixes){ 0 };
}
