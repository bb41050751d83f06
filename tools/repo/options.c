// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

#define PERIOD_MAX	(100LL * 366 * 24 * 3600)

bool key_option(struct key_options *keys, int option)
{
	if (option == OPT_KEYS) {
		keys->dir = optarg;
		return true;
	}
	if (option != OPT_ROLE_KEY)
		return false;
	/* More than there is room for are told when they are to be loaded. */
	if (keys->count < MAX_KEYS)
		keys->list[keys->count] = optarg;
	keys->count++;
	return true;
}

int key_options_load(const struct key_options *keys, struct keyring *ring,
		     struct cx_error *err)
{
	size_t i;
	int ret = 0;

	if (keys->count > MAX_KEYS)
		return cx_fail(err, -E2BIG,
			       "--role-key: %zu keys, at most %d: put them into a folder, and name that with --keys",
			       keys->count, MAX_KEYS);
	if (keys->dir)
		ret = keyring_add_dir(ring, keys->dir, err);
	for (i = 0; !ret && i < keys->count; i++)
		ret = keyring_add(ring, keys->list[i], NULL, err);
	return ret;
}

int take_folder(const struct command *command, int argc, char **argv,
		const char **folder)
{
	if (optind >= argc)
		return usage_error(command, "the repository's folder is missing");
	*folder = argv[optind++];
	return 0;
}

int no_more(const struct command *command, int argc, char **argv)
{
	if (optind >= argc)
		return 0;
	return usage_error(command, "%s: is not expected here", argv[optind]);
}

int parse_period(const char *text, long long *seconds)
{
	static const struct { char unit; long long seconds; } units[] = {
		{ 'd', 24 * 3600 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 },
	};
	char *end;
	size_t i;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	*seconds = strtoll(text, &end, 10);
	for (i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (errno || *end != units[i].unit || end[1])
			continue;
		if (*seconds < 1 || *seconds > PERIOD_MAX / units[i].seconds)
			return -EINVAL;
		*seconds *= units[i].seconds;
		return 0;
	}
	return -EINVAL;
}
