// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/tuf/metadata.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/tuf/limits.h"
#include "lib/tuf/names.h"

static int parse_target(const char *path, const json_t *json,
			struct cx_tuf_target *target, struct cx_error *err)
{
	const json_t *hashes;
	int64_t length = 0;
	int ret = cx_tuf_check_path(path, err);

	if (ret)
		return ret;
	target->name = path;
	target->custom = json_object_get(json, "custom");
	ret = cx_tuf_get_number(json, "length", 0, INT64_MAX, &length, err);
	target->length = length;
	if (!ret)
		ret = cx_tuf_get_object(json, "hashes", &hashes, err);
	if (!ret)
		ret = cx_tuf_hashes_parse(hashes, &target->hashes, err);
	if (!ret && target->custom && !json_is_object(target->custom))
		ret = cx_fail(err, -EBADMSG, "'custom' is not an object");
	return ret ? cx_prefix(err, ret, "the target '%.100s'", path) : 0;
}

static int by_path(const void *a, const void *b)
{
	const struct cx_tuf_target *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int parse_list(const json_t *list, struct cx_tuf_targets *t,
		      struct cx_error *err)
{
	size_t n = json_object_size(list);
	const char *path;
	json_t *value;
	int ret;

	if (n > CX_TUF_TARGETS_COUNT)
		return cx_fail(err, -EBADMSG,
			       "has %zu targets, at most %d are allowed", n,
			       CX_TUF_TARGETS_COUNT);
	t->targets = calloc(n ? n : 1, sizeof(*t->targets));
	if (!t->targets)
		return cx_fail(err, -ENOMEM, "out of memory");
	json_object_foreach((json_t *)list, path, value) {
		ret = parse_target(path, value, &t->targets[t->count], err);
		if (ret)
			return ret;
		t->targets[t->count++].role = t->role;
	}
	qsort(t->targets, t->count, sizeof(*t->targets), by_path);
	return 0;
}

static int check_strings(const json_t *list, const char *name, bool patterns,
			 struct cx_error *err)
{
	size_t i, n = json_array_size(list);
	int ret = 0;

	if (!json_is_array(list))
		return cx_fail(err, -EBADMSG, "'%s' is not an array", name);
	for (i = 0; !ret && i < n; i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (!text)
			ret = cx_fail(err, -EBADMSG,
				      "'%s' holds something else than a string",
				      name);
		else if (patterns)
			ret = cx_tuf_check_pattern(text, err);
	}
	return ret;
}

static int parse_covered(const json_t *json, struct cx_tuf_targets *t,
			 struct cx_tuf_delegation *d, struct cx_error *err)
{
	d->paths = json_object_get(json, "paths");
	d->prefixes = json_object_get(json, "path_hash_prefixes");
	if (!d->paths == !d->prefixes)
		return cx_fail(err, -EBADMSG,
			       "has not exactly one of 'paths' and 'path_hash_prefixes'");
	t->pattern_count += json_array_size(d->paths ? d->paths : d->prefixes);
	if (t->pattern_count > CX_TUF_PATTERNS_MAX)
		return cx_fail(err, -EBADMSG,
			       "has patterns beyond the %d that all delegations may have",
			       CX_TUF_PATTERNS_MAX);
	if (d->paths)
		return check_strings(d->paths, "paths", true, err);
	return check_strings(d->prefixes, "path_hash_prefixes", false, err);
}

static int parse_delegation(const json_t *json, struct cx_tuf_targets *t,
			    struct cx_error *err)
{
	struct cx_tuf_delegation *d = &t->delegations[t->delegation_count];
	const char *name;
	size_t i;
	int ret = cx_tuf_get_string(json, "name", &name, err);

	if (!ret)
		ret = cx_tuf_check_role(name, err);
	for (i = 0; !ret && i < t->delegation_count; i++)
		if (!strcmp(t->delegations[i].role.name, name))
			ret = cx_fail(err, -EBADMSG,
				      "is delegated to twice");
	if (ret)
		return ret;
	t->delegation_count++;
	ret = cx_tuf_role_parse(json, name, &t->ring, &d->role, err);
	d->role.delegated = true;
	if (!ret)
		ret = cx_tuf_get_bool(json, "terminating", false,
				      &d->terminating, err);
	if (!ret)
		ret = parse_covered(json, t, d, err);
	return ret ? cx_prefix(err, ret, "the delegated role '%.64s'", name)
		   : 0;
}

static int parse_delegations(const json_t *json, struct cx_tuf_targets *t,
			     struct cx_error *err)
{
	const json_t *keys, *roles;
	size_t i, n;
	int ret;

	ret = cx_tuf_get_object(json, "keys", &keys, err);
	if (!ret)
		ret = cx_tuf_get_array(json, "roles", CX_TUF_DELEGATIONS_MAX,
				       &roles, err);
	if (!ret)
		ret = cx_tuf_keyring_parse(keys, &t->ring, err);
	if (ret)
		return cx_prefix(err, ret, "'delegations'");
	n = json_array_size(roles);
	t->delegations = calloc(n ? n : 1, sizeof(*t->delegations));
	if (!t->delegations)
		return cx_fail(err, -ENOMEM, "out of memory");
	for (i = 0; !ret && i < n; i++)
		ret = parse_delegation(json_array_get(roles, i), t, err);
	return ret;
}

static int parse_targets(const json_t *json, struct cx_tuf_targets *t,
			 struct cx_error *err)
{
	const json_t *list, *delegations;
	int ret = cx_tuf_get_header(json, "targets", &t->header, err);

	if (!ret)
		ret = cx_tuf_get_object(json, "targets", &list, err);
	if (!ret)
		ret = parse_list(list, t, err);
	delegations = json_object_get(json, "delegations");
	if (!ret && delegations)
		ret = parse_delegations(delegations, t, err);
	return ret;
}

int cx_tuf_targets_parse(const json_t *json, const char *role,
			 struct cx_tuf_targets **targets, struct cx_error *err)
{
	struct cx_tuf_targets *t = calloc(1, sizeof(*t));
	int ret;

	if (!t)
		return cx_fail(err, -ENOMEM, "out of memory");
	t->json = json_incref((json_t *)json);
	t->role = strdup(role);
	ret = t->role ? parse_targets(json, t, err)
		      : cx_fail(err, -ENOMEM, "out of memory");
	if (ret) {
		cx_tuf_targets_free(t);
		return ret;
	}
	*targets = t;
	return 0;
}

const struct cx_tuf_target *
cx_tuf_targets_find(const struct cx_tuf_targets *targets, const char *path)
{
	const struct cx_tuf_target key = { .name = path };

	return bsearch(&key, targets->targets, targets->count, sizeof(key),
		       by_path);
}

void cx_tuf_targets_free(struct cx_tuf_targets *targets)
{
	size_t i;

	if (!targets)
		return;
	for (i = 0; i < targets->delegation_count; i++)
		cx_tuf_role_free(&targets->delegations[i].role);
	free(targets->delegations);
	cx_tuf_keyring_free(&targets->ring);
	free(targets->targets);
	free(targets->role);
	json_decref(targets->json);
	free(targets);
}

bool cx_tuf_delegation_covers(const struct cx_tuf_delegation *delegation,
			      const char *path)
{
	const json_t *list = delegation->paths ? delegation->paths
					       : delegation->prefixes;
	size_t i, n = json_array_size(list);
	uint8_t digest[CX_TUF_DIGEST_MAX];
	char hex[2 * CX_TUF_DIGEST_MAX + 1];

	/* Without memory no digest, and the empty text has no prefix but itself. */
	if (delegation->prefixes)
		cx_hex(digest, cx_tuf_digest(CX_TUF_SHA256, path, strlen(path),
					     digest), hex);
	for (i = 0; i < n; i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (delegation->paths ? cx_tuf_match(text, path)
				      : !strncmp(text, hex, strlen(text)))
			return true;
	}
	return false;
}
