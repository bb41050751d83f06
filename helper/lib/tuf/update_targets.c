// SPDX-License-Identifier: LGPL-2.1-or-later
/* Section 5.6 of the specification: targets, of the top level or delegated. */
#include "lib/tuf/client_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/tuf/limits.h"
#include "lib/tuf/local.h"
#include "lib/tuf/names.h"
#include "lib/tuf/retired.h"

static int read_targets(struct cx_tuf *tuf, const struct cx_buf *buf,
			const struct cx_tuf_role *role,
			struct cx_tuf_targets **targets, struct cx_error *err)
{
	struct cx_tuf_envelope envelope;
	int ret = cx_tuf_read_signed(tuf, buf, role, &envelope, err);

	if (ret)
		return ret;
	ret = cx_tuf_targets_parse(envelope.signed_part, role->name, targets,
				   err);
	cx_tuf_envelope_free(&envelope);
	return ret;
}

static int check_targets(struct cx_tuf *tuf, const struct cx_tuf_meta *meta,
			 const struct cx_tuf_targets *targets,
			 struct cx_error *err)
{
	if (targets->header.version != meta->version)
		return cx_fail(err, -EBADMSG,
			       "is version %lld, not %lld as the snapshot lists: use another mirror, or try again later",
			       (long long)targets->header.version,
			       (long long)meta->version);
	return cx_tuf_check_expiry(tuf, &targets->header, err);
}

static int accept(struct cx_tuf *tuf, const struct cx_buf *buf,
		  const struct cx_tuf_meta *meta, const struct cx_tuf_role *role,
		  struct cx_tuf_targets **targets, struct cx_error *err)
{
	struct cx_tuf_targets *t;
	int ret;

	if (tuf->targets_size + buf->size > CX_TUF_TARGETS_SUM)
		return cx_fail(err, -EFBIG,
			       "all metadata of targets together have more than the %d bytes that are taken: their publisher has to make them smaller",
			       CX_TUF_TARGETS_SUM);
	ret = read_targets(tuf, buf, role, &t, err);
	if (ret)
		return ret;
	ret = check_targets(tuf, meta, t, err);
	if (ret) {
		cx_tuf_targets_free(t);
		return ret;
	}
	tuf->targets_size += buf->size;
	*targets = t;
	return 0;
}

/* Return: 0 if the local file will do. */
static int try_local(struct cx_tuf *tuf, const char *file,
		     const struct cx_tuf_meta *meta,
		     const struct cx_tuf_role *role,
		     struct cx_tuf_targets **targets, struct cx_error *err)
{
	struct cx_buf buf;
	int ret = cx_tuf_local_read(tuf->dirfd, file, CX_TUF_TARGETS_MAX, &buf,
				    err);

	if (!ret)
		ret = cx_tuf_check_meta(meta, &buf, err);
	if (!ret)
		ret = accept(tuf, &buf, meta, role, targets, err);
	cx_buf_free(&buf);
	return ret;
}

static int fetch(struct cx_tuf *tuf, const char *file,
		 const struct cx_tuf_meta *meta, const struct cx_tuf_role *role,
		 struct cx_tuf_targets **targets, struct cx_error *err)
{
	struct cx_buf buf;
	int ret = cx_tuf_fetch_meta(tuf, meta, role->name, CX_TUF_TARGETS_MAX,
				    &buf, err);

	if (ret)
		return ret;
	ret = accept(tuf, &buf, meta, role, targets, err);
	if (!ret)
		ret = cx_tuf_local_write(tuf->dirfd, file, &buf, NULL, err);
	else
		cx_prefix(err, ret, "%s", file);
	cx_buf_free(&buf);
	return ret;
}

/* What the local file delegates, if any; a new reference. */
static json_t *delegations_here(const struct cx_tuf *tuf, const char *file)
{
	static const char name[] = "\"delegations\"";
	json_t *json = NULL, *part;
	struct cx_buf buf;

	if (cx_tuf_local_read(tuf->dirfd, file, CX_TUF_TARGETS_MAX, &buf, NULL))
		return NULL;
	/* Most delegate nothing: then there is no need to parse them. */
	if (memmem(buf.data, buf.size, name, sizeof(name) - 1))
		json = json_loadb(buf.data, buf.size, 0, NULL);
	cx_buf_free(&buf);
	part = json_incref(json_object_get(json_object_get(json, "signed"),
					   "delegations"));
	json_decref(json);
	return part;
}

static int load(struct cx_tuf *tuf, const char *file,
		const struct cx_tuf_meta *meta, const struct cx_tuf_role *role,
		struct cx_tuf_targets **targets, struct cx_error *err)
{
	json_t *before;
	int ret;

	*targets = NULL;
	ret = try_local(tuf, file, meta, role, targets, err);
	if (!cx_tuf_is_lost(ret))
		return ret;
	if (tuf->offline)
		return cx_prefix(err, ret, "%s", file);
	before = delegations_here(tuf, file);
	ret = fetch(tuf, file, meta, role, targets, err);
	if (ret) {
		cx_tuf_targets_free(*targets);
		*targets = NULL;
	} else {
		cx_tuf_retire_delegated(tuf->dirfd, before, *targets);
	}
	json_decref(before);
	return ret;
}

int cx_tuf_load_targets(struct cx_tuf *tuf, const struct cx_tuf_role *role,
			struct cx_tuf_targets **targets, struct cx_error *err)
{
	const struct cx_tuf_meta *meta = cx_tuf_snapshot_find(tuf->snapshot,
							      role->name);
	char *encoded, *file;
	int ret;

	if (!meta)
		return cx_fail(err, -ENOENT,
			       "the role '%.64s' is delegated to but not in the snapshot: its publisher has to publish it",
			       role->name);
	encoded = cx_tuf_encode(role->name, false);
	ret = encoded ? asprintf(&file, "%s.json", encoded) : -1;
	free(encoded);
	if (ret < 0)
		return cx_fail(err, -ENOMEM, "out of memory");
	ret = load(tuf, file, meta, role, targets, err);
	free(file);
	return ret;
}
