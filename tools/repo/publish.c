// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Signing what was edited.
 *
 * While a root is about to be replaced, be it now or once its draft has been signed
 * elsewhere, all is signed by the keys of both, as far as they are at hand: so a
 * reader with the old root and one with the new are both content at any instant.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/cms.h"
#include "lib/tuf/limits.h"
#include "load.h"

/*
 * A publication under way.
 * @next: signed part of the root to come, or NULL
 * @next_counts: it takes effect now, not later
 * @old_lacks: what is signed does not satisfy the current root
 */
struct publishing {
	struct repo *repo;
	const struct keyring *ring;
	const json_t *next;
	bool next_counts;
	bool old_lacks;
	struct cx_error *err;
};

static int sign_for(struct publishing *p, const json_t *source,
		    const char *name, json_t *envelope)
{
	const json_t *keys, *role = repo_role(source, name, &keys);

	return role ? metadata_sign(envelope, p->ring,
				    json_object_get(role, "keyids"), p->err) : 0;
}

static bool satisfies(const json_t *source, const char *name,
		      const json_t *envelope)
{
	const json_t *keys, *role = repo_role(source, name, &keys);
	struct cx_error ignored;

	return !metadata_verify(envelope, keys, role, name, &ignored);
}

static int lacks_key(struct publishing *p, const json_t *source,
		     const char *name)
{
	const json_t *keys, *role = repo_role(source, name, &keys);
	const json_t *ids = json_object_get(role, "keyids");

	return cx_fail(p->err, -ENOKEY,
		       "%s: %lld of the %zu keys of the role %s must sign, the first of which is %.16s..., and not as many are at hand; name them by --keys or --role-key",
		       p->repo->path, metadata_number(role, "threshold"),
		       json_array_size(ids), name,
		       json_string_value(json_array_get(ids, 0)) ?: "");
}

static const json_t *source_of(const struct repo *repo, const char *name)
{
	if (json_object_get(repo->teams, name))
		return json_object_get(repo->body[ROLE_TARGETS], "delegations");
	return repo->body[ROLE_ROOT];
}

/* Sign for the current root and the next, and see which is satisfied. */
static int sign(struct publishing *p, const char *name, json_t *envelope)
{
	const json_t *source = source_of(p->repo, name);
	const bool top = source == p->repo->body[ROLE_ROOT];
	int ret = sign_for(p, source, name, envelope);

	if (!ret && top && p->next)
		ret = sign_for(p, p->next, name, envelope);
	if (ret < 0)
		return ret;
	if (top && p->next_counts && !satisfies(p->next, name, envelope))
		return lacks_key(p, p->next, name);
	if (satisfies(source, name, envelope))
		return 0;
	if (!top || !p->next_counts)
		return lacks_key(p, source, name);
	p->old_lacks = true;
	return 0;
}

/* What machines refuse must not be published. */
static int check_size(struct publishing *p, enum stage stage, const char *name,
		      size_t size)
{
	static const size_t limits[STAGES] = {
		[STAGE_TEAM] = CX_TUF_TARGETS_MAX,
		[STAGE_TARGETS] = CX_TUF_TARGETS_MAX,
		[STAGE_SNAPSHOT] = CX_TUF_SNAPSHOT_MAX,
		[STAGE_TIMESTAMP] = CX_TUF_TIMESTAMP_MAX,
		[STAGE_ROOT_FIRST] = CX_TUF_ROOT_MAX,
		[STAGE_ROOT] = CX_TUF_ROOT_MAX,
	};

	if (size <= limits[stage])
		return 0;
	return cx_fail(p->err, -EFBIG,
		       "%s: the metadata of %s would have %zu bytes, and machines take at most %zu; `cryptex-repo remove` old releases",
		       p->repo->path, name, size, limits[stage]);
}

static int add_file(struct publishing *p, enum stage stage, const char *name,
		    json_t *envelope, json_t **meta)
{
	const json_t *body = json_object_get(envelope, "signed");
	json_int_t version = metadata_number(body, "version");
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	char hex[HEX_SIZE];
	struct cx_buf buf;
	int ret = metadata_format(envelope, &buf, p->err);

	if (ret < 0)
		return ret;
	ret = check_size(p, stage, name, buf.size);
	if (!ret)
		ret = publication_add(&p->repo->pub, stage, place_metadata(
				name, stage == STAGE_TIMESTAMP ? 0 : version).path,
				      buf.data, buf.size, p->err);
	if (!ret && meta) {
		cx_sha256(buf.data, buf.size, digest);
		*meta = json_pack("{s:I, s:I, s:{s:s}}", "version", version,
				  "length", (json_int_t)buf.size, "hashes",
				  "sha256",
				  cx_hex(digest, sizeof(digest), hex));
	}
	cx_buf_free(&buf);
	return ret;
}

