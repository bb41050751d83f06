// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/tuf/fields.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/tuf/limits.h"

int cx_tuf_get_object(const json_t *json, const char *name,
		      const json_t **value, struct cx_error *err)
{
	*value = json_object_get(json, name);
	if (json_is_object(*value))
		return 0;
	return cx_fail(err, -EBADMSG, "'%s' is missing or not an object", name);
}

int cx_tuf_get_array(const json_t *json, const char *name, size_t max,
		     const json_t **value, struct cx_error *err)
{
	*value = json_object_get(json, name);
	if (!json_is_array(*value))
		return cx_fail(err, -EBADMSG, "'%s' is missing or not an array",
			       name);
	if (json_array_size(*value) > max)
		return cx_fail(err, -EBADMSG,
			       "'%s' has %zu values, at most %zu are allowed",
			       name, json_array_size(*value), max);
	return 0;
}

int cx_tuf_get_string(const json_t *json, const char *name, const char **value,
		      struct cx_error *err)
{
	*value = json_string_value(json_object_get(json, name));
	if (*value)
		return 0;
	return cx_fail(err, -EBADMSG, "'%s' is missing or not a string", name);
}

int cx_tuf_get_number(const json_t *json, const char *name, int64_t min,
		      int64_t max, int64_t *value, struct cx_error *err)
{
	const json_t *member = json_object_get(json, name);

	*value = json_integer_value(member);
	if (json_is_integer(member) && *value >= min && *value <= max)
		return 0;
	return cx_fail(err, -EBADMSG,
		       "'%s' is missing or not an integer from %lld to %lld",
		       name, (long long)min, (long long)max);
}

int cx_tuf_get_bool(const json_t *json, const char *name, bool fallback,
		    bool *value, struct cx_error *err)
{
	const json_t *member = json_object_get(json, name);

	*value = member ? json_is_true(member) : fallback;
	if (!member || json_is_boolean(member))
		return 0;
	return cx_fail(err, -EBADMSG, "'%s' is neither true nor false", name);
}

/* Written back it has to be the same: no 30th of February, no blank. */
static int get_time(const json_t *json, const char *name, time_t *value,
		    struct cx_error *err)
{
	static const char format[] = "%Y-%m-%dT%H:%M:%SZ";
	struct tm tm = { 0 };
	const char *text, *end;
	char back[64];
	int ret = cx_tuf_get_string(json, name, &text, err);

	if (ret)
		return ret;
	end = strptime(text, format, &tm);
	*value = end && !*end ? timegm(&tm) : -1;
	if (*value >= 0 && gmtime_r(value, &tm) &&
	    strftime(back, sizeof(back), format, &tm) && !strcmp(back, text))
		return 0;
	return cx_fail(err, -EBADMSG,
		       "'%s' is not a time like 2030-01-31T23:59:59Z: '%.40s'",
		       name, text);
}

/* Within one major version metadata stay readable. */
static int check_format(const json_t *json, struct cx_error *err)
{
	unsigned int major, minor, patch;
	const char *text;
	int used = 0, ret;

	ret = cx_tuf_get_string(json, "spec_version", &text, err);
	if (ret)
		return ret;
	if (sscanf(text, "%5u.%5u%n.%5u%n", &major, &minor, &used, &patch,
		   &used) >= 2 && !text[used] && major == 1 &&
	    !strpbrk(text, "+- "))
		return 0;
	return cx_fail(err, -EBADMSG,
		       "is written to the specification '%.40s', not 1.x: a newer Cryptex may read it",
		       text);
}

int cx_tuf_get_header(const json_t *json, const char *type,
		      struct cx_tuf_header *header, struct cx_error *err)
{
	const char *is;
	int ret = cx_tuf_get_string(json, "_type", &is, err);

	if (!ret && strcmp(is, type))
		ret = cx_fail(err, -EBADMSG, "is of the type '%.40s', not '%s'",
			      is, type);
	if (!ret)
		ret = check_format(json, err);
	if (!ret)
		ret = cx_tuf_get_number(json, "version", 1, CX_TUF_VERSION_MAX,
					&header->version, err);
	if (!ret)
		ret = get_time(json, "expires", &header->expires, err);
	return ret;
}

char *cx_tuf_time_text(time_t time, char text[40])
{
	struct tm tm;

	if (!gmtime_r(&time, &tm) ||
	    !strftime(text, 40, "%Y-%m-%d %H:%M:%S UTC", &tm))
		snprintf(text, 40, "%lld seconds", (long long)time);
	return text;
}
