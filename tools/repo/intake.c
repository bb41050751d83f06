// SPDX-License-Identifier: LGPL-2.1-or-later
#include "intake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "index.h"
#include "revoked.h"

/* A container under way. */
struct intake {
	struct lineage *lineage;
	const char *path;
	struct cx_container *container;
	struct member *m;
	struct cx_error *err;
};

/* Packed as it is; what the repository has already it keeps. */
static int take_object(struct intake *in,
		       const uint8_t digest[CRYPTEX_DIGEST_SIZE])
{
	struct publication *pub = &in->lineage->repo->pub;
	struct place place = place_object(digest);
	char hex[HEX_SIZE];
	int fd, ret;

	if (cx_container_old(in->container))
		return cx_fail(in->err, -EBADMSG,
			       "%s: holds deltas: name the whole container that it was made from",
			       in->path);
	if (!cx_object_find(in->m->contents.objects, in->m->contents.count,
			    digest))
		return cx_fail(in->err, -EBADMSG,
			       "%s: object %s is not one that the seal names",
			       in->path, cx_hex(digest, CRYPTEX_DIGEST_SIZE, hex));
	if (publication_has(pub, place.path) ||
	    !faccessat(pub->dirfd, place.path, F_OK, 0))
		return 0;
	fd = publication_new(pub, STAGE_OBJECT, place.path, in->err);
	if (fd < 0)
		return fd;
	ret = cx_container_copy(in->container, fd, in->err);
	return ret ? ret : publication_close(pub, in->err);
}

static int take_objects(struct intake *in)
{
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	int ret;

	while ((ret = cx_container_next(in->container, digest, in->err)) > 0) {
		ret = take_object(in, digest);
		if (ret < 0)
			break;
	}
	return ret;
}

static int take_seal(struct intake *in, const struct cx_trust *trust)
{
	const struct cx_buf *bytes = cx_container_seal(in->container);
	struct member *m = in->m;
	int ret;

	if (!cx_container_is_signed(in->container))
		return cx_fail(in->err, -ENOKEY,
			       "%s: is not signed yet: `cryptex-publish sign` it first",
			       in->path);
	ret = contents_begin(in->path, bytes, true,
			     trust->count ? trust : NULL, &m->contents, in->err);
	if (ret < 0)
		return ret;
	m->seal.data = malloc(bytes->size);
	if (!m->seal.data)
		return cx_fail(in->err, -ENOMEM, "out of memory");
	memcpy(m->seal.data, bytes->data, bytes->size);
	m->seal.size = bytes->size;
	return repo_team(in->lineage->repo, cx_seal_name(&m->contents.seal),
			 &m->role, in->err);
}

/*
 * Return: 1 if the same generation is released already, 0 if there is none of its
 * name and label.
 */
static int is_released(struct intake *in, const struct terms *terms)
{
	const struct cx_seal *seal = &in->m->contents.seal;
	const char *name = cx_seal_name(seal), *label = cx_seal_label(seal);
	char target[TARGET_SIZE], hex[HEX_SIZE];
	const json_t *custom;
	const char *what;

	release_target(name, label, SUFFIX_SEAL, target);
	custom = release_custom(in->lineage->repo, target);
	cx_hex(seal->digest, CRYPTEX_DIGEST_SIZE, hex);
	if (!custom && !lineage_find(in->lineage, name, hex))
		return 0;
	if (!custom || strcmp(metadata_text(custom, "digest") ?: "", hex))
		return cx_fail(in->err, -EEXIST,
			       "%s: another %s@%s is released already; a release never changes: give this one a label of its own",
			       in->path, name, label);
	if (!release_agrees(custom, terms, &what))
		return cx_fail(in->err, -EEXIST,
			       "%s: %s@%s is released already, with another %s; of a release only `rollout` can be changed",
			       in->path, name, label, what);
	return 1;
}

