// SPDX-License-Identifier: LGPL-2.1-or-later
#include "team.h"

#include <errno.h>
#include <string.h>

#include "load.h"
#include "roles.h"

int team_parse(char *text, struct team *team, struct cx_error *err)
{
	json_t *paths;
	int ret;

	/* What is left of a pkcs11: URI has colons of its own. */
	team->name = strsep(&text, ":");
	team->paths = strsep(&text, ":");
	team->source = text;
	if (!team->paths)
		return cx_fail(err, -EINVAL,
			       "\"%s\": must be NAME:CRYPTEX,...[:KEY]",
			       team->name);
	if (!team_name_ok(team->name))
		return cx_fail(err, -EINVAL,
			       "\"%s\": is no name for a team: at most 32 of a-z, 0-9 and -, and no role's",
			       team->name);
	ret = team_paths(team->paths, &paths, err);
	if (!ret)
		json_decref(paths);
	return ret;
}

static int make_delegations(json_t *targets, struct cx_error *err)
{
	if (json_object_get(targets, "delegations"))
		return 0;
	return json_put(targets, "delegations",
			json_pack("{s:{}, s:[]}", "keys", "roles"), err);
}

static int make_body(struct repo *repo, const char *name, struct cx_error *err)
{
	const json_t *targets = repo->body[ROLE_TARGETS];
	json_t *body;
	int ret;

	if (json_object_get(repo->teams, name))
		return 0;
	body = metadata_new("targets", metadata_number(targets, MEMBER_PERIOD));
	ret = json_put(repo->teams, name, body, err);
	return ret ? ret : json_put(body, "targets", json_object(), err);
}

/* Terminating delegations: of two teams with one cryptex the second is not asked. */
static int check_free(const struct repo *repo, const char *name,
		      const json_t *paths, struct cx_error *err)
{
	const json_t *roles = json_object_get(
		json_object_get(repo->body[ROLE_TARGETS], "delegations"),
		"roles");
	const json_t *role, *theirs, *ours;
	size_t i, j, k;

	json_array_foreach(roles, i, role) {
		if (!strcmp(metadata_text(role, "name"), name))
			continue;
		json_array_foreach(json_object_get(role, "paths"), j, theirs)
			json_array_foreach(paths, k, ours)
				if (json_equal(theirs, ours))
					return cx_fail(err, -EEXIST,
						       "%s: is the team %s's already; name for that team what it keeps, first",
						       json_string_value(ours),
						       metadata_text(role, "name"));
	}
	return 0;
}

/* A team that is there gets one key more, and another list of cryptexes. */
static int set(struct repo *repo, const struct team *team, const char *id,
	       const struct keyring *ring, json_t *paths, struct cx_error *err)
{
	json_t *delegations =
		json_object_get(repo->body[ROLE_TARGETS], "delegations");
	const json_t *keys, *role = repo_role(delegations, team->name, &keys);
	json_t *ids = role ? json_deep_copy(json_object_get(role, "keyids"))
			   : json_array();
	json_int_t threshold = role ? metadata_number(role, "threshold") : 1;
	json_t *one;
	size_t i;
	int ret = 0;

	json_array_foreach(ids, i, one)
		if (!strcmp(json_string_value(one), id))
			break;
	if (!ids || (i == json_array_size(ids) &&
		     json_array_append_new(ids, json_string(id)) < 0))
		ret = cx_fail(err, -ENOMEM, "out of memory");
	if (!ret)
		ret = roles_set_team(delegations, team->name, paths, ids,
				     threshold, ring, err);
	json_decref(ids);
	return ret;
}

/* A release that another role signs than its name leads to is lost from sight. */
static int check_kept_by(const struct repo *repo, const char *role,
			 struct cx_error *err)
{
	json_t *targets = json_object_get(repo_body(repo, role), "targets");
	const char *target, *signer;
	json_t *entry;

	json_object_foreach(targets, target, entry) {
		signer = repo_signer(repo, target);
		if (signer && !strcmp(signer, role))
			continue;
		if (!strcmp(role, role_names[ROLE_TARGETS]))
			return cx_fail(err, -EBUSY,
				       "%s: targets itself signs %s, and would not with teams: `cryptex-repo remove` all its releases first, and let the teams release them again",
				       repo->path, target);
		return cx_fail(err, -EBUSY,
			       "%s: the team %s signs %s, and would not any more: name that cryptex for it as well, or `cryptex-repo remove` its releases first",
			       repo->path, role, target);
	}
	return 0;
}

static int check_kept(const struct repo *repo, struct cx_error *err)
{
	const char *team;
	json_t *body;
	int ret = check_kept_by(repo, role_names[ROLE_TARGETS], err);

	json_object_foreach(repo->teams, team, body)
		if (!ret)
			ret = check_kept_by(repo, team, err);
	return ret;
}

int team_add(struct repo *repo, const struct team *team, const char *id,
	     const struct keyring *ring, struct cx_error *err)
{
	json_t *paths;
	int ret = team_paths(team->paths, &paths, err);

	if (ret < 0)
		return ret;
	ret = make_delegations(repo->body[ROLE_TARGETS], err);
	if (!ret)
		ret = check_free(repo, team->name, paths, err);
	if (!ret)
		ret = make_body(repo, team->name, err);
	if (!ret)
		ret = set(repo, team, id, ring, paths, err);
	json_decref(paths);
	if (!ret)
		ret = check_kept(repo, err);
	if (!ret)
		ret = repo_touch(repo, team->name, err);
	return ret ? ret : repo_touch(repo, role_names[ROLE_TARGETS], err);
}
