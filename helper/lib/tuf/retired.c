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

	if (buf.data) {
		buf.size = strlen(buf.data);
		cx_tuf_local_write(dirfd, FILE_NAME, &buf, NULL, NULL);
	}
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

static bool retire_role(json_t *list, const struct cx_tuf_root *old,
			const struct cx_tuf_root *new, int index)
{
	const json_t *keys = json_object_get(old->json, "keys");
	const char *name = cx_tuf_top_name(index);
	json_t *mine = json_object_get(list, name);
	bool changed = false;
	size_t i;

	if (!json_is_object(mine)) {
		json_object_set_new(list, name, json_object());
		mine = json_object_get(list, name);
	}
	for (i = 0; i < old->roles[index].count; i++) {
		const char *id = old->roles[index].keys[i]->id;

		if (has_key(&new->roles[index], id) ||
		    json_object_size(mine) >= KEYS_MAX)
			continue;
		json_object_set(mine, id, json_object_get(keys, id));
		changed = true;
	}
	return changed;
}

void cx_tuf_retire(int dirfd, const struct cx_tuf_root *old,
		   const struct cx_tuf_root *new)
{
	json_t *list = load(dirfd);
	bool changed = false;
	int i;

	for (i = 0; list && i < CX_TUF_TOP_LEVEL; i++)
		changed |= retire_role(list, old, new, i);
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
		found = !has_key(role, key->id) &&
			cx_tuf_envelope_signed_by(envelope, key);
		memcpy(id, key->id, sizeof(key->id));
		cx_tuf_key_free(key);
	}
	json_decref(list);
	return found;
}
