// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "lib/listfile.h"
#include "release.h"
#include "revoked.h"

/* A target of a role. */
struct target {
	const char *role;
	const char *name;
	const json_t *custom;
};

static bool ends_with(const char *text, const char *end)
{
	size_t size = strlen(text), tail = strlen(end);

	return size > tail && !strcmp(text + size - tail, end);
}

/* Only what a role may sign counts, and it is sought in one role only. */
static void check_owner(struct check *check, const struct target *t)
{
	char name[CRYPTEX_LABEL_SIZE + 1];
	struct cx_error err;
	const char *slash = strchr(t->name, '/'), *owner = NULL;

	if (slash) {
		snprintf(name, sizeof(name), "%.*s", (int)(slash - t->name),
			 t->name);
		repo_team(&check->repo, name, &owner, &err);
	} else {
		owner = role_names[ROLE_TARGETS];
	}
	if (!owner || strcmp(owner, t->role))
		fault(check, "%s: is signed by %s, which is not its role",
		      t->name, t->role);
}

/* What the seal says itself must stand in the metadata just so. */
static void check_said(struct check *check, const struct target *t,
		       const struct cx_seal *seal)
{
	static const char *const members[] = {
		"name", "label", "kind", "digest", "base", "security_epoch",
		"severity", "fixes", "build_time",
	};
	const struct terms none = { 0 };
	struct cx_error err;
	json_t *said;
	size_t i;

	if (release_describe(seal, &none, 0, &said, &err) < 0) {
		fault(check, "%s: %s", t->name, err.text);
		return;
	}
	for (i = 0; i < sizeof(members) / sizeof(*members); i++)
		if (!json_equal(json_object_get(said, members[i]),
				json_object_get(t->custom, members[i])))
			fault(check, "%s: its metadata says another %s than the seal",
			      t->name, members[i]);
	json_decref(said);
}

static void check_rollout(struct check *check, const struct target *t)
{
	const json_t *rollout = json_object_get(t->custom, "rollout");
	const json_t *percent = json_object_get(rollout, "percent");
	json_int_t n = json_integer_value(percent);
	time_t ignored;

	if (!json_is_integer(percent) || n < 0 || n > 100 ||
	    !time_parse(metadata_text(rollout, "start"), &ignored))
		fault(check, "%s: its metadata has no sound rollout", t->name);
}

static void check_terms(struct check *check, const struct target *t)
{
	static const struct { const char *name; int option; } members[] = {
		{ "channel", OPT_CHANNEL }, { "urgency", OPT_URGENCY },
		{ "activation", OPT_ACTIVATION },
	};
	const json_t *hardware = json_object_get(t->custom, "hardware"), *class;
	struct terms terms = { 0 };
	struct cx_error err;
	size_t i;

	for (i = 0; i < 3; i++)
		if (terms_take(&terms, members[i].option,
			       metadata_text(t->custom, members[i].name) ?: "",
			       &err) < 0)
			fault(check, "%s: its metadata has no sound %s",
			      t->name, members[i].name);
	if (!json_is_array(hardware))
		fault(check, "%s: its metadata has no list of hardware", t->name);
	json_array_foreach(hardware, i, class)
		if (terms_take(&terms, OPT_HARDWARE,
			       json_string_value(class) ?: "", &err) < 0)
			fault(check, "%s: its metadata has an unsound class of hardware",
			      t->name);
	check_rollout(check, t);
}

/* Whoever has the base of a patch is who can use it. */
static bool has_base(const struct check *check, const struct target *t)
{
	const char *base = metadata_text(t->custom, "base") ?: "", *name;
	json_t *targets = json_object_get(repo_body(&check->repo, t->role),
					  "targets");
	const json_t *custom;
	json_t *entry;

	json_object_foreach(targets, name, entry) {
		custom = json_object_get(json_object_get(entry, "custom"),
					 "cryptex");
		if (!strcmp(metadata_text(custom, "digest") ?: "", base) &&
		    !strcmp(metadata_text(custom, "kind") ?: "", "base"))
			return true;
	}
	return false;
}

static bool is_revoked(const struct check *check, const char *hex)
{
	uint8_t digest[CRYPTEX_DIGEST_SIZE];

	return hex && cx_unhex(hex, digest, sizeof(digest)) &&
	       revoked_has(&check->revoked, digest);
}

static void check_withdrawn(struct check *check, const struct target *t)
{
	const json_t *withdrawn = json_object_get(t->custom, "withdrawn");
	bool revoked = is_revoked(check, metadata_text(t->custom, "digest"));
	time_t ignored;

	if (!withdrawn && revoked)
		fault(check, "%s: the revocation list has its seal, so no kernel takes it, but it is not withdrawn",
		      t->name);
	if (!withdrawn)
		return;
	if (!metadata_text(withdrawn, "reason") ||
	    !time_parse(metadata_text(withdrawn, "time"), &ignored))
		fault(check, "%s: is withdrawn without a time and a reason",
		      t->name);
	if (!revoked)
		fault(check, "%s: is withdrawn, but the revocation list does not have its seal",
		      t->name);
}

