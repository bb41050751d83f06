// SPDX-License-Identifier: LGPL-2.1-or-later
/* Section 5.3 of the specification: from root to root. */
#include "lib/tuf/client_state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/tuf/limits.h"
#include "lib/tuf/local.h"
#include "lib/tuf/retired.h"

int cx_tuf_root_read(const void *data, size_t size, struct cx_tuf_root **root,
		     struct cx_error *err)
{
	struct cx_tuf_envelope envelope;
	struct cx_tuf_root *r = NULL;
	int ret = cx_tuf_envelope_read(data, size, &envelope, err);

	if (ret)
		return ret;
	ret = cx_tuf_root_parse(envelope.signed_part, &r, err);
	if (!ret)
		ret = cx_tuf_envelope_verify(&envelope, &r->roles[CX_TUF_ROOT],
					     err);
	cx_tuf_envelope_free(&envelope);
	if (ret)
		cx_tuf_root_free(r);
	else
		*root = r;
	return ret;
}

/* Has a role lost a key? */
static bool is_rotated(const struct cx_tuf_role *old,
		       const struct cx_tuf_role *new)
{
	size_t i, k;

	for (i = 0; i < old->count; i++) {
		for (k = 0; k < new->count; k++)
			if (!strcmp(old->keys[i]->id, new->keys[k]->id))
				break;
		if (k == new->count)
			return true;
	}
	return false;
}

/*
 * Whoever had a key that is withdrawn may have counted versions up to the sky; so with
 * it goes what it may have signed.
 */
static int store(struct cx_tuf *tuf, const struct cx_buf *buf,
		 struct cx_tuf_root *new, struct cx_error *err)
{
	static const char *const drop[] = {
		"timestamp.json", "snapshot.json", NULL,
	};
	struct cx_tuf_root *old = tuf->root;
	bool rotated = is_rotated(&old->roles[CX_TUF_TIMESTAMP],
				  &new->roles[CX_TUF_TIMESTAMP]) ||
		       is_rotated(&old->roles[CX_TUF_SNAPSHOT],
				  &new->roles[CX_TUF_SNAPSHOT]);
	int ret = cx_tuf_local_write(tuf->dirfd, "root.json", buf,
				     rotated ? drop : NULL, err);

	if (ret)
		return ret;
	cx_tuf_retire(tuf->dirfd, old, new);
	cx_tuf_root_free(old);
	tuf->root = new;
	return 0;
}

static int check_version(const struct cx_tuf_root *old,
			 const struct cx_tuf_root *new, struct cx_error *err)
{
	long long is = new->header.version, trusted = old->header.version;

	if (is == trusted + 1)
		return 0;
	if (is <= trusted)
		return cx_fail(err, -ESTALE,
			       "is version %lld, and this machine has version %lld already: use another mirror",
			       is, trusted);
	return cx_fail(err, -EBADMSG,
		       "is version %lld, not %lld: use another mirror", is,
		       trusted + 1);
}

/* Signed by the former root's keys, and only then read, and by its own. */
static int check_new(struct cx_tuf *tuf, const struct cx_tuf_envelope *envelope,
		     struct cx_tuf_root **root, struct cx_error *err)
{
	struct cx_tuf_root *new;
	int ret = cx_tuf_verify(tuf, envelope, &tuf->root->roles[CX_TUF_ROOT],
				err);

	if (!ret)
		ret = cx_tuf_root_parse(envelope->signed_part, &new, err);
	if (ret)
		return ret;
	ret = cx_tuf_verify(tuf, envelope, &new->roles[CX_TUF_ROOT], err);
	if (!ret)
		ret = check_version(tuf->root, new, err);
	if (ret)
		cx_tuf_root_free(new);
	else
		*root = new;
	return ret;
}

static int accept(struct cx_tuf *tuf, const struct cx_buf *buf,
		  struct cx_error *err)
{
	struct cx_tuf_envelope envelope;
	struct cx_tuf_root *new;
	int ret = cx_tuf_envelope_read(buf->data, buf->size, &envelope, err);

	if (ret)
		return ret;
	ret = check_new(tuf, &envelope, &new, err);
	cx_tuf_envelope_free(&envelope);
	if (ret)
		return ret;
	ret = store(tuf, buf, new, err);
	if (ret)
		cx_tuf_root_free(new);
	return ret;
}

/* Return: 1 if there was another root, 0 if not. */
static int step(struct cx_tuf *tuf, struct cx_error *err)
{
	struct cx_buf buf;
	char name[40];
	int ret;

	snprintf(name, sizeof(name), "%lld.root.json",
		 (long long)tuf->root->header.version + 1);
	ret = tuf->metadata.fetch(tuf->metadata.ctx, name, CX_TUF_ROOT_MAX,
				  &buf, err);
	if (ret)
		return ret == -ENOENT ? 0 : ret;
	ret = accept(tuf, &buf, err);
	cx_buf_free(&buf);
	return ret ? cx_prefix(err, ret, "%s", name) : 1;
}

int cx_tuf_update_root(struct cx_tuf *tuf, struct cx_error *err)
{
	int i, ret = 1;

	for (i = 0; ret > 0 && i < CX_TUF_ROTATIONS_MAX; i++)
		ret = step(tuf, err);
	if (ret < 0)
		return ret;
	ret = cx_tuf_check_expiry(tuf, &tuf->root->header, err);
	return ret ? cx_prefix(err, ret, "root.json") : 0;
}
