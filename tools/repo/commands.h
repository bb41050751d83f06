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
 * struct site - where a command works
 * @folder: of the repository
 * @keys: of its roles
 */
struct site {
	const char *folder;
	struct key_options keys;
};

/**
 * read_site - read the options and the first argument
 * @syntax: of the command; options of KEY_OPTIONS it is not asked to take
 * @argc: of the command
 * @argv: of the command; from optind on are the arguments that remain
 * @site: filled
 * @order: for the syntax's @take
 *
 * Return: 0, or an exit status and then it has been told.
 */
int read_site(const struct syntax *syntax, int argc, char **argv,
	       struct site *site, void *order);

struct repo;

/**
 * typedef edit_fn - what a command does to a repository
 * @order: what edit_site() was given
 * @repo: open and locked
 * @ring: the keys at hand
 * @err: filled on failure
 *
 * Return: 0, or a negative errno.
 */
typedef int edit_fn(void *order, struct repo *repo, struct keyring *ring,
		    struct cx_error *err);

/**
 * edit_site - change a repository
 * @site: which, and with which keys
 * @edit: does it
 * @order: for @edit
 *
 * Return: an exit status; a failure has been told.
 */
int edit_site(const struct site *site, edit_fn *edit, void *order);

/**
 * parse_period - a length of time on the command line
 * @text: digits and one of "dhms"
 * @seconds: set on success
 *
 * Return: 0, or -EINVAL.
 */
int parse_period(const char *text, long long *seconds);

#endif /* _REPO_COMMANDS_H */
