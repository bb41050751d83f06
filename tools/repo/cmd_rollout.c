// SPDX-License-Identifier: LGPL-2.1-or-later
/* `cryptex-repo rollout`: how many machines get a release, and from when on. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
#include "release.h"

/* What the command line asks for. */
struct order {
	const char *folder;
	const char *release;
	struct key_options keys;
	struct terms terms;
};

static const struct option options[] = {
	{ "percent", required_argument, NULL, OPT_PERCENT },
	{ "start", required_argument, NULL, OPT_START },
	KEY_OPTIONS,
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

static int edit(const struct order *order, struct repo *repo,
		struct cx_error *err)
{
	char target[TARGET_SIZE], start[32];
	const char *role;
	json_t *custom, *rollout;
	int ret = release_find(repo, order->release, &role, target, &custom,
			       err);

	if (ret < 0)
		return ret;
	if (json_object_get(custom, "withdrawn"))
		return cx_fail(err, -EINVAL,
			       "%s: is withdrawn, and does not come back; release the repaired one under another label",
			       order->release);
	rollout = json_object_get(custom, "rollout");
	if (order->terms.has_percent)
		ret = json_put(rollout, "percent",
			       json_integer(order->terms.percent), err);
	if (!ret && order->terms.has_start)
		ret = json_put(rollout, "start",
			       json_string(time_format(order->terms.start,
						       start)), err);
	return ret ? ret : repo_touch(repo, role, err);
}

static int rollout(const struct order *order, struct cx_error *err)
{
	struct keyring ring = { 0 };
	struct repo repo;
	int ret = repo_open_locked(order->folder, &repo, err);

	if (ret < 0)
		return ret;
	ret = key_options_load(&order->keys, &ring, err);
	if (!ret)
		ret = edit(order, &repo, err);
	if (!ret)
		ret = repo_publish(&repo, &ring, err);
	keyring_free(&ring);
	repo_close(&repo);
	return ret;
}

static int take(struct order *order, int option)
{
	struct cx_error err;

	if (key_option(&order->keys, option))
		return 0;
	return terms_take(&order->terms, option, optarg, &err) < 0 ?
		       usage_error(&command_rollout, "%s", err.text) : 0;
}

static int read_options(struct order *order, int argc, char **argv)
{
	int option, status;

	while ((option = next_option(&command_rollout, argc, argv, options,
				     ":h")) != OPTION_END) {
		status = option == OPTION_BAD ? EXIT_USAGE
					      : take(order, option);
		if (status)
			return status;
	}
	status = take_folder(&command_rollout, argc, argv, &order->folder);
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
	struct cx_error err;
	int status = read_options(&order, argc, argv);

	if (!status && rollout(&order, &err) < 0)
		status = failure(&err);
	return status;
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
