// SPDX-License-Identifier: LGPL-2.1-or-later
/* `cryptex-repo refresh`: signatures that are about to expire are made anew. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "load.h"

/* Of a role's period, the part within which it is renewed: the last third. */
#define RENEW_PART	3

/* What the command line asks for. */
struct order {
	struct site site;
	bool all;
};

enum { OPT_ALL = 256 };

static const struct option options[] = {
	{ "all", no_argument, NULL, OPT_ALL },
	KEY_OPTIONS,
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

static bool is_due(const struct repo *repo, const json_t *body, bool all)
{
	json_int_t period = metadata_number(body, MEMBER_PERIOD);
	time_t expires;

	return all || !time_parse(metadata_text(body, "expires"), &expires) ||
	       expires - repo->now <= period / RENEW_PART;
}

static size_t at_hand(const json_t *role, const struct keyring *ring)
{
	const json_t *ids = json_object_get(role, "keyids"), *id;
	const struct role_key *key;
	size_t i, count = 0;

	json_array_foreach(ids, i, id) {
		key = keyring_find(ring, json_string_value(id) ?: "");
		count += key && key->is_private;
	}
	return count;
}

static bool can_sign(const json_t *source, const char *name,
		     const struct keyring *ring)
{
	const json_t *keys, *role = repo_role(source, name, &keys);

	return at_hand(role, ring) >= (size_t)metadata_number(role, "threshold");
}

/* A role whose key is elsewhere is told, as somebody has to bring it. */
static int consider(const struct order *order, struct repo *repo,
		    const struct keyring *ring, const json_t *source,
		    const char *name, struct cx_error *err)
{
	const json_t *body = repo_body(repo, name);

	if (!is_due(repo, body, order->all))
		return 0;
	if (can_sign(source, name, ring))
		return repo_touch(repo, name, err);
	warn("%s: %s expires at %s, and its keys are not at hand", repo->path,
	     name, metadata_text(body, "expires"));
	return 0;
}

static int consider_all(const struct order *order, struct repo *repo,
			const struct keyring *ring, struct cx_error *err)
{
	const json_t *root = repo->body[ROLE_ROOT];
	const json_t *delegations =
		json_object_get(repo->body[ROLE_TARGETS], "delegations");
	const char *name;
	json_t *body;
	int ret = repo_touch(repo, role_names[ROLE_TIMESTAMP], err);

	json_object_foreach(repo->teams, name, body)
		if (!ret)
			ret = consider(order, repo, ring, delegations, name,
				       err);
	if (!ret)
		ret = consider(order, repo, ring, root,
			       role_names[ROLE_TARGETS], err);
	if (!ret)
		ret = consider(order, repo, ring, root,
			       role_names[ROLE_SNAPSHOT], err);
	return ret;
}

static int renew_root(struct repo *repo, const struct keyring *ring,
		      struct cx_error *err)
{
	json_t *body = json_deep_copy(repo->body[ROLE_ROOT]);
	json_t *root = json_pack("{s:o, s:[]}", "signed", body, "signatures");
	bool complete;
	int ret;

	if (!root)
		return cx_fail(err, -ENOMEM, "out of memory");
	ret = metadata_renew(body, repo->now, err);
	if (!ret)
		return repo_publish_root(repo, ring, root, &complete, err);
	json_decref(root);
	return ret;
}

static int publish(const struct order *order, struct repo *repo,
		   const struct keyring *ring, struct cx_error *err)
{
	const json_t *root = repo->body[ROLE_ROOT];
	const char *name = role_names[ROLE_ROOT];

	if (repo->draft || !is_due(repo, root, order->all))
		return repo_publish(repo, ring, err);
	if (can_sign(root, name, ring))
		return renew_root(repo, ring, err);
	warn("%s: root expires at %s, and its keys are not at hand", repo->path,
	     metadata_text(root, "expires"));
	return repo_publish(repo, ring, err);
}

static int refresh(void *data, struct repo *repo, struct keyring *ring,
		   struct cx_error *err)
{
	const struct order *order = data;
	int ret = consider_all(order, repo, ring, err);

	return ret ? ret : publish(order, repo, ring, err);
}

static int take(void *data, int option __attribute__((unused)))
{
	struct order *order = data;

	order->all = true;
	return 0;
}

static int read_options(struct order *order, int argc, char **argv)
{
	static const struct syntax syntax = {
		.command = &command_refresh, .options = options, .take = take,
	};
	int status = read_site(&syntax, argc, argv, &order->site, order);

	return status ? status : no_more(&command_refresh, argc, argv);
}

static int run(int argc, char **argv)
{
	struct order order = { 0 };
	int status = read_options(&order, argc, argv);

	return status ? status : edit_site(&order.site, refresh, &order);
}

const struct command command_refresh = {
	.name = "refresh",
	.summary = "sign the timestamp again, and what expires soon",
	.usage =
"Usage: " PROGRAM " refresh DIR [--all] [KEYS]\n"
"Sign the timestamp again, and each other role in the last third of its time whose\n"
"keys are at hand. Of one whose keys are not there is a warning. For a timer.\n"
"\n"
"  --all                  each role whose keys are at hand, whenever it expires\n"
KEY_HELP
"  -h, --help             this text\n",
	.run = run,
};
