// SPDX-License-Identifier: LGPL-2.1-or-later
/* The timestamp and the snapshot: what they announce of other metadata. */
#include "lib/tuf/metadata.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/tuf/limits.h"

static int parse_meta(const char *name, const json_t *json,
		      struct cx_tuf_meta *meta, struct cx_error *err)
{
	int64_t length = 0;
	int ret;

	meta->name = name;
	ret = cx_tuf_get_number(json, "version", 1, CX_TUF_VERSION_MAX,
				&meta->version, err);
	meta->has_length = json_object_get(json, "length");
	if (!ret && meta->has_length)
		ret = cx_tuf_get_number(json, "length", 1, INT64_MAX, &length,
					err);
	meta->length = length;
	if (!ret)
		ret = cx_tuf_hashes_parse(json_object_get(json, "hashes"),
					  &meta->hashes, err);
	return ret ? cx_prefix(err, ret, "what it says of '%.64s'", name) : 0;
}

int cx_tuf_timestamp_parse(const json_t *json,
			   struct cx_tuf_timestamp **timestamp,
			   struct cx_error *err)
{
	struct cx_tuf_timestamp *t = calloc(1, sizeof(*t));
	const json_t *meta, *snapshot;
	int ret;

	if (!t)
		return cx_fail(err, -ENOMEM, "out of memory");
	ret = cx_tuf_get_header(json, "timestamp", &t->header, err);
	if (!ret)
		ret = cx_tuf_get_object(json, "meta", &meta, err);
	if (!ret)
		ret = cx_tuf_get_object(meta, "snapshot.json", &snapshot, err);
	if (!ret)
		ret = parse_meta("snapshot.json", snapshot, &t->snapshot, err);
	if (ret) {
		free(t);
		return ret;
	}
	*timestamp = t;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct cx_tuf_meta *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int parse_metas(const json_t *meta, struct cx_tuf_snapshot *s,
		       struct cx_error *err)
{
	size_t n = json_object_size(meta);
	const char *name;
	json_t *value;
	int ret = 0;

	s->metas = calloc(n ? n : 1, sizeof(*s->metas));
	if (!s->metas)
		return cx_fail(err, -ENOMEM, "out of memory");
	json_object_foreach((json_t *)meta, name, value) {
		ret = parse_meta(name, value, &s->metas[s->count], err);
		if (ret)
			return ret;
		s->count++;
	}
	qsort(s->metas, s->count, sizeof(*s->metas), by_name);
	if (!cx_tuf_snapshot_find(s, "targets"))
		return cx_fail(err, -EBADMSG,
			       "does not say anything of 'targets.json'");
	return 0;
}

int cx_tuf_snapshot_parse(const json_t *json, struct cx_tuf_snapshot **snapshot,
			  struct cx_error *err)
{
	struct cx_tuf_snapshot *s = calloc(1, sizeof(*s));
	const json_t *meta;
	int ret;

	if (!s)
		return cx_fail(err, -ENOMEM, "out of memory");
	s->json = json_incref((json_t *)json);
	ret = cx_tuf_get_header(json, "snapshot", &s->header, err);
	if (!ret)
		ret = cx_tuf_get_object(json, "meta", &meta, err);
	if (!ret)
		ret = parse_metas(meta, s, err);
	if (ret) {
		cx_tuf_snapshot_free(s);
		return ret;
	}
	*snapshot = s;
	return 0;
}

/* A name with ".json" at its end, against a role's name without */
static int compare_role(const void *role, const void *meta)
{
	const char *name = ((const struct cx_tuf_meta *)meta)->name;
	size_t len = strlen(role);
	int order = strncmp(role, name, len);

	return order ? order : strcmp(".json", name + len);
}

const struct cx_tuf_meta *
cx_tuf_snapshot_find(const struct cx_tuf_snapshot *snapshot, const char *role)
{
	return bsearch(role, snapshot->metas, snapshot->count,
		       sizeof(*snapshot->metas), compare_role);
}

void cx_tuf_snapshot_free(struct cx_tuf_snapshot *snapshot)
{
	if (!snapshot)
		return;
	free(snapshot->metas);
	json_decref(snapshot->json);
	free(snapshot);
}