/* Its release may have been withdrawn, and then removed. */
static int check_revoked(struct intake *in)
{
	const struct cx_seal *seal = &in->m->contents.seal;
	int ret = revoked_find(in->lineage->repo, seal->digest, in->err);

	if (ret <= 0)
		return ret;
	return cx_fail(in->err, -EKEYREVOKED,
		       "%s: the revocation list has its seal: %s@%s was withdrawn, and does not come back; release the repaired one under another label",
		       in->path, cx_seal_name(seal), cx_seal_label(seal));
}

/* In the metadata, where the base may be under any label. */
static const json_t *find_base(const struct intake *in, const json_t *custom)
{
	const json_t *targets = json_object_get(
		repo_body(in->lineage->repo, in->m->role), "targets");
	const char *digest = metadata_text(custom, "base"), *target;
	const json_t *entry, *one;

	json_object_foreach((json_t *)targets, target, entry) {
		one = json_object_get(json_object_get(entry, "custom"),
				      "cryptex");
		if (one && !strcmp(metadata_text(one, "digest") ?: "", digest) &&
		    !strcmp(metadata_text(one, "name") ?: "",
			    metadata_text(custom, "name")))
			return one;
	}
	return NULL;
}

/* A patch means nothing without its base, whose objects it leaves out. */
static int check_base(struct intake *in)
{
	const json_t *custom = in->m->custom;
	const char *name = metadata_text(custom, "name");
	const char *base = metadata_text(custom, "base");
	const json_t *there;
	struct member *m;

	if (cryptex_seal_is_base(&in->m->contents.seal.view) ||
	    lineage_find(in->lineage, name, base))
		return 0;
	there = find_base(in, custom);
	if (there)
		return lineage_load(in->lineage, there, &m, in->err);
	return cx_fail(in->err, -ENOENT,
		       "%s: is a patch for the base %.16s... of %s, which is not released here: name the base's container in front of it",
		       in->path, base, name);
}

static int make_index(struct intake *in)
{
	const struct contents *c = &in->m->contents;
	const struct stocked *stocked;
	size_t i;
	int ret = 0;

	in->m->index = index_new();
	in->m->is_dirty = true;
	if (!in->m->index)
		return cx_fail(in->err, -ENOMEM, "out of memory");
	for (i = 0; !ret && i < c->count; i++) {
		stocked = stock_find(&in->lineage->stock, c->objects[i].digest);
		ret = index_add(in->m->index, c->objects[i].digest,
				c->objects[i].size, stocked->packed, in->err);
	}
	return ret;
}

static int take_content(struct intake *in, const struct terms *terms)
{
	struct member *m = in->m;
	int ret = release_describe(&m->contents.seal, terms,
				   in->lineage->repo->now, &m->custom, in->err);

	if (!ret)
		ret = check_base(in);
	if (!ret)
		ret = take_objects(in);
	if (!ret)
		ret = stock_fill(&in->lineage->stock, &m->contents, in->err);
	return ret ? ret : make_index(in);
}

int intake(struct lineage *lineage, const char *path,
	   const struct cx_trust *trust, const struct terms *terms,
	   struct member **member, struct cx_error *err)
{
	struct intake in = { .lineage = lineage, .path = path, .err = err };
	int ret = cx_container_open(path, &in.container, err);

	*member = NULL;
	if (ret < 0)
		return ret;
	in.m = calloc(1, sizeof(*in.m));
	ret = in.m ? take_seal(&in, trust) : cx_fail(err, -ENOMEM, "out of memory");
	if (!ret)
		ret = is_released(&in, terms);
	if (!ret)
		ret = check_revoked(&in);
	if (!ret)
		ret = take_content(&in, terms);
	cx_container_close(in.container);
	if (ret) {
		member_free(in.m);
		return ret < 0 ? ret : 0;
	}
	*member = in.m;
	return lineage_add(lineage, in.m, err);
}
