// SPDX-License-Identifier: LGPL-2.1-or-later
/* `cryptex-repo show`: roles and releases. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
#include "view.h"

enum { OPT_JSON = 256 };

static const struct option options[] = {
	{ "json", no_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

static void print_role(const json_t *role)
{
	const json_t *ids = json_object_get(role, "keyids"), *id;
	size_t i;

	printf("%-12s %6lld  %s  %s  %lld of %zu:", metadata_text(role, "name"),
	       metadata_number(role, "version"),
	       metadata_text(role, "expires") ?: "-",
	       json_is_true(json_object_get(role, "expired")) ? "EXPIRED"
							      : "in date",
	       metadata_number(role, "threshold"), json_array_size(ids));
	json_array_foreach(ids, i, id)
		printf(" %.16s", json_string_value(id) ?: "");
	putchar('\n');
}

static void print_release(const json_t *release)
{
	const json_t *rollout = json_object_get(release, "rollout");
	const json_t *withdrawn = json_object_get(release, "withdrawn");
	const json_t *fix;
	size_t i;

	printf("%s@%s  %s  %s  %s  %s  %lld %% from %s\n",
	       metadata_text(release, "name"), metadata_text(release, "label"),
	       metadata_text(release, "kind"),
	       metadata_text(release, "severity"),
	       metadata_text(release, "channel"),
	       metadata_text(release, "urgency"),
	       metadata_number(rollout, "percent"),
	       metadata_text(rollout, "start"));
	if (withdrawn)
		printf("    withdrawn %s: %s\n",
		       metadata_text(withdrawn, "time"),
		       metadata_text(withdrawn, "reason"));
	json_array_foreach(json_object_get(release, "fixes"), i, fix)
		printf("    %s %s %s\n", metadata_text(fix, "id"),
		       metadata_text(fix, "severity"),
		       metadata_text(fix, "text"));
}

static void print_text(const json_t *view)
{
	const json_t *releases = json_object_get(view, "releases"), *one;
	json_int_t root = metadata_number(view, "waiting_root");
	size_t i;

	printf("%-12s %6s  %-20s  %-7s  %s\n", "ROLE", "NUMBER", "EXPIRES", "",
	       "KEYS");
	json_array_foreach(json_object_get(view, "roles"), i, one)
		print_role(one);
	if (root)
		printf("root %lld waits for signatures\n", root);
	printf("\n%zu releases\n", json_array_size(releases));
	json_array_foreach(releases, i, one)
		print_release(one);
	if (json_is_integer(json_object_get(view, "revocation_list")))
		printf("\nrevocation list %lld\n",
		       metadata_number(view, "revocation_list"));
}

static int print_json(const json_t *view, struct cx_error *err)
{
	if (json_dumpf(view, stdout, JSON_INDENT(2)) < 0)
		return cx_fail(err, -EIO, "the output cannot be written");
	putchar('\n');
	return 0;
}

static int show(const char *folder, bool as_json, struct cx_error *err)
{
	struct repo repo;
	json_t *view;
	int ret = repo_open(folder, &repo, err);

	if (ret < 0)
		return ret;
	ret = view_make(&repo, &view, err);
	repo_close(&repo);
	if (ret < 0)
		return ret;
	if (as_json)
		ret = print_json(view, err);
	else
		print_text(view);
	json_decref(view);
	return ret;
}

static int take(void *as_json, int option __attribute__((unused)))
{
	*(bool *)as_json = true;
	return 0;
}

static int run(int argc, char **argv)
{
	static const struct syntax syntax = {
		.command = &command_show, .options = options, .take = take,
	};
	struct site site = { 0 };
	struct cx_error err;
	bool as_json = false;
	int status = read_site(&syntax, argc, argv, &site, &as_json);

	if (!status)
		status = no_more(&command_show, argc, argv);
	if (!status && show(site.folder, as_json, &err) < 0)
		status = failure(&err);
	return status;
}

const struct command command_show = {
	.name = "show",
	.summary = "list roles and releases",
	.usage =
"Usage: " PROGRAM " show DIR [--json]\n"
"List the roles with their keys and times, and the releases.\n"
"\n"
"  --json                 for programs\n"
"  -h, --help             this text\n",
	.run = run,
};
