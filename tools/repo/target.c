// SPDX-License-Identifier: LGPL-2.1-or-later
/* Targets: which role signs one, and what they are. */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cms.h"
#include "repo.h"

#define TARGET_MAX	(256u << 20)	/* bytes of one target that we read */

json_t *repo_body(const struct repo *repo, const char *role)
{
	size_t i;

	for (i = 0; i < ROLES; i++)
		if (!strcmp(role_names[i], role))
			return repo->body[i];
	return json_object_get(repo->teams, role);
}

int repo_touch(struct repo *repo, const char *role, struct cx_error *err)
{
	return json_put(repo->fresh, role, json_true(), err);
}

/* Patterns of TUF: "*" does not match a slash. */
static bool team_has(const json_t *team, const char *name)
{
	const json_t *paths = json_object_get(team, "paths"), *path;
	char target[CRYPTEX_LABEL_SIZE + 2];
	size_t i;

	snprintf(target, sizeof(target), "%s/x", name);
	json_array_foreach(paths, i, path)
		if (!fnmatch(json_string_value(path) ?: "", target,
			     FNM_PATHNAME | FNM_NOESCAPE))
			return true;
	return false;
}

static const char *find_team(const struct repo *repo, const char *name)
{
	const json_t *delegations =
		json_object_get(repo->body[ROLE_TARGETS], "delegations");
	const json_t *roles = json_object_get(delegations, "roles"), *one;
	size_t i;

	if (!json_array_size(roles))
		return role_names[ROLE_TARGETS];
	json_array_foreach(roles, i, one)
		if (team_has(one, name))
			return metadata_text(one, "name");
	return NULL;
}

int repo_team(const struct repo *repo, const char *name, const char **role,
	      struct cx_error *err)
{
	*role = find_team(repo, name);
	if (*role)
		return 0;
	return cx_fail(err, -ENOENT,
		       "%s: no team of %s signs this cryptex; `cryptex-repo team` gives it to one",
		       name, repo->path);
}

const char *repo_signer(const struct repo *repo, const char *target)
{
	char name[CRYPTEX_LABEL_SIZE + 1];
	const char *slash = strchr(target, '/');

	if (!slash)
		return role_names[ROLE_TARGETS];
	snprintf(name, sizeof(name), "%.*s", (int)(slash - target), target);
	return find_team(repo, name);
}

json_t *repo_target(const struct repo *repo, const char *target)
{
	const char *role = repo_signer(repo, target);
	const json_t *body = role ? repo_body(repo, role) : NULL;

	return json_object_get(json_object_get(body, "targets"), target);
}

static json_t *make_entry(const struct cx_buf *content, const char *hex,
			  json_t *custom)
{
	json_t *entry = json_pack("{s:I, s:{s:s}}", "length",
				  (json_int_t)content->size, "hashes", "sha256",
				  hex);

	if (entry && custom &&
	    json_object_set_new(entry, "custom",
				json_pack("{s:O}", "cryptex", custom)) < 0) {
		json_decref(entry);
		entry = NULL;
	}
	json_decref(custom);
	return entry;
}

int repo_set_target(struct repo *repo, const char *role, const char *target,
		    const struct cx_buf *content, json_t *custom,
		    struct cx_error *err)
{
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	char hex[HEX_SIZE];
	struct place place;
	int ret;

	cx_sha256(content->data, content->size, digest);
	cx_hex(digest, sizeof(digest), hex);
	place = place_target(target, hex);
	ret = json_put(json_object_get(repo_body(repo, role), "targets"), target,
		       make_entry(content, hex, custom), err);
	if (!ret)
		ret = repo_touch(repo, role, err);
	if (!ret && !publication_has(&repo->pub, place.path))
		ret = publication_add(&repo->pub, STAGE_TARGET, place.path,
				      content->data, content->size, err);
	return ret;
}

int repo_read_target(const struct repo *repo, const char *target,
		     struct cx_buf *content, struct cx_error *err)
{
	const json_t *entry = repo_target(repo, target);
	const char *said = metadata_text(json_object_get(entry, "hashes"),
					 "sha256");
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	char hex[HEX_SIZE], *path;
	int ret;

	if (!said)
		return cx_fail(err, -ENOENT, "%s: there is no target %s",
			       repo->path, target);
	if (asprintf(&path, "%s/%s", repo->path,
		     place_target(target, said).path) < 0)
		return cx_fail(err, -ENOMEM, "out of memory");
	ret = cx_read_file(path, TARGET_MAX, content, err);
	if (!ret) {
		cx_sha256(content->data, content->size, digest);
		cx_hex(digest, sizeof(digest), hex);
		if (strcmp(said, hex) ||
		    metadata_number(entry, "length") != (json_int_t)content->size) {
			cx_buf_free(content);
			ret = cx_fail(err, -EBADMSG,
				      "%s: its content is not what its name says",
				      path);
		}
	}
	free(path);
	return ret;
}
