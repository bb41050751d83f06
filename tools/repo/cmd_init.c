// SPDX-License-Identifier: LGPL-2.1-or-later
/* `cryptex-repo init`: an empty repository, signed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "repo.h"
#include "roles.h"
#include "signer.h"
#include "team.h"

#define DAY		(24LL * 3600)
#define MAX_TEAMS	64

/*
 * What the command line asks for.
 * @ids: arrays of key ids for each role, filled when the keys are loaded
 */
struct order {
	struct site site;
	const char *sources[ROLES][MAX_KEYS];
	size_t source_count[ROLES];
	long long threshold[ROLES];
	long long period[ROLES];
	struct team teams[MAX_TEAMS];
	size_t team_count;
};

/* The roles' keys are numbered as the roles are. */
enum {
	OPT_ROOT = 256, OPT_TARGETS, OPT_SNAPSHOT, OPT_TIMESTAMP,
	OPT_THRESHOLD, OPT_EXPIRES, OPT_TEAM,
};

static const struct option options[] = {
	{ "root-key", required_argument, NULL, OPT_ROOT },
	{ "targets-key", required_argument, NULL, OPT_TARGETS },
	{ "snapshot-key", required_argument, NULL, OPT_SNAPSHOT },
	{ "timestamp-key", required_argument, NULL, OPT_TIMESTAMP },
	{ "threshold", required_argument, NULL, OPT_THRESHOLD },
	{ "expires", required_argument, NULL, OPT_EXPIRES },
	{ "team", required_argument, NULL, OPT_TEAM },
	{ "keys", required_argument, NULL, OPT_KEYS },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

/* KEYDIR/ROLE.pem, which is made if it is not there. */
static int own_key(const char *dir, const char *role, struct keyring *ring,
		   char *id, struct cx_error *err)
{
	char *path;
	int ret = 0;

	if (asprintf(&path, "%s/%s.pem", dir, role) < 0)
		return cx_fail(err, -ENOMEM, "out of memory");
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		ret = cx_fail(err, -errno, "%s: cannot be made: %s", dir,
			      strerror(errno));
	if (!ret && faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		ret = signer_make(path, err);
	if (!ret)
		ret = keyring_add(ring, path, id, err);
	free(path);
	return ret;
}

static int add_id(json_t *ids, const char *id, struct cx_error *err)
{
	return json_array_append_new(ids, json_string(id)) < 0 ?
		       cx_fail(err, -ENOMEM, "out of memory") : 0;
}

static int set_role(const struct order *order, enum role role,
		    struct keyring *ring, json_t *root, struct cx_error *err)
{
	char id[CX_TUF_KEYID_LEN + 1];
	json_t *ids = json_array();
	size_t i;
	int ret = ids ? 0 : cx_fail(err, -ENOMEM, "out of memory");

	if (!ret && !order->source_count[role]) {
		ret = own_key(order->site.keys.dir, role_names[role], ring, id,
			      err);
		if (!ret)
			ret = add_id(ids, id, err);
	}
	for (i = 0; !ret && i < order->source_count[role]; i++) {
		ret = keyring_add(ring, order->sources[role][i], id, err);
		if (!ret)
			ret = add_id(ids, id, err);
	}
	if (!ret)
		ret = roles_set(root, role_names[role], ids,
				order->threshold[role], ring, err);
	json_decref(ids);
	return ret;
}

static int make_root(const struct order *order, struct keyring *ring,
		     json_t **root, struct cx_error *err)
{
	enum role role;
	int ret;

	*root = metadata_new("root", order->period[ROLE_ROOT]);
	ret = json_put(*root, "consistent_snapshot", json_true(), err);
	if (!ret)
		ret = json_put(*root, "keys", json_object(), err);
	if (!ret)
		ret = json_put(*root, "roles", json_object(), err);
	for (role = 0; !ret && role < ROLES; role++)
		ret = set_role(order, role, ring, *root, err);
	return ret;
}

static int make_team(const struct order *order, const struct team *team,
		     struct keyring *ring, struct repo *repo,
		     struct cx_error *err)
{
	char id[CX_TUF_KEYID_LEN + 1];
	int ret;

	if (team->source)
		ret = keyring_add(ring, team->source, id, err);
	else
		ret = own_key(order->site.keys.dir, team->name, ring, id, err);
	return ret ? ret : team_add(repo, team, id, ring, err);
}

static int make_bodies(const struct order *order, struct repo *repo,
		       struct cx_error *err)
{
	static const char *const member[ROLES] = {
		[ROLE_TARGETS] = "targets", [ROLE_SNAPSHOT] = "meta",
		[ROLE_TIMESTAMP] = "meta",
	};
	enum role role;
	int ret = 0;

	for (role = ROLE_TARGETS; !ret && role < ROLES; role++) {
		repo->body[role] = metadata_new(role_names[role],
						order->period[role]);
		ret = json_put(repo->body[role], member[role], json_object(),
			       err);
		if (!ret)
			ret = repo_touch(repo, role_names[role], err);
	}
	return ret;
}

static int fill(const struct order *order, struct keyring *ring,
		struct repo *repo, struct cx_error *err)
{
	size_t i;
	int ret = make_root(order, ring, &repo->body[ROLE_ROOT], err);

	if (!ret)
		ret = make_bodies(order, repo, err);
	for (i = 0; !ret && i < order->team_count; i++)
		ret = make_team(order, &order->teams[i], ring, repo, err);
	return ret ? ret : metadata_renew(repo->body[ROLE_ROOT], repo->now, err);
}

static int init(const struct order *order, bool *complete, struct cx_error *err)
{
	struct keyring ring = { 0 };
	struct repo repo;
	json_t *root;
	int ret = repo_create(order->site.folder, &repo, err);

	if (ret < 0)
		return ret;
	ret = fill(order, &ring, &repo, err);
	if (!ret) {
		root = json_pack("{s:O, s:[]}", "signed", repo.body[ROLE_ROOT],
				 "signatures");
		ret = root ? repo_publish_root(&repo, &ring, root, complete, err)
			   : cx_fail(err, -ENOMEM, "out of memory");
	}
	keyring_free(&ring);
	repo_close(&repo);
	return ret;
}

static int role_of(const char *text, size_t size)
{
	int role;

	for (role = 0; role < ROLES; role++)
		if (strlen(role_names[role]) == size &&
		    !strncmp(role_names[role], text, size))
			return role;
	return -1;
}

/* ROLE=N, or N for root */
static int take_threshold(struct order *order, const char *text)
{
	const char *equal = strchr(text, '=');
	int role = equal ? role_of(text, equal - text) : ROLE_ROOT;
	unsigned long long value;

	if (role < 0 || parse_number(equal ? equal + 1 : text, MAX_KEYS,
				     &value) < 0 || !value)
		return usage_error(&command_init,
				   "--threshold \"%s\": must be [ROLE=]N with N from 1 to %d",
				   text, MAX_KEYS);
	order->threshold[role] = value;
	return 0;
}

static int take_expiry(struct order *order, const char *text)
{
	const char *equal = strchr(text, '=');
	int role = equal ? role_of(text, equal - text) : -1;

	if (role < 0 || parse_period(equal + 1, &order->period[role]) < 0)
		return usage_error(&command_init,
				   "--expires \"%s\": must be ROLE=TIME, with a time such as 90d or 12h",
				   text);
	return 0;
}

static int take_team(struct order *order, char *text)
{
	struct cx_error err;

	if (order->team_count == MAX_TEAMS)
		return usage_error(&command_init, "--team: more than %d",
				   MAX_TEAMS);
	if (team_parse(text, &order->teams[order->team_count], &err) < 0)
		return usage_error(&command_init, "--team %s", err.text);
	order->team_count++;
	return 0;
}

static int take_key(struct order *order, enum role role, const char *source)
{
	if (order->source_count[role] == MAX_KEYS)
		return usage_error(&command_init, "--%s-key: more than %d",
				   role_names[role], MAX_KEYS);
	order->sources[role][order->source_count[role]++] = source;
	return 0;
}

static int take(void *order, int option)
{
	switch (option) {
	case OPT_THRESHOLD:
		return take_threshold(order, optarg);
	case OPT_EXPIRES:
		return take_expiry(order, optarg);
	case OPT_TEAM:
		return take_team(order, optarg);
	default:
		return take_key(order, option - OPT_ROOT, optarg);
	}
}

static int check(const struct order *order)
{
	enum role role;
	size_t i;

	if (order->site.keys.dir)
		return 0;
	for (role = 0; role < ROLES; role++)
		if (!order->source_count[role])
			return usage_error(&command_init,
					   "--%s-key is missing, or --keys, for a folder of keys in which missing ones are made",
					   role_names[role]);
	for (i = 0; i < order->team_count; i++)
		if (!order->teams[i].source)
			return usage_error(&command_init,
					   "--team %s: its key is missing, or --keys",
					   order->teams[i].name);
	return 0;
}

static int read_options(struct order *order, int argc, char **argv)
{
	static const struct syntax syntax = {
		.command = &command_init, .options = options, .take = take,
	};
	int status = read_site(&syntax, argc, argv, &order->site, order);

	if (!status)
		status = no_more(&command_init, argc, argv);
	return status ? status : check(order);
}

static int run(int argc, char **argv)
{
	struct order order = {
		.threshold = { 1, 1, 1, 1 },
		.period = { 365 * DAY, 90 * DAY, 7 * DAY, DAY },
	};
	bool complete = false;
	struct cx_error err;
	int status = read_options(&order, argc, argv);

	if (status)
		return status;
	if (init(&order, &complete, &err) < 0)
		return failure(&err);
	if (complete)
		printf("%s: ready; machines need %s/metadata/1.root.json\n",
		       order.site.folder, order.site.folder);
	else
		printf("%s: root waits for signatures: `%s sign-root %s`\n",
		       order.site.folder, PROGRAM, order.site.folder);
	return EXIT_SUCCESS;
}

const struct command command_init = {
	.name = "init",
	.summary = "make an empty repository",
	.usage =
"Usage: " PROGRAM " init DIR --keys KEYDIR [OPTION]...\n"
"       " PROGRAM " init DIR --root-key KEY... --targets-key KEY --snapshot-key KEY\n"
"                    --timestamp-key KEY [OPTION]...\n"
"Make an empty repository and sign it.\n"
"\n"
"  --keys KEYDIR          of a role without a key the key is KEYDIR/ROLE.pem, which\n"
"                         is made if it is not there: good for a trial\n"
"  --root-key KEY, --targets-key KEY, --snapshot-key KEY, --timestamp-key KEY\n"
"                         a key of that role: a PEM file, or a pkcs11: URI; each may\n"
"                         be given more than once. Ed25519, ECDSA on P-256, or RSA.\n"
"                         A public key will do for root, which then waits for\n"
"                         `" PROGRAM " sign-root'\n"
"  --threshold [ROLE=]N   how many of a role's keys must sign (1); of root if no\n"
"                         role is named\n"
"  --expires ROLE=TIME    how long signatures hold; default: root=365d,\n"
"                         targets=90d (teams, too), snapshot=7d, timestamp=1d\n"
"  --team NAME:CRYPTEX,...[:KEY]\n"
"                         a team that signs these cryptexes; may be given more than\n"
"                         once. Without teams, targets signs all itself\n"
"  -h, --help             this text\n",
	.run = run,
};
