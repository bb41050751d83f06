// SPDX-License-Identifier: LGPL-2.1-or-later
/* `cryptex-repo team`: who signs which cryptexes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "repo.h"
#include "team.h"

/* What the command line asks for. */
struct order {
	struct site site;
	struct team team;
};

static const struct option options[] = {
	KEY_OPTIONS,
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

static int set_team(void *data, struct repo *repo, struct keyring *ring,
		    struct cx_error *err)
{
	const struct order *order = data;
	char id[CX_TUF_KEYID_LEN + 1];
	int ret = keyring_add(ring, order->team.source, id, err);

	if (!ret)
		ret = team_add(repo, &order->team, id, ring, err);
	return ret ? ret : repo_publish(repo, ring, err);
}

static int read_options(struct order *order, int argc, char **argv)
{
	static const struct syntax syntax = {
		.command = &command_team, .options = options,
	};
	struct cx_error err;
	int status = read_site(&syntax, argc, argv, &order->site, order);

	if (status)
		return status;
	if (optind >= argc)
		return usage_error(&command_team,
				   "the team, NAME:CRYPTEX,...:KEY, is missing");
	if (team_parse(argv[optind], &order->team, &err) < 0)
		return usage_error(&command_team, "%s", err.text);
	if (!order->team.source)
		return usage_error(&command_team, "%s: its key is missing",
				   order->team.name);
	optind++;
	return no_more(&command_team, argc, argv);
}

static int run(int argc, char **argv)
{
	struct order order = { 0 };
	int status = read_options(&order, argc, argv);

	return status ? status : edit_site(&order.site, set_team, &order);
}

const struct command command_team = {
	.name = "team",
	.summary = "let a team sign cryptexes",
	.usage =
"Usage: " PROGRAM " team DIR NAME:CRYPTEX,...:KEY [KEYS]\n"
"Let a team sign these cryptexes and no others. The key is added to those that the\n"
"team has; `" PROGRAM " rotate' replaces them.\n"
"\n"
KEY_HELP
"  -h, --help             this text\n",
	.run = run,
};
