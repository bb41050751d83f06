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
	struct site site;
	char **releases;
	size_t count;
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

static int remove_all(void *data, struct repo *repo, struct keyring *ring,
		      struct cx_error *err)
{
	const struct order *order = data;
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < order->count; i++)
		ret = remove_one(repo, order->releases[i], err);
	return ret ? ret : repo_publish(repo, ring, err);
}

static int read_options(struct order *order, int argc, char **argv)
{
	static const struct syntax syntax = {
		.command = &command_remove, .options = options,
	};
	int status = read_site(&syntax, argc, argv, &order->site, order);

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
	int status = read_options(&order, argc, argv);

	return status ? status : edit_site(&order.site, remove_all, &order);
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
