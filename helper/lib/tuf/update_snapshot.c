// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sections 5.4 and 5.5 of the specification: the timestamp and the snapshot. */
#include "lib/tuf/client_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/tuf/limits.h"
#include "lib/tuf/local.h"

static int read_timestamp(struct cx_tuf *tuf, const struct cx_buf *buf,
			  struct cx_tuf_timestamp **timestamp,
			  struct cx_error *err)
{
	struct cx_tuf_envelope envelope;
	int ret = cx_tuf_read_signed(tuf, buf,
				     &tuf->root->roles[CX_TUF_TIMESTAMP],
				     &envelope, err);

	if (ret)
		return ret;
	ret = cx_tuf_timestamp_parse(envelope.signed_part, timestamp, err);
	cx_tuf_envelope_free(&envelope);
	return ret;
}

static int read_snapshot(struct cx_tuf *tuf, const struct cx_buf *buf,
			 struct cx_tuf_snapshot **snapshot, struct cx_error *err)
{
	struct cx_tuf_envelope envelope;
	int ret = cx_tuf_read_signed(tuf, buf,
				     &tuf->root->roles[CX_TUF_SNAPSHOT],
				     &envelope, err);

	if (ret)
		return ret;
	ret = cx_tuf_snapshot_parse(envelope.signed_part, snapshot, err);
	cx_tuf_envelope_free(&envelope);
	return ret;
}

/*
 * A local file that is missing, damaged, or signed by keys that are not trusted any
 * more counts as none, or no update could ever mend it.
 */
static int read_local_timestamp(struct cx_tuf *tuf, struct cx_error *err)
{
	struct cx_buf buf;
	int ret = cx_tuf_local_read(tuf->dirfd, "timestamp.json",
				    CX_TUF_TIMESTAMP_MAX, &buf, err);

	if (!ret)
		ret = read_timestamp(tuf, &buf, &tuf->timestamp, err);
	cx_buf_free(&buf);
	if (cx_tuf_is_lost(ret) && !tuf->offline)
		return 0;
	return ret ? cx_prefix(err, ret, "timestamp.json") : 0;
}

static int check_timestamp(struct cx_tuf *tuf, struct cx_error *err)
{
	int ret = cx_tuf_check_expiry(tuf, &tuf->timestamp->header, err);

	return ret ? cx_prefix(err, ret, "timestamp.json") : 0;
}

static int compare_timestamps(const struct cx_tuf_timestamp *old,
			      const struct cx_tuf_timestamp *new,
			      struct cx_error *err)
{
	if (new->header.version < old->header.version)
		return cx_fail(err, -ESTALE,
			       "is version %lld, and this machine has seen version %lld: use another mirror",
			       (long long)new->header.version,
			       (long long)old->header.version);
	if (new->snapshot.version < old->snapshot.version)
		return cx_fail(err, -ESTALE,
			       "announces version %lld of the snapshot, and this machine has seen version %lld announced: use another mirror",
			       (long long)new->snapshot.version,
			       (long long)old->snapshot.version);
	return 0;
}

/* Takes over @new, or frees it. */
static int take_timestamp(struct cx_tuf *tuf, struct cx_tuf_timestamp *new,
			  const struct cx_buf *buf, struct cx_error *err)
{
	struct cx_tuf_timestamp *old = tuf->timestamp;
	int ret = old ? compare_timestamps(old, new, err) : 0;

	/* The same version again: the one here stays, whatever that one says. */
	if (!ret && old && new->header.version == old->header.version) {
		free(new);
		return 0;
	}
	if (!ret)
		ret = cx_tuf_check_expiry(tuf, &new->header, err);
	if (!ret)
		ret = cx_tuf_local_write(tuf->dirfd, "timestamp.json", buf,
					 NULL, err);
	if (ret) {
		free(new);
		return ret;
	}
	free(old);
	tuf->timestamp = new;
	return 0;
}

