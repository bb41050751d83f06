// SPDX-License-Identifier: LGPL-2.1-or-later
/* `cryptex-repo rotate`: new keys for a role. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "load.h"
#include "repo.h"
#include "roles.h"

/* What the command line asks for. */
struct order {
	struct site site;
	const char *role;
	const char *sources[MAX_KEYS];
	size_t source_count;
	unsigned long long threshold;
};

enum { OPT_NEW = 256, OPT_THRESHOLD };

static const struct option options[] = {
	{ "new-key", required_argument, NULL, OPT_NEW },
	{ "threshold", required_argument, NULL, OPT_THRESHOLD },
	KEY_OPTIONS,
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

static int new_ids(const struct order *order, struct keyring *ring,
		   json_t **ids, struct cx_error *err)
{
	char id[CX_TUF_KEYID_LEN + 1];
	size_t i;
	int ret = 0;

	*ids = json_array();
	for (i = 0; !ret && i < order->source_count; i++) {
		ret = keyring_add(ring, order->sources[i], id, err);
		if (!ret && json_array_append_new(*ids, json_string(id)) < 0)
			ret = cx_fail(err, -ENOMEM, "out of memory");
	}
	if (ret < 0)
		json_decref(*ids);
	return ret;
}

static json_int_t threshold_of(const struct order *order, const json_t *role)
{
	return order->threshold ? (json_int_t)order->threshold
				: metadata_number(role, "threshold");
}

/* A team is named by targets, so no root is needed. */
static int rotate_team(const struct order *order, struct repo *repo,
		       const struct keyring *ring, json_t *ids,
		       struct cx_error *err)
{
	json_t *delegations =
		json_object_get(repo->body[ROLE_TARGETS], "delegations");
	const json_t *keys, *role = repo_role(delegations, order->role, &keys);
	int ret;

	if (!role)
		return cx_fail(err, -ENOENT,
			       "%s: has no role %s; they are root, targets, snapshot, timestamp and the teams",
			       repo->path, order->role);
	ret = roles_set_team(delegations, order->role, NULL, ids,
			     threshold_of(order, role), ring, err);
	if (!ret)
		ret = repo_touch(repo, order->role, err);
	if (!ret)
		ret = repo_touch(repo, role_names[ROLE_TARGETS], err);
	return ret ? ret : repo_publish(repo, ring, err);
}

/* What waits as a draft is edited further, without the signatures it had. */
static int next_root(const struct order *order, struct repo *repo,
		     const struct keyring *ring, json_t *ids, json_t **root,
		     struct cx_error *err)
{
	const json_t *from = repo->draft ?
		json_object_get(repo->draft, "signed") : repo->body[ROLE_ROOT];
	json_t *body = json_deep_copy(from);
	const json_t *keys, *role = repo_role(from, order->role, &keys);
	int ret = roles_set(body, order->role, ids, threshold_of(order, role),
			    ring, err);

	if (!ret && repo->draft)
		ret = json_put(body, "version",
			       json_integer(metadata_number(from, "version") - 1),
			       err);
	if (!ret)
		ret = metadata_renew(body, repo->now, err);
	if (ret < 0) {
		json_decref(body);
		return ret;
	}
	*root = json_pack("{s:o, s:[]}", "signed", body, "signatures");
	return *root ? 0 : cx_fail(err, -ENOMEM, "out of memory");
}

static int rotate_top(const struct order *order, struct repo *repo,
		      const struct keyring *ring, json_t *ids,
		      struct cx_error *err)
{
	bool complete;
	json_t *root;
	int ret = next_root(order, repo, ring, ids, &root, err);

	if (!ret && strcmp(order->role, role_names[ROLE_ROOT]))
		ret = repo_touch(repo, order->role, err);
	if (!ret)
		ret = repo_publish_root(repo, ring, root, &complete, err);
	if (!ret && !complete)
		printf("%s: root waits for signatures: `%s sign-root %s`\n",
		       repo->path, PROGRAM, repo->path);
	return ret;
}

static int rotate(void *data, struct repo *repo, struct keyring *ring,
		  struct cx_error *err)
{
	const struct order *order = data;
	json_t *ids;
	enum role role;
	int ret = new_ids(order, ring, &ids, err);

	if (ret < 0)
		return ret;
	for (role = 0; role < ROLES; role++)
		if (!strcmp(order->role, role_names[role]))
			break;
	ret = role < ROLES ? rotate_top(order, repo, ring, ids, err)
			   : rotate_team(order, repo, ring, ids, err);
	json_decref(ids);
	return ret;
}

static int take(void *data, int option)
{
	struct order *order = data;

	if (option == OPT_NEW) {
		if (order->source_count == MAX_KEYS)
			return usage_error(&command_rotate,
					   "--new-key: more than %d", MAX_KEYS);
		order->sources[order->source_count++] = optarg;
		return 0;
	}
	if (parse_number(optarg, MAX_KEYS, &order->threshold) < 0 ||
	    !order->threshold)
		return usage_error(&command_rotate,
				   "--threshold \"%s\": must be a number from 1 to %d",
				   optarg, MAX_KEYS);
	return 0;
}

static int read_options(struct order *order, int argc, char **argv)
{
	static const struct syntax syntax = {
		.command = &command_rotate, .options = options, .take = take,
	};
	int status = read_site(&syntax, argc, argv, &order->site, order);

	if (status)
		return status;
	if (optind >= argc)
		return usage_error(&command_rotate, "the role is missing");
	order->role = argv[optind++];
	if (!order->source_count)
		return usage_error(&command_rotate,
				   "--new-key is missing: what the role signs with from now on");
	return no_more(&command_rotate, argc, argv);
}

static int run(int argc, char **argv)
{
	struct order order = { 0 };
	int status = read_options(&order, argc, argv);

	return status ? status : edit_site(&order.site, rotate, &order);
}

const struct command command_rotate = {
	.name = "rotate",
	.summary = "give a role new keys",
	.usage =
"Usage: " PROGRAM " rotate DIR ROLE --new-key KEY... [--threshold N] [KEYS]\n"
"Give a role new keys, in place of all that it has: root, targets, snapshot,\n"
"timestamp, or a team. The next root is signed by the keys of the old one and by its\n"
"own; what the role signs is signed by both, so that nobody who reads at that moment\n"
"is turned away. If root's keys are not at hand the new root waits for\n"
"`" PROGRAM " sign-root'.\n"
"\n"
"  --new-key KEY          a key that the role has from now on: a PEM file, or a\n"
"                         pkcs11: URI; may be given more than once\n"
"  --threshold N          how many must sign; default: as before\n"
KEY_HELP
"  -h, --help             this text\n",
	.run = run,
};