/* The next version of a role, and its entry in the metadata above. */
static int make(struct publishing *p, enum stage stage, const char *name,
		const char *above)
{
	json_t *body = repo_body(p->repo, name), *meta = NULL, *envelope;
	char file[256];
	int ret = metadata_renew(body, p->repo->now, p->err);

	if (ret < 0)
		return ret;
	envelope = json_pack("{s:O, s:[]}", "signed", body, "signatures");
	if (!envelope)
		return cx_fail(p->err, -ENOMEM, "out of memory");
	ret = sign(p, name, envelope);
	if (!ret)
		ret = add_file(p, stage, name, envelope, above ? &meta : NULL);
	json_decref(envelope);
	if (ret < 0 || !above)
		return ret;
	snprintf(file, sizeof(file), "%s.json", name);
	return json_put(json_object_get(repo_body(p->repo, above), "meta"), file,
			meta, p->err);
}

static int make_teams(struct publishing *p)
{
	const char *name;
	json_t *body;
	int ret = 0;

	json_object_foreach(p->repo->teams, name, body) {
		if (json_object_get(p->repo->fresh, name))
			ret = make(p, STAGE_TEAM, name, "snapshot");
		if (ret < 0)
			break;
	}
	return ret;
}

/* A machine reads all of them, and has a limit for that as well. */
static int check_sum(struct publishing *p)
{
	json_int_t sum = 0;
	const char *file;
	json_t *meta;

	json_object_foreach(json_object_get(p->repo->body[ROLE_SNAPSHOT], "meta"),
			    file, meta)
		sum += metadata_number(meta, "length");
	if (sum <= CX_TUF_TARGETS_SUM)
		return 0;
	return cx_fail(p->err, -EFBIG,
		       "%s: the metadata of targets and teams would have %lld bytes, and machines take at most %d; `cryptex-repo remove` old releases",
		       p->repo->path, sum, CX_TUF_TARGETS_SUM);
}

/* From below upwards; a timestamp alone is renewed alone. */
static int make_all(struct publishing *p)
{
	json_t *fresh = p->repo->fresh;
	bool alone = json_object_size(fresh) == 1 &&
		     json_object_get(fresh, "timestamp");
	int ret = 0;

	if (!json_object_size(fresh))
		return 0;
	if (!alone)
		ret = make_teams(p);
	if (!ret && json_object_get(fresh, "targets"))
		ret = make(p, STAGE_TARGETS, "targets", "snapshot");
	if (!ret && !alone)
		ret = check_sum(p);
	if (!ret && !alone)
		ret = make(p, STAGE_SNAPSHOT, "snapshot", "timestamp");
	if (!ret)
		ret = make(p, STAGE_TIMESTAMP, "timestamp", NULL);
	return ret;
}

int repo_publish(struct repo *repo, const struct keyring *ring,
		 struct cx_error *err)
{
	struct publishing p = {
		.repo = repo, .ring = ring, .err = err,
		.next = json_object_get(repo->draft, "signed"),
		.next_counts = !repo->root,
	};
	int ret = make_all(&p);

	if (ret < 0)
		publication_abort(&repo->pub);
	return ret < 0 ? ret : publication_commit(&repo->pub, err);
}

/* Have the keys of the root before and its own signed enough? */
static bool is_complete(const struct repo *repo, const json_t *root)
{
	return satisfies(json_object_get(root, "signed"), "root", root) &&
	       (!repo->root ||
		satisfies(repo->body[ROLE_ROOT], "root", root));
}

static int sign_root(struct publishing *p, json_t *root)
{
	int ret = 0;

	if (p->repo->root)
		ret = sign_for(p, p->repo->body[ROLE_ROOT], "root", root);
	return ret ? ret : sign_for(p, p->next, "root", root);
}

static int add_draft(struct publishing *p, const json_t *root)
{
	struct cx_buf buf;
	int ret = metadata_format(root, &buf, p->err);

	if (ret < 0)
		return ret;
	ret = publication_add(&p->repo->pub, STAGE_DRAFT, FILE_DRAFT, buf.data,
			      buf.size, p->err);
	cx_buf_free(&buf);
	return ret;
}

static int add_root(struct publishing *p, json_t *root)
{
	enum stage stage = p->old_lacks ? STAGE_ROOT_FIRST : STAGE_ROOT;

	return add_file(p, stage, "root", root, NULL);
}

static int make_root(struct publishing *p, json_t *root, bool complete)
{
	int ret = complete ? repo_check_follow(p->repo, p->next, p->err) : 0;

	if (!ret)
		ret = make_all(p);
	if (ret < 0)
		return ret;
	return complete ? add_root(p, root) : add_draft(p, root);
}

int repo_publish_root(struct repo *repo, const struct keyring *ring,
		      json_t *root, bool *complete, struct cx_error *err)
{
	struct publishing p = {
		.repo = repo, .ring = ring, .err = err,
		.next = json_object_get(root, "signed"),
	};
	int ret = sign_root(&p, root);

	*complete = !ret && is_complete(repo, root);
	p.next_counts = *complete || !repo->root;
	if (!ret)
		ret = make_root(&p, root, *complete);
	json_decref(root);
	if (ret < 0)
		publication_abort(&repo->pub);
	else
		ret = publication_commit(&repo->pub, err);
	if (!ret && *complete)
		unlinkat(repo->dirfd, FILE_DRAFT, 0);
	return ret;
}
