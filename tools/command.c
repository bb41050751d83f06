// SPDX-License-Identifier: LGPL-2.1-or-later
#include "command.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int next_option(const struct command *command, int argc, char **argv,
		const struct option *options, const char *letters)
{
	int option;

	opterr = 0;
	option = getopt_long(argc, argv, letters, options, NULL);
	if (option == 'h') {
		fputs(command->usage, stdout);
		exit(fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS);
	}
	if (option == ':')
		usage_error(command, "option %s needs a value",
			    argv[optind - 1]);
	else if (option == '?' && isprint(optopt))
		usage_error(command, "there is no option -%c", optopt);
	else if (option == '?')
		usage_error(command, "there is no option %s, or it takes no value",
			    argv[optind - 1]);
	return option == ':' ? OPTION_BAD : option;
}

int usage_error(const struct command *command, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s %s: ", PROGRAM, command->name);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, "\nTry `%s %s --help`.\n", PROGRAM, command->name);
	return EXIT_USAGE;
}

int parse_number(const char *text, unsigned long long max,
		 unsigned long long *value)
{
	char *end;

	/* strtoull() would take signs and spaces. */
	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &end, 10);
	return errno || *end || *value > max ? -EINVAL : 0;
}

void warn(const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s: warning: ", PROGRAM);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}
