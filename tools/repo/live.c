// SPDX-License-Identifier: LGPL-2.1-or-later
#include "live.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "index.h"
#include "release.h"

#define INDEX_MAX	(256u << 20)

/* A search under way. */
struct search {
	const struct repo *repo;
	json_t *live;
	struct cx_error *err;
};

static int mark(struct search *s, const char *path)
{
	return json_put(s->live, path, json_true(), s->err);
}

static bool is_marked(const struct search *s, const char *path)
{
	return json_object_get(s->live, path);
}

static int read_file(struct search *s, const struct place *place,
		     const char *type, json_t **envelope)
{
	char *path;
	int ret;

	if (asprintf(&path, "%s/%s", s->repo->path, place->path) < 0)
		return cx_fail(s->err, -ENOMEM, "out of memory");
	ret = metadata_read(path, type, NULL, envelope, s->err);
	free(path);
	return ret;
}

static int mark_deltas(struct search *s, const json_t *entry,
		       const uint8_t *digest)
{
	uint8_t old[CRYPTEX_DIGEST_SIZE];
	const char *hex;
	json_t *size;
	int ret = 0;

	json_object_foreach(json_object_get(entry, "deltas"), hex, size)
		if (!ret && cx_unhex(hex, old, sizeof(old)))
			ret = mark(s, place_delta(digest, old).path);
	return ret;
}

static int mark_objects(struct search *s, const json_t *index)
{
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	const char *hex;
	json_t *entry;
	int ret = 0;

	json_object_foreach(json_object_get(index, "objects"), hex, entry) {
		if (ret || !cx_unhex(hex, digest, sizeof(digest)))
			continue;
		ret = mark(s, place_object(digest).path);
		if (!ret)
			ret = mark_deltas(s, entry, digest);
	}
	return ret;
}

static int mark_index(struct search *s, const char *place)
{
	struct cx_buf bytes;
	json_t *index;
	char *path;
	int ret;

	if (asprintf(&path, "%s/%s", s->repo->path, place) < 0)
		return cx_fail(s->err, -ENOMEM, "out of memory");
	ret = cx_read_file(path, INDEX_MAX, &bytes, s->err);
	if (!ret) {
		ret = index_parse(&bytes, path, &index, s->err);
		cx_buf_free(&bytes);
	}
	free(path);
	if (ret < 0)
		return ret;
	ret = mark_objects(s, index);
	json_decref(index);
	return ret;
}

static int mark_target(struct search *s, const char *target,
		       const json_t *entry)
{
	const char *sha256 = metadata_text(json_object_get(entry, "hashes"),
					   "sha256");
	size_t size = strlen(target), tail = strlen(SUFFIX_INDEX);
	struct place place;
	int ret;

	if (!sha256)
		return 0;
	place = place_target(target, sha256);
	if (is_marked(s, place.path))
		return 0;
	ret = mark(s, place.path);
	if (!ret && size > tail && !strcmp(target + size - tail, SUFFIX_INDEX))
		ret = mark_index(s, place.path);
	return ret;
}

static int mark_targets(struct search *s, const char *role, json_int_t version)
{
	struct place place = place_metadata(role, version);
	json_t *envelope, *entry;
	const char *target;
	int ret;

	if (is_marked(s, place.path))
		return 0;
	ret = read_file(s, &place, "targets", &envelope);
	if (ret < 0)
		return ret;
	ret = mark(s, place.path);
	json_object_foreach(json_object_get(json_object_get(envelope, "signed"),
					    "targets"), target, entry)
		if (!ret)
			ret = mark_target(s, target, entry);
	json_decref(envelope);
	return ret;
}

/* All roles but root, which no snapshot names. */
static int mark_named(struct search *s, const json_t *snapshot)
{
	const char *file;
	json_t *meta;
	int ret = 0;

	json_object_foreach(json_object_get(snapshot, "meta"), file, meta) {
		char role[256];
		size_t size = strlen(file);

		if (ret || size <= 5 || size >= sizeof(role))
			continue;
		snprintf(role, sizeof(role), "%.*s", (int)size - 5, file);
		ret = mark_targets(s, role, metadata_number(meta, "version"));
	}
	return ret;
}

static int mark_snapshot(struct search *s, json_int_t version, time_t *issued)
{
	struct place place = place_metadata("snapshot", version);
	json_t *envelope, *body;
	int ret = read_file(s, &place, "snapshot", &envelope);

	if (ret < 0)
		return ret;
	body = json_object_get(envelope, "signed");
	if (!time_parse(metadata_text(body, MEMBER_ISSUED), issued))
		ret = cx_fail(s->err, -EBADMSG,
			      "%s: does not say when it was signed",
			      place.path);
	if (!ret)
		ret = mark(s, place.path);
	if (!ret)
		ret = mark_named(s, body);
	json_decref(envelope);
	return ret;
}

/* A snapshot was named until the next one was signed, and believed a period longer. */
static int mark_snapshots(struct search *s)
{
	json_int_t version = metadata_number(s->repo->body[ROLE_SNAPSHOT],
					     "version");
	json_int_t period = metadata_number(s->repo->body[ROLE_TIMESTAMP],
					    MEMBER_PERIOD);
	time_t issued;
	int ret;

	for (;;) {
		ret = mark_snapshot(s, version, &issued);
		if (ret < 0 || --version < 1 ||
		    issued + period < s->repo->now ||
		    faccessat(s->repo->dirfd,
			      place_metadata("snapshot", version).path, F_OK, 0))
			return ret;
	}
}

static int mark_roots(struct search *s)
{
	json_int_t version = metadata_number(s->repo->body[ROLE_ROOT],
					     "version");
	int ret = mark(s, place_metadata("timestamp", 0).path);

	for (; !ret && version > 0; version--)
		ret = mark(s, place_metadata("root", version).path);
	return ret;
}

int live_find(const struct repo *repo, json_t **live, struct cx_error *err)
{
	struct search s = { .repo = repo, .live = json_object(), .err = err };
	int ret = s.live ? mark_roots(&s) : cx_fail(err, -ENOMEM, "out of memory");

	if (!ret)
		ret = mark_snapshots(&s);
	if (ret < 0)
		json_decref(s.live);
	*live = s.live;
	return ret;
}
