// SPDX-License-Identifier: LGPL-2.1-or-later
/* `cryptex-repo show`: roles and releases, for people. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "lib/listfile.h"
#include "load.h"
#include "release.h"

static const struct option options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

static void show_role(const struct repo *repo, const json_t *source,
		      const char *name)
{
	const json_t *keys, *role = repo_role(source, name, &keys);
	const json_t *body = repo_body(repo, name), *id;
	const char *expires = metadata_text(body, "expires");
	bool expired;
	time_t end;
	size_t i;

	expired = time_parse(expires, &end) && end <= repo->now;
	printf("%-12s %6lld  %s  %s  %lld of %zu:", name,
	       metadata_number(body, "version"), expires ?: "-",
	       expired ? "EXPIRED" : "in date", metadata_number(role, "threshold"),
	       json_array_size(json_object_get(role, "keyids")));
	json_array_foreach(json_object_get(role, "keyids"), i, id)
		printf(" %.16s", json_string_value(id) ?: "");
	putchar('\n');
}

static void show_roles(const struct repo *repo)
{
	const json_t *delegations =
		json_object_get(repo->body[ROLE_TARGETS], "delegations");
	const char *team;
	enum role role;
	json_t *body;

	printf("%-12s %6s  %-20s  %-7s  %s\n", "ROLE", "NUMBER", "EXPIRES", "",
	       "KEYS");
	for (role = 0; role < ROLES; role++)
		show_role(repo, repo->body[ROLE_ROOT], role_names[role]);
	json_object_foreach(repo->teams, team, body)
		show_role(repo, delegations, team);
	if (repo->draft)
		printf("root %lld waits for signatures\n",
		       metadata_number(json_object_get(repo->draft, "signed"),
				       "version"));
}

static int compare(const void *a, const void *b)
{
	const json_t *x = *(const json_t *const *)a;
	const json_t *y = *(const json_t *const *)b;
	int diff = strcmp(metadata_text(x, "name") ?: "",
			  metadata_text(y, "name") ?: "");

	return diff ? diff : release_newer(x, y);
}

static void show_release(const json_t *custom)
{
	const json_t *rollout = json_object_get(custom, "rollout");
	const json_t *withdrawn = json_object_get(custom, "withdrawn");
	const json_t *fix;
	size_t i;

	printf("%s@%s  %s  %s  %s  %s  %lld %% from %s\n",
	       metadata_text(custom, "name"), metadata_text(custom, "label"),
	       metadata_text(custom, "kind"), metadata_text(custom, "severity"),
	       metadata_text(custom, "channel"),
	       metadata_text(custom, "urgency"),
	       metadata_number(rollout, "percent"),
	       metadata_text(rollout, "start"));
	if (withdrawn)
		printf("    withdrawn %s: %s\n",
		       metadata_text(withdrawn, "time"),
		       metadata_text(withdrawn, "reason"));
	json_array_foreach(json_object_get(custom, "fixes"), i, fix)
		printf("    %s %s %s\n", metadata_text(fix, "id"),
		       metadata_text(fix, "severity"),
		       metadata_text(fix, "text"));
}

static size_t gather(const json_t *body, const json_t **list, size_t count)
{
	const char *target;
	json_t *entry, *custom;

	json_object_foreach(json_object_get(body, "targets"), target, entry) {
		custom = json_object_get(json_object_get(entry, "custom"),
					 "cryptex");
		if (metadata_text(custom, "digest"))
			list[count++] = custom;
	}
	return count;
}

static int show_releases(const struct repo *repo, struct cx_error *err)
{
	const json_t *targets = repo->body[ROLE_TARGETS];
	size_t room = json_object_size(json_object_get(targets, "targets"));
	const json_t **list;
	const char *team;
	size_t i, count;
	json_t *body;

	json_object_foreach(repo->teams, team, body)
		room += json_object_size(json_object_get(body, "targets"));
	list = calloc(room + 1, sizeof(*list));
	if (!list)
		return cx_fail(err, -ENOMEM, "out of memory");
	count = gather(targets, list, 0);
	json_object_foreach(repo->teams, team, body)
		count = gather(body, list, count);
	qsort(list, count, sizeof(*list), compare);
	printf("\n%zu releases\n", count);
	for (i = 0; i < count; i++)
		show_release(list[i]);
	free(list);
	return 0;
}

static int show(const char *folder, struct cx_error *err)
{
	const json_t *list;
	struct repo repo;
	int ret = repo_open(folder, &repo, err);

	if (ret < 0)
		return ret;
	show_roles(&repo);
	ret = show_releases(&repo, err);
	list = release_custom(&repo, TARGET_LIST);
	if (!ret && list)
		printf("\nrevocation list %lld\n",
		       metadata_number(list, "number"));
	repo_close(&repo);
	return ret;
}

static int run(int argc, char **argv)
{
	static const struct syntax syntax = {
		.command = &command_show, .options = options,
	};
	struct cx_error err;
	struct site site = { 0 };
	int status = read_site(&syntax, argc, argv, &site, NULL);

	if (!status)
		status = no_more(&command_show, argc, argv);
	if (!status && show(site.folder, &err) < 0)
		status = failure(&err);
	return status;
}

const struct command command_show = {
	.name = "show",
	.summary = "list roles and releases",
	.usage =
"Usage: " PROGRAM " show DIR\n"
"List the roles with their keys and times, and the releases.\n"
"\n"
"  -h, --help             this text\n",
	.run = run,
};