static void check_seal(struct check *check, const struct target *t)
{
	char index[TARGET_SIZE];
	struct contents contents;
	struct cx_error err;
	struct cx_buf bytes;
	int ret;

	if (repo_read_target(&check->repo, t->name, &bytes, &err) < 0) {
		fault(check, "%s", err.text);
		return;
	}
	ret = contents_begin(t->name, &bytes, true, NULL, &contents, &err);
	cx_buf_free(&bytes);
	if (ret < 0) {
		fault(check, "%s", err.text);
		return;
	}
	check->releases++;
	release_target(cx_seal_name(&contents.seal),
		       cx_seal_label(&contents.seal), SUFFIX_SEAL, index);
	if (strcmp(index, t->name))
		fault(check, "%s: is the seal of %s", t->name, index);
	check_said(check, t, &contents.seal);
	check_terms(check, t);
	check_withdrawn(check, t);
	if (!has_base(check, t))
		fault(check, "%s: its base is not in the repository", t->name);
	release_target(cx_seal_name(&contents.seal),
		       cx_seal_label(&contents.seal), SUFFIX_INDEX, index);
	check_index(check, index, &contents);
	contents_free(&contents);
}

static void check_list(struct check *check, const struct target *t)
{
	struct cx_buf bytes;
	struct cx_list list;
	struct cx_error err;

	if (repo_read_target(&check->repo, t->name, &bytes, &err) < 0 ||
	    cx_list_from_bytes(bytes, t->name, NULL, &list, &err) < 0) {
		fault(check, "%s", err.text);
		return;
	}
	if (metadata_number(t->custom, "number") !=
	    (json_int_t)cx_list_number(&list))
		fault(check, "%s: its metadata says another number", t->name);
	cx_list_free(&list);
}

/* An index is looked at with its seal. */
static void check_target(struct check *check, const struct target *t)
{
	char seal[TARGET_SIZE];

	check_owner(check, t);
	if (!strcmp(t->name, TARGET_LIST)) {
		check_list(check, t);
	} else if (strchr(t->name, '/') && ends_with(t->name, SUFFIX_SEAL)) {
		check_seal(check, t);
	} else if (strchr(t->name, '/') && ends_with(t->name, SUFFIX_INDEX)) {
		snprintf(seal, sizeof(seal), "%.*s%s",
			 (int)(strlen(t->name) - strlen(SUFFIX_INDEX)), t->name,
			 SUFFIX_SEAL);
		if (!repo_target(&check->repo, seal))
			fault(check, "%s: has no seal", t->name);
	} else {
		fault(check, "%s: is no seal, no index and no list", t->name);
	}
}

static void each_target(struct check *check, const char *role,
			void (*visit)(struct check *, const struct target *))
{
	json_t *targets = json_object_get(repo_body(&check->repo, role),
					  "targets");
	const char *name;
	json_t *entry;

	json_object_foreach(targets, name, entry) {
		const struct target t = {
			.role = role, .name = name,
			.custom = json_object_get(json_object_get(entry, "custom"),
						  "cryptex"),
		};

		visit(check, &t);
	}
}

static void each_role(struct check *check,
		      void (*visit)(struct check *, const struct target *))
{
	const char *team;
	json_t *body;

	each_target(check, role_names[ROLE_TARGETS], visit);
	json_object_foreach(check->repo.teams, team, body)
		each_target(check, team, visit);
}

/* What does not parse has been told before. */
static void visit_deltas(struct check *check, const struct target *t)
{
	char index[TARGET_SIZE];
	struct contents contents;
	struct cx_error err;
	struct cx_buf bytes;
	int ret;

	if (!ends_with(t->name, SUFFIX_SEAL) ||
	    repo_read_target(&check->repo, t->name, &bytes, &err) < 0)
		return;
	ret = contents_begin(t->name, &bytes, true, NULL, &contents, &err);
	cx_buf_free(&bytes);
	if (ret < 0)
		return;
	release_target(cx_seal_name(&contents.seal),
		       cx_seal_label(&contents.seal), SUFFIX_INDEX, index);
	check_deltas(check, index, &contents);
	contents_free(&contents);
}

void check_targets(struct check *check)
{
	struct cx_error told_with_its_target;

	revoked_load(&check->repo, &check->revoked, &told_with_its_target);
	each_role(check, check_target);
	each_role(check, visit_deltas);
	cx_list_free(&check->revoked);
}
