// SPDX-License-Identifier: LGPL-2.1-or-later
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/cms.h"

const json_t *repo_role(const json_t *source, const char *role,
			const json_t **keys)
{
	const json_t *roles = json_object_get(source, "roles"), *one;
	const char *name;
	size_t i;

	*keys = json_object_get(source, "keys");
	if (json_is_object(roles))
		return json_object_get(roles, role);
	json_array_foreach(roles, i, one) {
		name = metadata_text(one, "name");
		if (name && !strcmp(name, role))
			return one;
	}
	return NULL;
}

static char *full_path(const struct repo *repo, const char *path)
{
	char *full;

	return asprintf(&full, "%s/%s", repo->path, path) < 0 ? NULL : full;
}

static int read_role(const struct repo *repo, const struct place *place,
		     const char *type, struct cx_buf *buf, json_t **envelope,
		     struct cx_error *err)
{
	char *path = full_path(repo, place->path);
	int ret = path ? metadata_read(path, type, buf, envelope, err)
		       : cx_fail(err, -ENOMEM, "out of memory");

	free(path);
	return ret;
}

static bool is_there(const struct repo *repo, const char *path)
{
	return !faccessat(repo->dirfd, path, F_OK, 0);
}

/* Return: the version of the newest root, 0 if there is none. */
static unsigned long long newest_root(const struct repo *repo)
{
	unsigned long long version = 0;

	while (is_there(repo, place_metadata("root", version + 1).path))
		version++;
	return version;
}

static int load_draft(struct repo *repo, unsigned long long newest,
		      struct cx_error *err)
{
	struct place place = { FILE_DRAFT };
	int ret;

	if (!is_there(repo, place.path))
		return 0;
	ret = read_role(repo, &place, "root", NULL, &repo->draft, err);
	/* One that has been published meanwhile is of no more use. */
	if (!ret && metadata_number(json_object_get(repo->draft, "signed"),
				    "version") <= (json_int_t)newest) {
		json_decref(repo->draft);
		repo->draft = NULL;
	}
	return ret;
}

static int load_root(struct repo *repo, json_t **previous, struct cx_error *err)
{
	unsigned long long newest = newest_root(repo);
	struct place place = place_metadata("root", newest);
	const json_t *keys, *role, *body;
	json_t *from;
	int ret = load_draft(repo, newest, err);

	if (ret < 0)
		return ret;
	if (newest)
		ret = read_role(repo, &place, "root", NULL, &repo->root, err);
	if (!ret && newest > 1) {
		place = place_metadata("root", newest - 1);
		ret = read_role(repo, &place, "root", NULL, previous, err);
	}
	if (ret < 0)
		return ret;
	from = repo->root ?: repo->draft;
	if (!from)
		return cx_fail(err, -ENOENT, "%s: has no metadata/1.root.json",
			       repo->path);
	body = json_object_get(from, "signed");
	role = repo_role(body, "root", &keys);
	repo->body[ROLE_ROOT] = json_deep_copy(body);
	return repo->root ? metadata_verify(from, keys, role,
					    "the newest root", err) : 0;
}

/* A role that is signed by keys of before the last root has to be signed again. */
static int verify(struct repo *repo, const json_t *previous, const char *name,
		  const json_t *envelope, const char *path,
		  struct cx_error *err)
{
	const json_t *keys, *role = repo_role(repo->body[ROLE_ROOT], name, &keys);
	struct cx_error ignored;
	int ret = metadata_verify(envelope, keys, role, path, err);

	if (!ret || !previous)
		return ret;
	role = repo_role(json_object_get(previous, "signed"), name, &keys);
	if (metadata_verify(envelope, keys, role, path, &ignored) < 0)
		return ret;
	return repo_touch(repo, name, err);
}

/* Is the file what the metadata above it says? */
static int check_meta(const json_t *meta, const struct cx_buf *buf,
		      const char *path, struct cx_error *err)
{
	const json_t *hashes = json_object_get(meta, "hashes");
	const char *said = metadata_text(hashes, "sha256");
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	char hex[HEX_SIZE];

	cx_sha256(buf->data, buf->size, digest);
	cx_hex(digest, sizeof(digest), hex);
	if (said && !strcmp(said, hex) &&
	    metadata_number(meta, "length") == (json_int_t)buf->size)
		return 0;
	return cx_fail(err, -EBADMSG,
		       "%s: is not the file that the metadata above it names",
		       path);
}

static const json_t *meta_of(const json_t *body, const char *role)
{
	char name[256];

	snprintf(name, sizeof(name), "%s.json", role);
	return json_object_get(json_object_get(body, "meta"), name);
}

