// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lineage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "index.h"

int lineage_open(struct lineage *lineage, struct repo *repo,
		 struct cx_error *err)
{
	*lineage = (struct lineage){ .repo = repo };
	return stock_open(&lineage->stock, &repo->pub, err);
}

void member_free(struct member *member)
{
	if (!member)
		return;
	json_decref(member->custom);
	json_decref(member->index);
	contents_free(&member->contents);
	cx_buf_free(&member->seal);
	free(member);
}

int lineage_add(struct lineage *lineage, struct member *member,
		struct cx_error *err)
{
	struct member **list = reallocarray(lineage->list, lineage->count + 1,
					    sizeof(*list));

	if (!list) {
		member_free(member);
		return cx_fail(err, -ENOMEM, "out of memory");
	}
	lineage->list = list;
	list[lineage->count++] = member;
	return 0;
}

struct member *lineage_find(const struct lineage *lineage, const char *name,
			    const char *digest)
{
	size_t i;

	for (i = 0; i < lineage->count; i++) {
		const json_t *custom = lineage->list[i]->custom;

		if (!strcmp(metadata_text(custom, "name"), name) &&
		    !strcmp(metadata_text(custom, "digest"), digest))
			return lineage->list[i];
	}
	return NULL;
}

static int load_seal(struct lineage *lineage, const char *target,
		     struct member *m, struct cx_error *err)
{
	struct cx_buf bytes;
	int ret = repo_read_target(lineage->repo, target, &bytes, err);

	if (ret < 0)
		return ret;
	ret = contents_begin(target, &bytes, true, NULL, &m->contents, err);
	cx_buf_free(&bytes);
	if (!ret)
		ret = stock_fill(&lineage->stock, &m->contents, err);
	return ret < 0 ? cx_prefix(err, ret, "%s", target) : 0;
}

static int load_index(struct lineage *lineage, const char *target,
		      struct member *m, struct cx_error *err)
{
	struct cx_buf bytes;
	int ret = repo_read_target(lineage->repo, target, &bytes, err);

	if (ret < 0)
		return ret;
	ret = index_parse(&bytes, target, &m->index, err);
	cx_buf_free(&bytes);
	return ret;
}

static int load(struct lineage *lineage, const json_t *custom,
		struct member *m, struct cx_error *err)
{
	const char *name = metadata_text(custom, "name");
	const char *label = metadata_text(custom, "label");
	char target[TARGET_SIZE];
	int ret = repo_team(lineage->repo, name, &m->role, err);

	if (ret < 0)
		return ret;
	m->custom = json_deep_copy(custom);
	if (!m->custom)
		return cx_fail(err, -ENOMEM, "out of memory");
	release_target(name, label, SUFFIX_SEAL, target);
	ret = load_seal(lineage, target, m, err);
	if (ret < 0)
		return ret;
	release_target(name, label, SUFFIX_INDEX, target);
	return load_index(lineage, target, m, err);
}

int lineage_load(struct lineage *lineage, const json_t *custom,
		 struct member **member, struct cx_error *err)
{
	struct member *m = lineage_find(lineage, metadata_text(custom, "name"),
					metadata_text(custom, "digest"));
	int ret;

	*member = m;
	if (m)
		return 0;
	m = calloc(1, sizeof(*m));
	if (!m)
		return cx_fail(err, -ENOMEM, "out of memory");
	ret = load(lineage, custom, m, err);
	if (ret < 0) {
		member_free(m);
		return ret;
	}
	*member = m;
	return lineage_add(lineage, m, err);
}

static int stage_seal(struct repo *repo, const struct member *m,
		      struct cx_error *err)
{
	char target[TARGET_SIZE];

	release_target(metadata_text(m->custom, "name"),
		       metadata_text(m->custom, "label"), SUFFIX_SEAL, target);
	return repo_set_target(repo, m->role, target, &m->seal,
			       json_incref(m->custom), err);
}

static int stage_index(struct repo *repo, const struct member *m,
		       struct cx_error *err)
{
	char target[TARGET_SIZE];
	struct cx_buf content;
	int ret = index_format(m->index, &content, err);

	if (ret < 0)
		return ret;
	release_target(metadata_text(m->custom, "name"),
		       metadata_text(m->custom, "label"), SUFFIX_INDEX, target);
	ret = repo_set_target(repo, m->role, target, &content, NULL, err);
	cx_buf_free(&content);
	return ret;
}

int lineage_stage(struct lineage *lineage, struct cx_error *err)
{
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < lineage->count; i++) {
		const struct member *m = lineage->list[i];

		if (m->seal.size)
			ret = stage_seal(lineage->repo, m, err);
		if (!ret && m->is_dirty)
			ret = stage_index(lineage->repo, m, err);
	}
	return ret;
}

void lineage_close(struct lineage *lineage)
{
	while (lineage->count)
		member_free(lineage->list[--lineage->count]);
	free(lineage->list);
	stock_close(&lineage->stock);
}
