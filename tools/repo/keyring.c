// SPDX-License-Identifier: LGPL-2.1-or-later
#include "keyring.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "key.h"
#include "signer.h"

static const struct role_key *append(struct keyring *ring,
				     const struct role_key *key)
{
	struct role_key *list = reallocarray(ring->list, ring->count + 1,
					     sizeof(*list));

	if (!list)
		return NULL;
	ring->list = list;
	list[ring->count] = *key;
	return &list[ring->count++];
}

static void free_key(struct role_key *key)
{
	json_decref(key->json);
	cx_tuf_pubkey_free(key->pkey);
}

/* A URI may hold a PIN, which no message shows. */
static const char *name_of(const char *source)
{
	return strncmp(source, KEY_PKCS11, strlen(KEY_PKCS11)) ? source
							       : "the token's key";
}

static int load(const char *source, struct role_key *key, struct cx_error *err)
{
	int ret;

	*key = (struct role_key){ 0 };
	ret = signer_load(source, &key->pkey, &key->is_private, err);
	if (ret < 0)
		return ret;
	ret = cx_tuf_pubkey_scheme(key->pkey, &key->scheme, err);
	if (!ret)
		ret = cx_tuf_key_to_json(key->pkey, key->scheme, &key->json,
					 key->id, err);
	if (ret < 0)
		cx_prefix(err, ret, "%s", name_of(source));
	return ret;
}

int keyring_add(struct keyring *ring, const char *source, char *id,
		struct cx_error *err)
{
	const struct role_key *there;
	struct role_key key;
	int ret = load(source, &key, err);

	if (!ret && id)
		strcpy(id, key.id);
	there = ret ? NULL : keyring_find(ring, key.id);
	if (!ret && there && key.is_private && !there->is_private) {
		/* What can sign takes the place of what cannot. */
		struct role_key *old = &ring->list[there - ring->list];
		struct role_key swap = *old;

		*old = key;
		key = swap;
	} else if (!ret && !there) {
		if (append(ring, &key))
			return 0;
		ret = cx_fail(err, -ENOMEM, "out of memory");
	}
	free_key(&key);
	return ret;
}

static int is_pem(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && !strcmp(dot, ".pem");
}

static int add_file(struct keyring *ring, const char *dir, const char *name,
		    struct cx_error *err)
{
	char *path;
	int ret = 0;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		return cx_fail(err, -ENOMEM, "out of memory");
	if (signer_is_private(path))
		ret = keyring_add(ring, path, NULL, err);
	free(path);
	/* Of a kind that no role can have: the key of seals, for example. */
	return ret == -EINVAL ? 0 : ret;
}

int keyring_add_dir(struct keyring *ring, const char *dir, struct cx_error *err)
{
	struct dirent **list;
	int i, ret = 0, count = scandir(dir, &list, is_pem, alphasort);

	if (count < 0)
		return cx_fail(err, -errno, "%s: the folder of keys cannot be read: %s",
			       dir, strerror(errno));
	for (i = 0; i < count; i++) {
		if (!ret)
			ret = add_file(ring, dir, list[i]->d_name, err);
		free(list[i]);
	}
	free(list);
	return ret;
}

const struct role_key *keyring_find(const struct keyring *ring, const char *id)
{
	size_t i;

	for (i = 0; i < ring->count; i++)
		if (!strcmp(ring->list[i].id, id))
			return &ring->list[i];
	return NULL;
}

void keyring_free(struct keyring *ring)
{
	while (ring->count)
		free_key(&ring->list[--ring->count]);
	free(ring->list);
	ring->list = NULL;
}
