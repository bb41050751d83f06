// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "input.h"

int globs_add(struct globs *globs, const char *pattern, struct cx_error *err)
{
	const char **list = reallocarray(globs->list, globs->count + 1,
					 sizeof(*list));

	if (!list)
		return cx_fail(err, -ENOMEM, "out of memory");
	if (!strncmp(pattern, "./", 2))
		pattern++;
	while (*pattern == '/')
		pattern++;
	list[globs->count++] = pattern;
	globs->list = list;
	return 0;
}

static bool match_one(const struct globs *globs, const char *path)
{
	size_t i;

	for (i = 0; i < globs->count; i++)
		if (!fnmatch(globs->list[i], path, 0))
			return true;
	return false;
}

/* The path or one of the folders that it lies in. */
static bool match(const struct globs *globs, const char *path)
{
	char part[PATH_MAX];
	const char *slash = path;

	if (!globs->count)
		return false;
	while ((slash = strchr(slash, '/'))) {
		size_t len = slash++ - path;

		if (len >= sizeof(part))
			return false;
		memcpy(part, path, len);
		part[len] = '\0';
		if (match_one(globs, part))
			return true;
	}
	return match_one(globs, path);
}

bool filter_excludes(const struct filter *filter, const char *path)
{
	return match(&filter->exclude, path);
}

bool filter_takes(const struct filter *filter, const char *path)
{
	return !filter_excludes(filter, path) &&
	       (!filter->include.count || match(&filter->include, path));
}
