// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/json.h"

#include <stdio.h>
#include <stdlib.h>

#include "ctl/ctl.h"
#include "ctl/text.h"
#include "lib/file.h"

json_t *ctl_json_text(const char *text)
{
	char *clean = ctl_clean_copy(text);
	json_t *value = json_string(clean);

	free(clean);
	return value;
}

json_t *ctl_json_hex(const void *data, size_t size)
{
	char hex[129];

	return json_string(cx_hex(data, size, hex));
}

json_t *ctl_json_fixes(const struct cx_fixes *fixes)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < fixes->count; i++)
		json_array_append_new(array,
			json_pack("{s:o, s:o, s:o}",
				  "id", ctl_json_text(fixes->list[i].id),
				  "severity",
				  ctl_json_text(fixes->list[i].severity),
				  "text", ctl_json_text(fixes->list[i].text)));
	return array;
}

json_t *ctl_json_cost(const struct cx_receipt *cost)
{
	if (!cost)
		return json_null();
	return json_pack("{s:I, s:I, s:I, s:I}",
			 "fetched_bytes", (json_int_t)cost->fetched_bytes,
			 "full_bytes", (json_int_t)cost->full_bytes,
			 "objects", (json_int_t)cost->objects,
			 "deltas", (json_int_t)cost->deltas);
}

int ctl_json_print(json_t *value)
{
	int rc = json_dumpf(value, stdout, JSON_INDENT(2) | JSON_SORT_KEYS);

	json_decref(value);
	putchar('\n');
	if (!rc)
		return CTL_OK;
	ctl_warn("out of memory");
	return CTL_FAILED;
}