int cx_tuf_update_timestamp(struct cx_tuf *tuf, struct cx_error *err)
{
	struct cx_tuf_timestamp *new;
	struct cx_buf buf;
	int ret = read_local_timestamp(tuf, err);

	if (ret)
		return ret;
	if (tuf->offline)
		return check_timestamp(tuf, err);
	ret = tuf->metadata.fetch(tuf->metadata.ctx, "timestamp.json",
				  CX_TUF_TIMESTAMP_MAX, &buf, err);
	if (ret)
		return ret;
	ret = read_timestamp(tuf, &buf, &new, err);
	if (!ret)
		ret = take_timestamp(tuf, new, &buf, err);
	cx_buf_free(&buf);
	if (ret)
		return cx_prefix(err, ret, "timestamp.json");
	return check_timestamp(tuf, err);
}

/* Nothing that was listed may vanish or get older. */
static int compare_snapshots(const struct cx_tuf_snapshot *old,
			     const struct cx_tuf_snapshot *new,
			     struct cx_error *err)
{
	size_t i, k = 0;

	for (i = 0; i < old->count; i++) {
		const struct cx_tuf_meta *was = &old->metas[i];
		int order = -1;

		while (k < new->count &&
		       (order = strcmp(new->metas[k].name, was->name)) < 0)
			k++;
		if (order)
			return cx_fail(err, -ESTALE,
				       "does not list '%.64s' any more: use another mirror",
				       was->name);
		if (new->metas[k].version < was->version)
			return cx_fail(err, -ESTALE,
				       "lists version %lld of '%.64s', and this machine has seen version %lld listed: use another mirror",
				       (long long)new->metas[k].version,
				       was->name, (long long)was->version);
	}
	return 0;
}

static int check_snapshot(struct cx_tuf *tuf, const struct cx_tuf_snapshot *new,
			  struct cx_error *err)
{
	if (new->header.version != tuf->timestamp->snapshot.version)
		return cx_fail(err, -EBADMSG,
			       "is version %lld, not %lld as the timestamp announces: use another mirror, or try again later",
			       (long long)new->header.version,
			       (long long)tuf->timestamp->snapshot.version);
	return cx_tuf_check_expiry(tuf, &new->header, err);
}

/*
 * Return: 1 if the local snapshot is the one that is announced, 0 if not; then it is
 * what a new one is compared with, though it may have expired.
 */
static int read_local_snapshot(struct cx_tuf *tuf, struct cx_error *err)
{
	struct cx_buf buf;
	int ret = cx_tuf_local_read(tuf->dirfd, "snapshot.json",
				    CX_TUF_SNAPSHOT_MAX, &buf, err);

	if (!ret)
		ret = read_snapshot(tuf, &buf, &tuf->snapshot, err);
	if (!ret)
		ret = cx_tuf_check_meta(&tuf->timestamp->snapshot, &buf, err);
	if (!ret)
		ret = check_snapshot(tuf, tuf->snapshot, err);
	cx_buf_free(&buf);
	if (cx_tuf_is_lost(ret) && !tuf->offline)
		return 0;
	return ret ? cx_prefix(err, ret, "snapshot.json") : 1;
}

static int take_snapshot(struct cx_tuf *tuf, const struct cx_buf *buf,
			 struct cx_error *err)
{
	struct cx_tuf_snapshot *new;
	int ret = read_snapshot(tuf, buf, &new, err);

	if (ret)
		return ret;
	ret = check_snapshot(tuf, new, err);
	if (!ret && tuf->snapshot)
		ret = compare_snapshots(tuf->snapshot, new, err);
	if (!ret)
		ret = cx_tuf_local_write(tuf->dirfd, "snapshot.json", buf, NULL,
					 err);
	if (ret) {
		cx_tuf_snapshot_free(new);
		return ret;
	}
	cx_tuf_snapshot_free(tuf->snapshot);
	tuf->snapshot = new;
	return 0;
}

int cx_tuf_update_snapshot(struct cx_tuf *tuf, struct cx_error *err)
{
	struct cx_buf buf;
	int ret = read_local_snapshot(tuf, err);

	if (ret)
		return ret < 0 ? ret : 0;
	ret = cx_tuf_fetch_meta(tuf, &tuf->timestamp->snapshot, "snapshot",
				CX_TUF_SNAPSHOT_MAX, &buf, err);
	if (ret)
		return ret;
	ret = take_snapshot(tuf, &buf, err);
	cx_buf_free(&buf);
	return ret ? cx_prefix(err, ret, "snapshot.json") : 0;
}
