// SPDX-License-Identifier: LGPL-2.1-or-later
/* Values on the command line that more than one command has. */
#include <errno.h>

#include "commands.h"
#include "generation.h"

int parse_time(const char *from, const char *text, unsigned long long *value,
	       struct cx_error *err)
{
	if (!parse_number(text, BUILD_TIME_MAX, value))
		return 0;
	return cx_fail(err, -EINVAL,
		       "%s \"%s\": is no number of seconds since 1970 up to %llu",
		       from, text, BUILD_TIME_MAX);
}
