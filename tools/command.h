/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the commands of a program share. */
#ifndef _COMMAND_H
#define _COMMAND_H

#include <getopt.h>
#include <stddef.h>

#include "lib/error.h"

#define EXIT_USAGE	2	/* beside EXIT_SUCCESS and EXIT_FAILURE */

/**
 * struct command - one command
 * @name: as it is typed
 * @summary: half a line for the program's help
 * @usage: the command's own help, whole lines
 * @run: gets argv with @name in front; returns an exit status
 */
struct command {
	const char *name;
	const char *summary;
	const char *usage;
	int (*run)(int argc, char **argv);
};

/**
 * struct program - a program of commands
 * @name: as it is typed
 * @purpose: one sentence for its help, with a line end
 * @commands: all of them, in the order of the help
 * @count: how many
 */
struct program {
	const char *name;
	const char *purpose;
	const struct command *const *commands;
	size_t count;
};

/**
 * program_run - what main() does
 * @program: must outlive all other calls; from now on their messages name it
 * @argc: of main()
 * @argv: of main()
 *
 * Return: the exit status.
 */
int program_run(const struct program *program, int argc, char **argv);

/* Results of next_option() beside an option's own number. */
#define OPTION_END	(-1)	/* arguments from optind on */
#define OPTION_BAD	'?'	/* has been reported: return EXIT_USAGE */

/**
 * next_option - the next option of a command, refusals included
 * @command: whose options they are
 * @argc: of the command
 * @argv: of the command
 * @options: long options; each may also have the one-letter name of its value
 * @letters: the one-letter names, in the way of getopt(), starting with ':'
 *
 * Handles --help, which ends the program.
 *
 * Return: the option's number, OPTION_END or OPTION_BAD.
 */
int next_option(const struct command *command, int argc, char **argv,
		const struct option *options, const char *letters);

/**
 * struct syntax - the options of a command
 * @command: the command
 * @options: as next_option() has them
 * @letters: likewise; NULL if there are none but -h
 * @take: gets each option, its value in optarg, and what take_options() was given;
 *	returns 0, or an exit status and then it has told why
 */
struct syntax {
	const struct command *command;
	const struct option *options;
	const char *letters;
	int (*take)(void *order, int option);
};

/**
 * take_options - read all options of a command
 * @syntax: its options
 * @argc: of the command
 * @argv: of the command; from optind on are its arguments
 * @order: for the syntax's @take
 *
 * Return: 0, or an exit status and then it has been told.
 */
int take_options(const struct syntax *syntax, int argc, char **argv,
		 void *order);

/**
 * no_more - is nothing left on the command line?
 * @command: whose
 * @argc: of the command
 * @argv: of the command, read up to optind
 *
 * Return: 0, or EXIT_USAGE and then it has been told.
 */
int no_more(const struct command *command, int argc, char **argv);

/**
 * usage_error - say what is wrong with the command line
 * @command: where
 * @fmt: printf format of a sentence
 *
 * Return: EXIT_USAGE.
 */
int usage_error(const struct command *command, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * failure - say why a command failed
 * @err: filled
 *
 * Return: EXIT_FAILURE.
 */
int failure(const struct cx_error *err);

/**
 * parse_number - a decimal number on the command line
 * @text: digits, nothing else
 * @max: the largest that is taken
 * @value: set on success
 *
 * Return: 0, or -EINVAL.
 */
int parse_number(const char *text, unsigned long long max,
		 unsigned long long *value);

/**
 * warn - tell people about something that is not an error
 * @fmt: printf format of a sentence
 */
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif /* _COMMAND_H */
