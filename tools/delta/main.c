// SPDX-License-Identifier: LGPL-2.1-or-later
/* cryptex-delta: make, apply and look at patches. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv, struct cx_error *err);
	int args;
	const char *usage;
} commands[] = {
	{ "diff", cx_delta_cmd_diff, 3, "diff OLD NEW PATCH" },
	{ "apply", cx_delta_cmd_apply, 3, "apply OLD PATCH NEW" },
	{ "show", cx_delta_cmd_show, 1, "show PATCH [OLD]" },
	{ "bench", cx_delta_cmd_bench, 1, "bench [OPTION]... CORPUS.tsv [PAIR]..." },
};

static int usage(FILE *out)
{
	fputs("Usage:\n", out);
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		fprintf(out, "  cryptex-delta %s\n", commands[i].usage);
	return out == stderr ? 2 : 0;
}

int main(int argc, char **argv)
{
	struct cx_error err = { "" };
	int ret;

	if (argc > 1 && (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help")))
		return usage(stdout);
	for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(*commands); i++) {
		if (strcmp(argv[1], commands[i].name))
			continue;
		if (argc - 2 < commands[i].args)
			return usage(stderr);
		ret = commands[i].run(argc - 2, argv + 2, &err);
		if (ret)
			fprintf(stderr, "cryptex-delta %s: %s\n", argv[1], err.text);
		return ret ? 1 : 0;
	}
	return usage(stderr);
}
