// SPDX-License-Identifier: LGPL-2.1-or-later
/* cryptex-repo: keeps the static files from which machines get their fixes. */
#include "commands.h"

static const struct command *const commands[] = {
	&command_init, &command_release, &command_rollout, &command_withdraw,
	&command_remove, &command_refresh, &command_rotate, &command_sign_root,
	&command_team, &command_check, &command_gc, &command_show,
};

static const struct program repo = {
	.name = PROGRAM,
	.purpose = "Keep a repository of sealed cryptexes: static files, signed.\n",
	.commands = commands,
	.count = sizeof(commands) / sizeof(*commands),
};

int main(int argc, char **argv)
{
	return program_run(&repo, argc, argv);
}
