// SPDX-License-Identifier: LGPL-2.1-or-later
#include "view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"
#include "release.h"

static json_t *role_view(const struct repo *repo, const json_t *source,
			 const char *name)
{
	const json_t *keys, *role = repo_role(source, name, &keys);
	const json_t *body = repo_body(repo, name);
	const char *expires = metadata_text(body, "expires");
	time_t end;

	return json_pack("{s:s, s:I, s:s?, s:b, s:I, s:O?}", "name", name,
			 "version", metadata_number(body, "version"), "expires",
			 expires, "expired",
			 time_parse(expires, &end) && end <= repo->now,
			 "threshold", metadata_number(role, "threshold"),
			 "keyids", json_object_get(role, "keyids"));
}

static json_t *roles_view(const struct repo *repo)
{
	const json_t *delegations =
		json_object_get(repo->body[ROLE_TARGETS], "delegations");
	const json_t *root = repo->body[ROLE_ROOT];
	json_t *list = json_array(), *body;
	const char *team;
	enum role role;
	int ret = 0;

	for (role = 0; role < ROLES; role++)
		ret |= json_array_append_new(list, role_view(repo, root,
							     role_names[role]));
	json_object_foreach(repo->teams, team, body)
		ret |= json_array_append_new(list, role_view(repo, delegations,
							     team));
	if (!ret)
		return list;
	json_decref(list);
	return NULL;
}

static int compare(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	int diff = strcmp(metadata_text(x, "name") ?: "",
			  metadata_text(y, "name") ?: "");

	return diff ? diff : release_newer(x, y);
}

/* Return: how many @list holds with those of a role. */
static size_t gather(const char *role, const json_t *body, json_t **list,
		     size_t count)
{
	const char *target;
	json_t *entry, *custom;

	json_object_foreach(json_object_get(body, "targets"), target, entry) {
		custom = json_object_get(json_object_get(entry, "custom"),
					 "cryptex");
		if (!metadata_text(custom, "digest"))
			continue;
		list[count] = json_copy(custom);
		json_object_set_new(list[count++], "role", json_string(role));
	}
	return count;
}

static json_t *sorted(json_t **list, size_t count)
{
	json_t *array = json_array();
	size_t i;
	int ret = 0;

	qsort(list, count, sizeof(*list), compare);
	for (i = 0; i < count; i++)
		ret |= json_array_append_new(array, list[i]);
	if (!ret)
		return array;
	json_decref(array);
	return NULL;
}

static json_t *releases_view(const struct repo *repo)
{
	const json_t *targets = repo->body[ROLE_TARGETS];
	size_t room = json_object_size(json_object_get(targets, "targets"));
	const char *team;
	size_t count;
	json_t *body, *array, **list;

	json_object_foreach(repo->teams, team, body)
		room += json_object_size(json_object_get(body, "targets"));
	list = calloc(room + 1, sizeof(*list));
	if (!list)
		return NULL;
	count = gather(role_names[ROLE_TARGETS], targets, list, 0);
	json_object_foreach(repo->teams, team, body)
		count = gather(team, body, list, count);
	array = sorted(list, count);
	free(list);
	return array;
}

static json_t *number_or_null(const json_t *object, const char *key)
{
	return object ? json_integer(metadata_number(object, key))
		      : json_null();
}

int view_make(const struct repo *repo, json_t **view, struct cx_error *err)
{
	*view = json_pack("{s:o, s:o, s:o, s:o}", "roles", roles_view(repo),
			  "waiting_root",
			  number_or_null(json_object_get(repo->draft, "signed"),
					 "version"),
			  "releases", releases_view(repo), "revocation_list",
			  number_or_null(release_custom(repo, TARGET_LIST),
					 "number"));
	return *view ? 0 : cx_fail(err, -ENOMEM, "out of memory");
}
