// SPDX-License-Identifier: LGPL-2.1-or-later
/* `cryptex-repo remove`: a release that nobody needs any more. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "release.h"

/* What the command line asks for. */
struct order {
	const char *folder;
	char **releases;
	size_t count;
	struct key_options keys;
};

static const struct option options[] = {
	KEY_OPTIONS,
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

/* A patch means nothing without its base. */
static int check_needed(const struct repo *repo, const char *role,
			const char *release, const json_t *custom,
			struct cx_error *err)
{
	json_t *targets = json_object_get(repo_body(repo, role), "targets");
	const char *digest = metadata_text(custom, "digest") ?: "", *target;
	const json_t *one;
	json_t *entry;

	json_object_foreach(targets, target, entry) {
		one = json_object_get(json_object_get(entry, "custom"),
				      "cryptex");
		if (one && one != custom &&
		    !strcmp(metadata_text(one, "base") ?: "", digest))
			return cx_fail(err, -EBUSY,
				       "%s: is the base of %s, which would have to go first",
				       release, target);
	}
	return 0;
}

static int remove_one(struct repo *repo, const char *release,
		      struct cx_error *err)
{
	char target[TARGET_SIZE], index[TARGET_SIZE];
	const char *role;
	json_t *custom, *targets;
	int ret = release_find(repo, release, &role, target, &custom, err);

	if (!ret)
		ret = check_needed(repo, role, release, custom, err);
	if (ret < 0)
		return ret;
	targets = json_object_get(repo_body(repo, role), "targets");
	release_target(metadata_text(custom, "name"),
		       metadata_text(custom, "label"), SUFFIX_INDEX, index);
	json_object_del(targets, index);
	json_object_del(targets, target);
	return repo_touch(repo, role, err);
}

static int remove_all(const struct order *order, struct cx_error *err)
{
	struct keyring ring = { 0 };
	struct repo repo;
	size_t i;
	int ret = repo_open_locked(order->folder, &repo, err);

	if (ret < 0)
		return ret;
	ret = key_options_load(&order->keys, &ring, err);
	for (i = 0; !ret && i < order->count; i++)
		ret = remove_one(&repo, order->releases[i], err);
	if (!ret)
		ret = repo_publish(&repo, &ring, err);
	keyring_free(&ring);
	repo_close(&repo);
	return ret;
}

static int read_options(struct order *order, int argc, char **argv)
{
	int option, status;

	while ((option = next_option(&command_remove, argc, argv, options,
				     ":h")) != OPTION_END) {
		if (option == OPTION_BAD)
			return EXIT_USAGE;
		key_option(&order->keys, option);
	}
	status = take_folder(&command_remove, argc, argv, &order->folder);
	if (status)
		return status;
	order->releases = argv + optind;
	order->count = argc - optind;
	return order->count ? 0 : usage_error(&command_remove,
					      "the releases, NAME@LABEL, are missing");
}

static int run(int argc, char **argv)
{
	struct order order = { 0 };
	struct cx_error err;
	int status = read_options(&order, argc, argv);

	if (!status && remove_all(&order, &err) < 0)
		status = failure(&err);
	return status;
}

const struct command command_remove = {
	.name = "remove",
	.summary = "name a release no more",
	.usage =
"Usage: " PROGRAM " remove DIR NAME@LABEL... [KEYS]\n"
"Name old releases no more, so that the metadata stays small; machines that have one\n"
"keep it. `" PROGRAM " gc' removes the files later. What is revoked stays revoked, but\n"
"the reason is lost. A base goes after all its patches.\n"
"\n"
KEY_HELP
"  -h, --help             this text\n",
	.run = run,
};
