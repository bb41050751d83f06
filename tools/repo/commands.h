/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The commands of cryptex-repo, and the options that they share. */
#ifndef _REPO_COMMANDS_H
#define _REPO_COMMANDS_H

#include <stdbool.h>

#include "command.h"
#include "keyring.h"

#define PROGRAM		"cryptex-repo"

extern const struct command command_init;
extern const struct command command_release;
extern const struct command command_rollout;
extern const struct command command_withdraw;
extern const struct command command_remove;
extern const struct command command_refresh;
extern const struct command command_rotate;
extern const struct command command_sign_root;
extern const struct command command_team;
extern const struct command command_check;
extern const struct command command_gc;
extern const struct command command_show;

#define MAX_KEYS	32

/**
 * struct key_options - where the keys of roles are
 * @dir: a folder of them, or NULL
 * @list: @count sources
 * @count: how many
 */
struct key_options {
	const char *dir;
	const char *list[MAX_KEYS];
	size_t count;
};

enum { OPT_KEYS = 512, OPT_ROLE_KEY };

#define KEY_OPTIONS							\
	{ "keys", required_argument, NULL, OPT_KEYS },			\
	{ "role-key", required_argument, NULL, OPT_ROLE_KEY }

#define KEY_HELP							\
"  --keys DIR             a folder with keys of roles: *.pem; of them those are\n" \
"                         used that the metadata names\n"		\
"  --role-key KEY         one more: a PEM file, or a pkcs11: URI; may be given\n" \
"                         more than once\n"

/**
 * key_option - take an option of KEY_OPTIONS
 * @keys: filled
 * @option: from next_option(); its value is in optarg
 *
 * Return: whether it was one.
 */
bool key_option(struct key_options *keys, int option);

/**
 * key_options_load - load what was named
 * @keys: the options
 * @ring: grows
 * @err: filled on failure
 */
int key_options_load(const struct key_options *keys, struct keyring *ring,
		     struct cx_error *err);

/**
 * take_folder - the repository, which is the first argument
 * @command: whose
 * @argc: of the command, options read
 * @argv: of the command
 * @folder: set on success
 *
 * Return: 0, or EXIT_USAGE and then it has been told.
 */
int take_folder(const struct command *command, int argc, char **argv,
		const char **folder);

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
 * parse_period - a length of time on the command line
 * @text: digits and one of "dhms"
 * @seconds: set on success
 *
 * Return: 0, or -EINVAL.
 */
int parse_period(const char *text, long long *seconds);

#endif /* _REPO_COMMANDS_H */
