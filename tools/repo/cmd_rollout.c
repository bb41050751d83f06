// SPDX-License-Identifier: LGPL-2.1-or-later
/* `cryptex-repo rollout`: how many machines get a release, and from when on. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
#include "release.h"

/* What the command line asks for. */
struct order {
	struct site site;
	const char *release;
	struct terms terms;
};

static const struct option options[] = {
	{ "percent", required_argument, NULL, OPT_PERCENT },
	{ "start", required_argument, NULL, OPT_START },
	KEY_OPTIONS,
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

static int rollout(void *data, struct repo *repo, struct keyring *ring,
		   struct cx_error *err)
{
	const struct order *order = data;
	char target[TARGET_SIZE], start[32];
	const char *role;
	json_t *custom, *spread;
	int ret = release_find(repo, order->release, &role, target, &custom,
			       err);

	if (ret < 0)
		return ret;
	if (json_object_get(custom, "withdrawn"))
		return cx_fail(err, -EINVAL,
			       "%s: is withdrawn, and does not come back; release the repaired one under another label",
			       order->release);
	spread = json_object_get(custom, "rollout");
	if (order->terms.has_percent)
		ret = json_put(spread, "percent",
			       json_integer(order->terms.percent), err);
	if (!ret && order->terms.has_start)
		ret = json_put(spread, "start",
			       json_string(time_format(order->terms.start,
						       start)), err);
	if (!ret)
		ret = repo_touch(repo, role, err);
	return ret ? ret : repo_publish(repo, ring, err);
}

static int take(void *data, int option)
{
	struct order *order = data;
	struct cx_error err;

	return terms_take(&order->terms, option, optarg, &err) < 0 ?
		       usage_error(&command_rollout, "%s", err.text) : 0;
}

static int read_options(struct order *order, int argc, char **argv)
{
	static const struct syntax syntax = {
		.command = &command_rollout, .options = options, .take = take,
	};
	int status = read_site(&syntax, argc, argv, &order->site, order);

	if (status)
		return status;
	if (optind >= argc)
		return usage_error(&command_rollout,
				   "the release, NAME@LABEL, is missing");
	order->release = argv[optind++];
	if (!order->terms.has_percent && !order->terms.has_start)
		return usage_error(&command_rollout,
				   "--percent or --start is missing");
	return no_more(&command_rollout, argc, argv);
}

static int run(int argc, char **argv)
{
	struct order order = { 0 };
	int status = read_options(&order, argc, argv);

	return status ? status : edit_site(&order.site, rollout, &order);
}

const struct command command_rollout = {
	.name = "rollout",
	.summary = "let a release reach more machines, or stop it",
	.usage =
"Usage: " PROGRAM " rollout DIR NAME@LABEL [--percent N] [--start TIME] [KEYS]\n"
"Change who gets a release. What a machine has already it keeps.\n"
"\n"
"  --percent N            so many of 100 machines; 0 stops it\n"
"  --start TIME           not before: 2026-11-22T06:00:00Z\n"
KEY_HELP
"  -h, --help             this text\n",
	.run = run,
};
