// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/ctl.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "ctl/text.h"

void ctl_say(const char *text)
{
	char *clean = ctl_clean_copy(text);

	puts(clean);
	free(clean);
}

void ctl_warn(const char *text)
{
	char *clean = ctl_clean_copy(text);

	fflush(stdout);
	fprintf(stderr, "cryptexctl: %s\n", clean);
	free(clean);
}

int ctl_usage_error(const struct ctl *ctl, const char *fmt, ...)
{
	char text[512], line[640];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	snprintf(line, sizeof(line), "%s: %s: `cryptexctl help %s`",
		 ctl->command, text, ctl->command);
	ctl_warn(line);
	return CTL_USAGE;
}

int ctl_open(const struct ctl *ctl, struct cx_ops *ops, unsigned int needs,
	     struct cx_error *err)
{
	*ops = (struct cx_ops){ .say = ctl_say, .warn = ctl_warn };
	return cx_ops_open(ops, ctl->store, needs, err);
}

const char *ctl_prefix(void)
{
	const char *prefix = getenv("CRYPTEX_SYSROOT");

	return prefix ? prefix : "";
}
