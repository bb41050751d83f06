// SPDX-License-Identifier: LGPL-2.1-or-later
/* `cryptex-repo gc`: what no reader can still be led to. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "live.h"
#include "sweep.h"

enum { OPT_DRY = 256 };

static const struct option options[] = {
	{ "dry-run", no_argument, NULL, OPT_DRY },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

static int collect(const char *folder, bool dry, struct cx_error *err)
{
	struct repo repo;
	struct sweep sweep;
	json_t *live;
	int ret = repo_open_locked(folder, &repo, err);

	if (ret < 0)
		return ret;
	ret = live_find(&repo, &live, err);
	if (!ret) {
		ret = sweep_run(&repo, live, dry, &sweep, err);
		json_decref(live);
	}
	repo_close(&repo);
	if (!ret)
		printf("%s: %s %zu files, %llu bytes\n", folder,
		       dry ? "would remove" : "removed", sweep.files,
		       sweep.bytes);
	return ret;
}

static int take(void *dry, int option __attribute__((unused)))
{
	*(bool *)dry = true;
	return 0;
}

static int run(int argc, char **argv)
{
	static const struct syntax syntax = {
		.command = &command_gc, .options = options, .take = take,
	};
	struct cx_error err;
	struct site site = { 0 };
	bool dry = false;
	int status = read_site(&syntax, argc, argv, &site, &dry);

	if (!status)
		status = no_more(&command_gc, argc, argv);
	if (!status && collect(site.folder, dry, &err) < 0)
		status = failure(&err);
	return status;
}

const struct command command_gc = {
	.name = "gc",
	.summary = "remove what no reader can be led to any more",
	.usage =
"Usage: " PROGRAM " gc DIR [--dry-run]\n"
"Remove metadata that was replaced longer ago than the timestamp's time of validity,\n"
"and the indexes, seals, objects and deltas that only such metadata names. All roots\n"
"stay. No key is needed.\n"
"\n"
"  --dry-run              tell how much it is, and remove nothing\n"
"  -h, --help             this text\n",
	.run = run,
};
