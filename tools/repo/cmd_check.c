// SPDX-License-Identifier: LGPL-2.1-or-later
/* `cryptex-repo check`: is all of it what it says? */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "commands.h"

enum { OPT_DEEP = 256 };

static const struct option options[] = {
	{ "deep", no_argument, NULL, OPT_DEEP },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

void fault(struct check *check, const char *fmt, ...)
{
	struct cx_error line;
	char text[sizeof(line.text)];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	/* Names of foreign files are in it: no control characters go out. */
	cx_fail(&line, -EBADMSG, "%s", text);
	failure(&line);
	check->faults++;
}

static int open_and_check(const char *folder, struct check *check,
			  struct cx_error *err)
{
	int ret = repo_open_folder(folder, &check->repo, err);

	if (ret < 0)
		return ret;
	ret = stock_open(&check->stock, &check->repo.pub, err);
	if (!ret) {
		if (check_roles(check))
			check_targets(check);
		if (check->faults)
			printf("%s: faults: %zu\n", folder, check->faults);
		else
			printf("%s: sound: %zu releases, %zu objects, %zu deltas%s\n",
			       folder, check->releases, check->stock.count,
			       check->deltas,
			       check->deep ? ", each applied" : "");
		stock_close(&check->stock);
	}
	repo_close(&check->repo);
	return ret;
}

static int take(void *check, int option __attribute__((unused)))
{
	((struct check *)check)->deep = true;
	return 0;
}

static int run(int argc, char **argv)
{
	static const struct syntax syntax = {
		.command = &command_check, .options = options, .take = take,
	};
	struct check check = { 0 };
	struct cx_error err;
	struct site site = { 0 };
	int status = read_site(&syntax, argc, argv, &site, &check);

	if (!status)
		status = no_more(&command_check, argc, argv);
	if (status)
		return status;
	if (open_and_check(site.folder, &check, &err) < 0)
		return failure(&err);
	return check.faults ? EXIT_FAILURE : EXIT_SUCCESS;
}

const struct command command_check = {
	.name = "check",
	.summary = "look whether a whole repository is sound",
	.usage =
"Usage: " PROGRAM " check DIR [--deep]\n"
"Read a repository as a machine would, from the first root on: signatures, versions,\n"
"hashes, expiry; then each seal against what the metadata says of it, each object\n"
"unpacked and measured, each delta's size. Every fault is told, and the exit status is\n"
"1 if there is one. No key is needed.\n"
"\n"
"  --deep                 apply each delta, too\n"
"  -h, --help             this text\n",
	.run = run,
};
