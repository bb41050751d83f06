// SPDX-License-Identifier: LGPL-2.1-or-later
/* cryptex-publish: makes, signs and shows cryptexes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"

static const struct command *const commands[] = {
	&command_build, &command_sign, &command_release, &command_revoke,
	&command_show, &command_keygen,
};

#define COMMAND_COUNT	(sizeof(commands) / sizeof(*commands))

static void print_help(FILE *to)
{
	size_t i;

	fputs("Usage: " PROGRAM " COMMAND [OPTION]...\n"
	      "Make a sealed cryptex of a directory or of Debian packages.\n"
	      "\n"
	      "Commands:\n", to);
	for (i = 0; i < COMMAND_COUNT; i++)
		fprintf(to, "  %-8s  %s\n", commands[i]->name,
			commands[i]->summary);
	fputs("\n"
	      "`" PROGRAM " COMMAND --help` explains a command.\n"
	      "Exit status: 0 done, 1 failed, 2 the command line is wrong.\n",
	      to);
}

static const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < COMMAND_COUNT; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct command *command;
	int status;

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
			PROGRAM, argv[1], PROGRAM);
		return EXIT_USAGE;
	}
	status = command->run(argc - 1, argv + 1);
	/* What was shown counts only once it is out. */
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "%s: the output cannot be written\n", PROGRAM);
		return EXIT_FAILURE;
	}
	return status;
}
