// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "lib/cms.h"
#include "load.h"

/* Return: the file's envelope, or NULL after its fault has been told. */
static json_t *read_file(struct check *check, const struct place *place,
			 const char *type, struct cx_buf *buf)
{
	struct cx_error err;
	json_t *envelope;
	char *path;
	int ret;

	if (asprintf(&path, "%s/%s", check->repo.path, place->path) < 0)
		return NULL;
	ret = metadata_read(path, type, buf, &envelope, &err);
	free(path);
	if (!ret)
		return envelope;
	fault(check, "%s", err.text);
	return NULL;
}

static void check_signed(struct check *check, const json_t *envelope,
			 const json_t *source, const char *role,
			 const char *path, const char *by)
{
	const json_t *keys, *entry = repo_role(source, role, &keys);
	struct cx_error err;

	if (metadata_verify(envelope, keys, entry, path, &err) < 0)
		fault(check, "%s, by %s", err.text, by);
}

static void check_body(struct check *check, const json_t *body,
		       json_int_t version, const char *path)
{
	const char *expires = metadata_text(body, "expires");
	const char *spec = metadata_text(body, "spec_version");
	time_t end;

	if (version && metadata_number(body, "version") != version)
		fault(check, "%s: says to be version %lld", path,
		      metadata_number(body, "version"));
	if (!spec || strncmp(spec, "1.", 2))
		fault(check, "%s: is not of the specification 1.x", path);
	if (!time_parse(expires, &end))
		fault(check, "%s: has no time of expiry", path);
	else if (end <= check->repo.now)
		fault(check, "%s: expired at %s; `cryptex-repo refresh` with its key renews it",
		      path, expires);
}

/* Keys are named by what they are, as otherwise one could count twice. */
static void check_keys(struct check *check, const json_t *keys,
		       const char *path)
{
	struct cx_error err;
	struct cx_tuf_key *key;
	const char *id;
	json_t *json;

	json_object_foreach((json_t *)keys, id, json) {
		if (cx_tuf_key_parse(json, &key, &err) < 0) {
			fault(check, "%s: key %.16s: %s", path, id, err.text);
			continue;
		}
		if (strcmp(key->id, id))
			fault(check, "%s: key %.16s has another id", path, id);
		cx_tuf_key_free(key);
	}
}

static void check_root(struct check *check, const json_t *envelope,
		       const json_t *before, unsigned long long version,
		       const char *path)
{
	const json_t *body = json_object_get(envelope, "signed");

	if (metadata_number(body, "version") != (json_int_t)version)
		fault(check, "%s: says to be version %lld", path,
		      metadata_number(body, "version"));
	check_keys(check, json_object_get(body, "keys"), path);
	check_signed(check, envelope, body, "root", path, "its own keys");
	if (before)
		check_signed(check, envelope, json_object_get(before, "signed"),
			     "root", path, "those of the root before it");
	if (!json_is_true(json_object_get(body, "consistent_snapshot")))
		fault(check, "%s: has no consistent snapshots", path);
}

/* The last of them counts. */
static bool check_roots(struct check *check)
{
	struct repo *repo = &check->repo;
	unsigned long long version = 1;
	struct place place = place_metadata("root", version);
	json_t *next;

	do {
		next = read_file(check, &place, "root", NULL);
		if (!next)
			return false;
		check_root(check, next, repo->root, version, place.path);
		json_decref(repo->root);
		repo->root = next;
		place = place_metadata("root", ++version);
	} while (!faccessat(repo->dirfd, place.path, F_OK, 0));
	place = place_metadata("root", version - 1);
	repo->body[ROLE_ROOT] =
		json_incref(json_object_get(repo->root, "signed"));
	check_body(check, repo->body[ROLE_ROOT], 0, place.path);
	return true;
}

static void check_hash(struct check *check, const json_t *meta,
		       const struct cx_buf *buf, const char *path)
{
	const char *said = metadata_text(json_object_get(meta, "hashes"),
					 "sha256");
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	char hex[HEX_SIZE];

	cx_sha256(buf->data, buf->size, digest);
	cx_hex(digest, sizeof(digest), hex);
	if (metadata_number(meta, "length") != (json_int_t)buf->size)
		fault(check, "%s: has %zu bytes, not %lld", path, buf->size,
		      metadata_number(meta, "length"));
	else if (!said || strcmp(said, hex))
		fault(check, "%s: its content is not what the metadata above it says",
		      path);
}

/* Return: its signed part, for the caller, or NULL if there is none. */
static json_t *check_named(struct check *check, const json_t *above,
			   const char *role, const char *type,
			   const json_t *source)
{
	json_int_t version;
	struct place place;
	json_t *envelope, *body;
	const json_t *meta;
	struct cx_buf buf;
	char file[256];

	snprintf(file, sizeof(file), "%s.json", role);
	meta = json_object_get(json_object_get(above, "meta"), file);
	version = metadata_number(meta, "version");
	if (above && version < 1) {
		fault(check, "no version of %s is named", file);
		return NULL;
	}
	place = place_metadata(role, version);
	envelope = read_file(check, &place, type, &buf);
	if (!envelope)
		return NULL;
	body = json_incref(json_object_get(envelope, "signed"));
	if (above)
		check_hash(check, meta, &buf, place.path);
	check_body(check, body, version, place.path);
	check_signed(check, envelope, source, role, place.path,
		     "the keys of its role");
	cx_buf_free(&buf);
	json_decref(envelope);
	return body;
}

static bool check_top(struct check *check)
{
	struct repo *repo = &check->repo;
	const json_t *root = repo->body[ROLE_ROOT];
	static const enum role order[] = {
		ROLE_TIMESTAMP, ROLE_SNAPSHOT, ROLE_TARGETS,
	};
	const json_t *above = NULL;
	size_t i;

	for (i = 0; i < 3; i++) {
		const char *name = role_names[order[i]];

		repo->body[order[i]] = check_named(check, above, name, name,
						   root);
		above = repo->body[order[i]];
		if (!above)
			return false;
	}
	return true;
}

static void check_team(struct check *check, const json_t *delegations,
		       const json_t *role)
{
	const char *name = metadata_text(role, "name");
	json_t *body;

	if (!name) {
		fault(check, "targets: a delegation has no name");
		return;
	}
	if (!json_is_true(json_object_get(role, "terminating")))
		fault(check, "targets: the delegation to %s does not terminate",
		      name);
	body = check_named(check, check->repo.body[ROLE_SNAPSHOT], name,
			   "targets", delegations);
	if (body)
		json_object_set_new(check->repo.teams, name, body);
}

bool check_roles(struct check *check)
{
	const json_t *delegations, *role;
	size_t i;

	if (!check_roots(check) || !check_top(check))
		return false;
	delegations = json_object_get(check->repo.body[ROLE_TARGETS],
				      "delegations");
	check_keys(check, json_object_get(delegations, "keys"), "targets");
	json_array_foreach(json_object_get(delegations, "roles"), i, role)
		check_team(check, delegations, role);
	return true;
}
