// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

#define PERIOD_MAX	(100LL * 366 * 24 * 3600)

static bool key_option(struct key_options *keys, int option)
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

static int take_folder(const struct command *command, int argc, char **argv,
		       const char **folder)
{
	if (optind >= argc)
		return usage_error(command, "the repository's folder is missing");
	*folder = argv[optind++];
	return 0;
}

/* What take_site() works for */
struct reading {
	const struct syntax *syntax;
	struct site *site;
	void *order;
};

static int take_site(void *data, int option)
{
	struct reading *reading = data;

	return key_option(&reading->site->keys, option) ? 0 :
		       reading->syntax->take(reading->order, option);
}

int read_site(const struct syntax *syntax, int argc, char **argv,
	      struct site *site, void *order)
{
	struct reading reading = { syntax, site, order };
	struct syntax all = *syntax;
	int status;

	all.take = take_site;
	status = take_options(&all, argc, argv, &reading);
	return status ? status : take_folder(syntax->command, argc, argv,
					     &site->folder);
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
