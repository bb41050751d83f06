// SPDX-License-Identifier: LGPL-2.1-or-later
#include "command.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A process is one program: set once, by program_run(). */
static const struct program *running;

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

int take_options(const struct syntax *syntax, int argc, char **argv,
		 void *order)
{
	int option, status = 0;

	while (!status &&
	       (option = next_option(syntax->command, argc, argv,
				     syntax->options,
				     syntax->letters ?: ":h")) != OPTION_END)
		status = option == OPTION_BAD ? EXIT_USAGE
					      : syntax->take(order, option);
	return status;
}

int no_more(const struct command *command, int argc, char **argv)
{
	if (optind >= argc)
		return 0;
	return usage_error(command, "%s: is not expected here", argv[optind]);
}

int usage_error(const struct command *command, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s %s: ", running->name, command->name);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, "\nTry `%s %s --help`.\n", running->name, command->name);
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

	fprintf(stderr, "%s: warning: ", running->name);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

int failure(const struct cx_error *err)
{
	fprintf(stderr, "%s: %s\n", running->name, err->text);
	return EXIT_FAILURE;
}

/* Names in one column, as wide as the longest. */
static void print_help(FILE *to)
{
	size_t i, width = 0;

	for (i = 0; i < running->count; i++)
		if (strlen(running->commands[i]->name) > width)
			width = strlen(running->commands[i]->name);
	fprintf(to, "Usage: %s COMMAND [OPTION]...\n%s\nCommands:\n",
		running->name, running->purpose);
	for (i = 0; i < running->count; i++)
		fprintf(to, "  %-*s  %s\n", (int)width,
			running->commands[i]->name,
			running->commands[i]->summary);
	fprintf(to, "\n`%s COMMAND --help` explains a command.\n"
		"Exit status: 0 done, 1 failed, 2 the command line is wrong.\n",
		running->name);
}

static const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < running->count; i++)
		if (!strcmp(running->commands[i]->name, name))
			return running->commands[i];
	return NULL;
}

int program_run(const struct program *program, int argc, char **argv)
{
	const struct command *command;
	int status;

	running = program;
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		print_help(stdout);
		return EXIT_SUCCESS;
	}
	command = find_command(argv[1]);
	if (!command) {
		fprintf(stderr, "%s: there is no command %s\nTry `%s --help`.\n",
			running->name, argv[1], running->name);
		return EXIT_USAGE;
	}
	status = command->run(argc - 1, argv + 1);
	/* What was shown counts only once it is out. */
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "%s: the output cannot be written\n",
			running->name);
		return EXIT_FAILURE;
	}
	return status;
}
