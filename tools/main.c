// SPDX-License-Identifier: LGPL-2.1-or-later
/* cryptex-publish: makes, signs and shows cryptexes. */
#include "commands.h"

static const struct command *const commands[] = {
	&command_build, &command_sign, &command_release, &command_revoke,
	&command_show, &command_keygen,
};

static const struct program publish = {
	.name = PROGRAM,
	.purpose = "Make a sealed cryptex of a directory or of Debian packages.\n",
	.commands = commands,
	.count = sizeof(commands) / sizeof(*commands),
};

int main(int argc, char **argv)
{
	return program_run(&publish, argc, argv);
}
