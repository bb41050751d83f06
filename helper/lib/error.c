// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* What is printed may come from a hostile archive: no terminal escapes. */
static void defuse(char *s)
{
	for (; *s; s++)
		if (is_control(*s))
			*s = '?';
}

bool cx_is_one_line(const char *text)
{
	while (*text && !is_control(*text))
		text++;
	return !*text;
}

int cx_fail(struct cx_error *err, int neg_errno, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return neg_errno;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	defuse(err->text);
	return neg_errno;
}

int cx_prefix(struct cx_error *err, int neg_errno, const char *fmt, ...)
{
	char front[sizeof(err->text)], rest[sizeof(err->text)];
	va_list args;

	if (!err)
		return neg_errno;
	va_start(args, fmt);
	vsnprintf(front, sizeof(front), fmt, args);
	va_end(args);
	memcpy(rest, err->text, sizeof(rest));
	return cx_fail(err, neg_errno, "%s: %s", front, rest);
}
