// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/tuf/retired.h"

#include <stdlib.h>
#include <string.h>

#include "lib/tuf/local.h"

/* {"role": {"key id": key, ...}, ...}; not a name of metadata */
#define FILE_NAME "retired-keys"
#define FILE_MAX (256 << 10)
#define KEYS_MAX 64

/* What is there, or nothing; a new reference. */
static json_t *load(int dirfd)
{
	json_t *json = NULL;
	struct cx_buf buf;

	if (!cx_tuf_local_read(dirfd, FILE_NAME, FILE_MAX, &buf, NULL)) {
		json = json_loadb(buf.data, buf.size, 0, NULL);
		cx_buf_free(&buf);
	}
	if (json_is_object(json))
		return json;
	json_decref(json);
	return json_object();
}

static void save(int dirfd, const json_t *json)
{
	struct cx_buf buf = { .data = json_dumps(json, JSON_COMPACT) };

	if (buf.data)
		buf.size = strlen(buf.data);
	/* One that is too large could not be read again: what is there is worth more. */
	if (buf.data && buf.size <= FILE_MAX)
		cx_tuf_local_write(dirfd, FILE_NAME, &buf, NULL, NULL);
	cx_buf_free(&buf);
}

static bool has_key(const struct cx_tuf_role *role, const char *id)
{
	size_t i;

	for (i = 0; i < role->count; i++)
		if (!strcmp(role->keys[i]->id, id))
			return true;
	return false;
}

static bool retire_key(json_t *list, const char *role, const char *id,
		       json_t *key)
{
	json_t *mine = json_object_get(list, role);

	if (!json_is_object(mine)) {
		json_object_set_new(list, role, json_object());
		mine = json_object_get(list, role);
	}
	return json_object_size(mine) < KEYS_MAX &&
	       !json_object_set(mine, id, key);
}

/* @old is {"keyids", ...}; @new is NULL if there is no such role any more. */
static bool retire_role(json_t *list, const char *name, const json_t *old,
			const json_t *keys, const struct cx_tuf_role *new)
{
	const json_t *id, *ids = json_object_get(old, "keyids");
	bool changed = false;
	size_t i;

	json_array_foreach(ids, i, id) {
		const char *text = json_string_value(id);

		if (text && !(new && has_key(new, text)))
			changed |= retire_key(list, name, text,
					      json_object_get(keys, text));
	}
	return changed;
}

void cx_tuf_retire(int dirfd, const struct cx_tuf_root *old,
		   const struct cx_tuf_root *new)
{
	const json_t *keys = json_object_get(old->json, "keys");
	const json_t *roles = json_object_get(old->json, "roles");
	json_t *list = load(dirfd);
	bool changed = false;
	int i;

	for (i = 0; list && i < CX_TUF_TOP_LEVEL; i++) {
		const char *name = cx_tuf_top_name(i);

		changed |= retire_role(list, name, json_object_get(roles, name),
				       keys, &new->roles[i]);
	}
	if (changed)
		save(dirfd, list);
	json_decref(list);
}

static const struct cx_tuf_role *find_role(const struct cx_tuf_targets *targets,
					   const char *name)
{
	size_t i;

	for (i = 0; i < targets->delegation_count; i++)
		if (!strcmp(targets->delegations[i].role.name, name))
			return &targets->delegations[i].role;
	return NULL;
}

void cx_tuf_retire_delegated(int dirfd, const json_t *old,
			     const struct cx_tuf_targets *new)
{
	const json_t *keys = json_object_get(old, "keys");
	const json_t *role, *roles = json_object_get(old, "roles");
	json_t *list = old ? load(dirfd) : NULL;
	bool changed = false;
	size_t i;

	json_array_foreach(roles, i, role) {
		const char *name = json_string_value(json_object_get(role,
								     "name"));

		if (list && name)
			changed |= retire_role(list, name, role, keys,
					       find_role(new, name));
	}
	if (changed)
		save(dirfd, list);
	json_decref(list);
}

bool cx_tuf_retired_has_signed(int dirfd, const struct cx_tuf_role *role,
			       const struct cx_tuf_envelope *envelope,
			       char id[CX_TUF_KEYID_LEN + 1])
{
	json_t *list = load(dirfd), *value;
	struct cx_tuf_key *key;
	const char *name;
	bool found = false;

	json_object_foreach(json_object_get(list, role->name), name, value) {
		if (found || cx_tuf_key_parse(value, &key, NULL))
			continue;
		found = !strcmp(key->id, name) && !has_key(role, name) &&
			cx_tuf_envelope_signed_by(envelope, key);
		memcpy(id, key->id, sizeof(key->id));
		cx_tuf_key_free(key);
	}
	json_decref(list);
	return found;
}
