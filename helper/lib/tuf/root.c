// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/tuf/metadata.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/tuf/limits.h"

const char *cx_tuf_top_name(int index)
{
	static const char *const names[CX_TUF_TOP_LEVEL] = {
		[CX_TUF_ROOT] = "root",
		[CX_TUF_TIMESTAMP] = "timestamp",
		[CX_TUF_SNAPSHOT] = "snapshot",
		[CX_TUF_TARGETS] = "targets",
	};

	return names[index];
}

/*
 * A key that is of no use here (a scheme that is not known, an id that is not the
 * key's) is passed over: it verifies nothing, and others may reach the threshold.
 */
static int add_key(struct cx_tuf_keyring *ring, const char *id,
		   const json_t *json, struct cx_error *err)
{
	struct cx_tuf_key *key;
	int ret = cx_tuf_key_parse(json, &key, err);

	if (ret == -ENOMEM)
		return ret;
	if (ret)
		return 0;
	if (strcmp(key->id, id))
		cx_tuf_key_free(key);
	else
		ring->keys[ring->count++] = key;
	return 0;
}

int cx_tuf_keyring_parse(const json_t *json, struct cx_tuf_keyring *ring,
			 struct cx_error *err)
{
	size_t n = json_object_size(json);
	const char *id;
	json_t *key;
	int ret = 0;

	*ring = (struct cx_tuf_keyring){ 0 };
	if (n > CX_TUF_KEYS_MAX)
		return cx_fail(err, -EBADMSG,
			       "has %zu keys, at most %d are allowed", n,
			       CX_TUF_KEYS_MAX);
	ring->keys = calloc(n ? n : 1, sizeof(*ring->keys));
	if (!ring->keys)
		return cx_fail(err, -ENOMEM, "out of memory");
	json_object_foreach((json_t *)json, id, key) {
		ret = add_key(ring, id, key, err);
		if (ret)
			break;
	}
	return ret;
}

void cx_tuf_keyring_free(struct cx_tuf_keyring *ring)
{
	size_t i;

	for (i = 0; i < ring->count; i++)
		cx_tuf_key_free(ring->keys[i]);
	free(ring->keys);
	*ring = (struct cx_tuf_keyring){ 0 };
}

static const struct cx_tuf_key *find_key(const struct cx_tuf_keyring *ring,
					 const char *id)
{
	size_t i;

	for (i = 0; i < ring->count; i++)
		if (!strcmp(ring->keys[i]->id, id))
			return ring->keys[i];
	return NULL;
}

static int add_role_key(const json_t *keyids, size_t i,
			const struct cx_tuf_keyring *ring,
			struct cx_tuf_role *role, struct cx_error *err)
{
	const char *id = json_string_value(json_array_get(keyids, i));
	const struct cx_tuf_key *key;
	size_t k;

	if (!id)
		return cx_fail(err, -EBADMSG,
			       "a key id of the role '%.64s' is not a string",
			       role->name);
	for (k = 0; k < i; k++)
		if (!strcmp(json_string_value(json_array_get(keyids, k)), id))
			return cx_fail(err, -EBADMSG,
				       "the role '%.64s' has the key %.64s twice",
				       role->name, id);
	key = find_key(ring, id);
	if (key)
		role->keys[role->count++] = key;
	return 0;
}

int cx_tuf_role_parse(const json_t *json, const char *name,
		      const struct cx_tuf_keyring *ring,
		      struct cx_tuf_role *role, struct cx_error *err)
{
	const json_t *keyids;
	int64_t threshold;
	size_t i, n;
	int ret;

	*role = (struct cx_tuf_role){ .name = name };
	ret = cx_tuf_get_array(json, "keyids", CX_TUF_KEYS_MAX, &keyids, err);
	if (!ret)
		ret = cx_tuf_get_number(json, "threshold", 1, INT32_MAX,
					&threshold, err);
	if (ret)
		return cx_prefix(err, ret, "the role '%.64s'", name);
	role->threshold = threshold;
	n = json_array_size(keyids);
	role->keys = calloc(n ? n : 1, sizeof(*role->keys));
	if (!role->keys)
		return cx_fail(err, -ENOMEM, "out of memory");
	for (i = 0; !ret && i < n; i++)
		ret = add_role_key(keyids, i, ring, role, err);
	return ret;
}

void cx_tuf_role_free(struct cx_tuf_role *role)
{
	free(role->keys);
	*role = (struct cx_tuf_role){ 0 };
}

static int parse_root(const json_t *json, struct cx_tuf_root *root,
		      struct cx_error *err)
{
	const json_t *keys, *roles, *role;
	int i, ret;

	ret = cx_tuf_get_header(json, "root", &root->header, err);
	if (!ret)
		ret = cx_tuf_get_bool(json, "consistent_snapshot", false,
				      &root->consistent_snapshot, err);
	if (!ret)
		ret = cx_tuf_get_object(json, "keys", &keys, err);
	if (!ret)
		ret = cx_tuf_get_object(json, "roles", &roles, err);
	if (!ret)
		ret = cx_tuf_keyring_parse(keys, &root->ring, err);
	for (i = 0; !ret && i < CX_TUF_TOP_LEVEL; i++) {
		ret = cx_tuf_get_object(roles, cx_tuf_top_name(i), &role, err);
		if (!ret)
			ret = cx_tuf_role_parse(role, cx_tuf_top_name(i),
						&root->ring, &root->roles[i],
						err);
	}
	return ret;
}

int cx_tuf_root_parse(const json_t *json, struct cx_tuf_root **root,
		      struct cx_error *err)
{
	struct cx_tuf_root *r = calloc(1, sizeof(*r));
	int ret;

	if (!r)
		return cx_fail(err, -ENOMEM, "out of memory");
	r->json = json_incref((json_t *)json);
	ret = parse_root(json, r, err);
	if (ret) {
		cx_tuf_root_free(r);
		return ret;
	}
	*root = r;
	return 0;
}

void cx_tuf_root_free(struct cx_tuf_root *root)
{
	int i;

	if (!root)
		return;
	for (i = 0; i < CX_TUF_TOP_LEVEL; i++)
		cx_tuf_role_free(&root->roles[i]);
	cx_tuf_keyring_free(&root->ring);
	json_decref(root->json);
	free(root);
}