/* Read the version that @above names, and check that it is that file. */
static int read_named(const struct repo *repo, const json_t *above,
		      const char *role, const char *type, struct place *place,
		      json_t **envelope, struct cx_error *err)
{
	const json_t *meta = meta_of(above, role);
	json_int_t version = metadata_number(meta, "version");
	struct cx_buf buf;
	int ret;

	if (version < 1)
		return cx_fail(err, -EBADMSG, "%s: its metadata names no %s.json",
			       repo->path, role);
	*place = place_metadata(role, version);
	ret = read_role(repo, place, type, &buf, envelope, err);
	if (ret < 0)
		return ret;
	ret = check_meta(meta, &buf, place->path, err);
	if (!ret && metadata_number(json_object_get(*envelope, "signed"),
				    "version") != version)
		ret = cx_fail(err, -EBADMSG, "%s: is of another version",
			      place->path);
	cx_buf_free(&buf);
	if (ret < 0)
		json_decref(*envelope);
	return ret;
}

static int load_timestamp(struct repo *repo, const json_t *previous,
			  struct cx_error *err)
{
	struct place place = place_metadata("timestamp", 0);
	json_t *envelope;
	int ret = read_role(repo, &place, "timestamp", NULL, &envelope, err);

	if (ret < 0)
		return ret;
	repo->body[ROLE_TIMESTAMP] =
		json_incref(json_object_get(envelope, "signed"));
	ret = verify(repo, previous, "timestamp", envelope, place.path, err);
	json_decref(envelope);
	return ret;
}

static int load_named(struct repo *repo, enum role above, enum role role,
		      const json_t *previous, struct cx_error *err)
{
	const char *name = role_names[role];
	struct place place;
	json_t *envelope;
	int ret = read_named(repo, repo->body[above], name, name, &place,
			     &envelope, err);

	if (ret < 0)
		return ret;
	repo->body[role] = json_incref(json_object_get(envelope, "signed"));
	ret = verify(repo, previous, name, envelope, place.path, err);
	json_decref(envelope);
	return ret;
}

static int load_team(struct repo *repo, const char *name, struct cx_error *err)
{
	const json_t *delegations =
		json_object_get(repo->body[ROLE_TARGETS], "delegations");
	const json_t *keys, *role = repo_role(delegations, name, &keys);
	struct place place;
	json_t *envelope;
	int ret = read_named(repo, repo->body[ROLE_SNAPSHOT], name, "targets",
			     &place, &envelope, err);

	if (ret < 0)
		return ret;
	ret = metadata_verify(envelope, keys, role, place.path, err);
	if (!ret)
		ret = json_put(repo->teams, name,
			       json_incref(json_object_get(envelope, "signed")),
			       err);
	json_decref(envelope);
	return ret;
}

static int load_teams(struct repo *repo, struct cx_error *err)
{
	const json_t *delegations =
		json_object_get(repo->body[ROLE_TARGETS], "delegations");
	const json_t *roles = json_object_get(delegations, "roles"), *one;
	int ret = 0;
	size_t i;

	json_array_foreach(roles, i, one) {
		const char *name = metadata_text(one, "name");

		if (!name)
			return cx_fail(err, -EBADMSG,
				       "%s: a delegation has no name",
				       repo->path);
		ret = load_team(repo, name, err);
		if (ret < 0)
			break;
	}
	return ret;
}

int repo_load(struct repo *repo, struct cx_error *err)
{
	json_t *previous = NULL;
	int ret = load_root(repo, &previous, err);

	if (!ret)
		ret = load_timestamp(repo, previous, err);
	if (!ret)
		ret = load_named(repo, ROLE_TIMESTAMP, ROLE_SNAPSHOT, previous,
				 err);
	if (!ret)
		ret = load_named(repo, ROLE_SNAPSHOT, ROLE_TARGETS, previous,
				 err);
	if (!ret)
		ret = load_teams(repo, err);
	json_decref(previous);
	return ret;
}

static int check_follow(const struct repo *repo, const json_t *root,
			const char *name, struct cx_error *err)
{
	const json_t *keys, *role = repo_role(root, name, &keys);
	json_int_t version = metadata_number(repo_body(repo, name), "version");
	struct place place = place_metadata(name, strcmp(name, "timestamp") ?
						  version : 0);
	json_t *envelope;
	int ret = read_role(repo, &place, name, NULL, &envelope, err);

	if (ret < 0)
		return ret;
	ret = metadata_verify(envelope, keys, role, place.path, err);
	json_decref(envelope);
	return ret < 0 ? cx_prefix(err, ret,
				   "the new root cannot be used before `cryptex-repo refresh --all` with its roles' new keys") : 0;
}

int repo_check_follow(const struct repo *repo, const json_t *root,
		      struct cx_error *err)
{
	enum role role;
	int ret = 0;

	for (role = ROLE_TARGETS; !ret && role < ROLES; role++)
		if (!json_object_get(repo->fresh, role_names[role]))
			ret = check_follow(repo, root, role_names[role], err);
	return ret;
}
