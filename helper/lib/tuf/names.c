// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/tuf/names.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/tuf/limits.h"

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr("-._~", c));
}

char *cx_tuf_encode(const char *name, bool keep_slash)
{
	static const char digits[] = "0123456789ABCDEF";
	char *text = malloc(3 * strlen(name) + 1), *next = text;

	if (!text)
		return NULL;
	for (; *name; name++) {
		if (is_plain(*name) || (keep_slash && *name == '/')) {
			*next++ = *name;
			continue;
		}
		*next++ = '%';
		*next++ = digits[(uint8_t)*name >> 4];
		*next++ = digits[*name & 15];
	}
	*next = '\0';
	return text;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *cx_tuf_decode(const char *name)
{
	char *text = malloc(strlen(name) + 1), *next = text;

	for (; text && *name; name++) {
		int high, low;

		if (*name != '%') {
			*next++ = *name;
			continue;
		}
		high = digit(name[1]);
		low = high < 0 ? -1 : digit(name[2]);
		if (low < 0 || !(high || low)) {
			free(text);
			return NULL;
		}
		*next++ = high << 4 | low;
		name += 2;
	}
	if (text)
		*next = '\0';
	return text;
}

static bool is_top_level(const char *name)
{
	static const char *const top[] = {
		"root", "timestamp", "snapshot", "targets", "mirrors",
	};
	size_t i;

	for (i = 0; i < sizeof(top) / sizeof(*top); i++)
		if (!strcmp(name, top[i]))
			return true;
	return false;
}

int cx_tuf_check_role(const char *name, struct cx_error *err)
{
	size_t size = 0;
	const char *c;

	for (c = name; *c; c++)
		size += is_plain(*c) ? 1 : 3;
	if (!size || size > CX_TUF_ROLE_MAX)
		return cx_fail(err, -EBADMSG,
			       "the name of a delegated role is empty or too long: '%.40s'",
			       name);
	if (is_top_level(name))
		return cx_fail(err, -EBADMSG,
			       "a delegated role is called '%s', as a role of the top level",
			       name);
	return 0;
}

static bool is_safe(const char *path)
{
	const char *end;

	for (;; path = end + 1) {
		size_t n = strcspn(path, "/");

		end = path + n;
		if (!n || (n == 1 && *path == '.') ||
		    (n == 2 && !memcmp(path, "..", 2)))
			return false;
		if (!*end)
			return true;
	}
}

int cx_tuf_check_path(const char *path, struct cx_error *err)
{
	if (strlen(path) > CX_TUF_PATH_MAX)
		return cx_fail(err, -EBADMSG,
			       "a target's path is longer than %d bytes: '%.40s...'",
			       CX_TUF_PATH_MAX, path);
	if (!cx_is_one_line(path) || strchr(path, '\\') || !is_safe(path))
		return cx_fail(err, -EBADMSG,
			       "a target's path is not a plain relative one: '%.100s'",
			       path);
	return 0;
}

int cx_tuf_check_pattern(const char *pattern, struct cx_error *err)
{
	if (strlen(pattern) > CX_TUF_PATTERN_MAX)
		return cx_fail(err, -EBADMSG,
			       "a pattern is longer than %d bytes: '%.40s...'",
			       CX_TUF_PATTERN_MAX, pattern);
	if (strpbrk(pattern, "[\\"))
		return cx_fail(err, -EBADMSG,
			       "a pattern has other wildcards than '*' and '?': '%.100s'",
			       pattern);
	return 0;
}

/*
 * fnmatch(3) would take time exponential in the number of stars.  Going back to the
 * last star alone is enough, as what stood before it has matched already; and no star
 * needs to give way across a '/', where the one before it cannot help either.
 */
bool cx_tuf_match(const char *pattern, const char *path)
{
	const char *star = NULL, *from = NULL;

	while (*path) {
		if (*pattern == '*') {
			star = ++pattern;
			from = path;
		} else if (*pattern == *path ||
			   (*pattern == '?' && *path != '/')) {
			pattern++;
			path++;
		} else if (star && *from != '/') {
			pattern = star;
			path = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}
