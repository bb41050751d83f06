// SPDX-License-Identifier: LGPL-2.1-or-later
#include "roles.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cryptex/seal.h>

#include "layout.h"
#include "metadata.h"
#include "repo.h"

#define TEAM_MAX	32

static bool lists(const json_t *role, const char *id)
{
	const json_t *ids = json_object_get(role, "keyids"), *one;
	size_t i;

	json_array_foreach(ids, i, one)
		if (!strcmp(json_string_value(one) ?: "", id))
			return true;
	return false;
}

/* @roles is an object in a root, and an array in delegations. */
static bool is_used(json_t *roles, const char *id)
{
	const char *name;
	json_t *role;
	size_t i;

	json_array_foreach(roles, i, role)
		if (lists(role, id))
			return true;
	json_object_foreach(roles, name, role)
		if (lists(role, id))
			return true;
	return false;
}

static void drop_unused(json_t *keys, json_t *roles)
{
	const char *id;
	json_t *key;
	void *next;

	json_object_foreach_safe(keys, next, id, key)
		if (!is_used(roles, id))
			json_object_del(keys, id);
}

static int add_keys(json_t *keys, const json_t *ids, const struct keyring *ring,
		    struct cx_error *err)
{
	const struct role_key *key;
	const json_t *id;
	size_t i;
	int ret = 0;

	json_array_foreach(ids, i, id) {
		key = keyring_find(ring, json_string_value(id));
		/* Of a key that stays, the object is there already. */
		if (!ret && key)
			ret = json_put(keys, key->id, json_incref(key->json),
				       err);
	}
	return ret;
}

static int check_threshold(const char *role, const json_t *ids,
			   json_int_t threshold, struct cx_error *err)
{
	if (threshold >= 1 && (size_t)threshold <= json_array_size(ids))
		return 0;
	return cx_fail(err, -EINVAL,
		       "%s: %lld signatures are asked for, and the role has %zu keys",
		       role, threshold, json_array_size(ids));
}

int roles_set(json_t *root, const char *role, json_t *ids, json_int_t threshold,
	      const struct keyring *ring, struct cx_error *err)
{
	json_t *keys = json_object_get(root, "keys");
	json_t *roles = json_object_get(root, "roles");
	int ret = check_threshold(role, ids, threshold, err);

	if (!ret)
		ret = json_put(roles, role,
			       json_pack("{s:O, s:I}", "keyids", ids,
					 "threshold", threshold), err);
	if (!ret)
		ret = add_keys(keys, ids, ring, err);
	if (!ret)
		drop_unused(keys, roles);
	return ret;
}

static json_t *find_team(json_t *roles, const char *team)
{
	const char *name;
	json_t *one;
	size_t i;

	json_array_foreach(roles, i, one) {
		name = metadata_text(one, "name");
		if (name && !strcmp(name, team))
			return one;
	}
	return NULL;
}

static int new_team(json_t *roles, const char *team, json_t *paths,
		    json_t **made, struct cx_error *err)
{
	*made = json_pack("{s:s, s:b, s:O}", "name", team, "terminating", 1,
			  "paths", paths);
	if (!*made || json_array_append_new(roles, *made) < 0)
		return cx_fail(err, -ENOMEM, "out of memory");
	return 0;
}

int roles_set_team(json_t *delegations, const char *team, json_t *paths,
		   json_t *ids, json_int_t threshold,
		   const struct keyring *ring, struct cx_error *err)
{
	json_t *keys = json_object_get(delegations, "keys");
	json_t *roles = json_object_get(delegations, "roles");
	json_t *role = find_team(roles, team);
	int ret = check_threshold(team, ids, threshold, err);

	if (!ret && !role)
		ret = new_team(roles, team, paths, &role, err);
	if (!ret && paths)
		ret = json_put(role, "paths", json_incref(paths), err);
	if (!ret)
		ret = json_put(role, "keyids", json_incref(ids), err);
	if (!ret)
		ret = json_put(role, "threshold", json_integer(threshold), err);
	if (!ret)
		ret = add_keys(keys, ids, ring, err);
	if (!ret)
		drop_unused(keys, roles);
	return ret;
}

bool team_name_ok(const char *name)
{
	size_t i, size = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

	if (!size || size > TEAM_MAX || name[size])
		return false;
	for (i = 0; i < ROLES; i++)
		if (!strcmp(name, role_names[i]))
			return false;
	return true;
}

static int add_path(json_t *paths, char *name, struct cx_error *err)
{
	char pattern[CRYPTEX_LABEL_SIZE + 3];
	size_t size = strlen(name);

	if (size > 2 && !strcmp(name + size - 2, "/*"))
		name[size - 2] = '\0';
	if (!cryptex_name_ok(name))
		return cx_fail(err, -EINVAL,
			       "\"%s\": is no name of a cryptex", name);
	snprintf(pattern, sizeof(pattern), "%s/*", name);
	if (json_array_append_new(paths, json_string(pattern)) < 0)
		return cx_fail(err, -ENOMEM, "out of memory");
	return 0;
}

int team_paths(const char *text, json_t **paths, struct cx_error *err)
{
	char *copy = strdup(text), *next = copy, *name;
	int ret = 0;

	*paths = json_array();
	if (!copy || !*paths)
		ret = cx_fail(err, -ENOMEM, "out of memory");
	while (!ret && (name = strsep(&next, ",")))
		ret = add_path(*paths, name, err);
	free(copy);
	if (ret < 0)
		json_decref(*paths);
	return ret;
}
