// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the client asks of every file of metadata. */
#include "lib/tuf/client_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/tuf/limits.h"
#include "lib/tuf/names.h"
#include "lib/tuf/retired.h"

/* 2025-01-01: this was not written before. */
#define EARLIEST 1735689600
/* What expired so long ago is more likely to be a clock that runs ahead. */
#define ABANDONED (10LL * 366 * 24 * 60 * 60)

int cx_tuf_verify(const struct cx_tuf *tuf,
		  const struct cx_tuf_envelope *envelope,
		  const struct cx_tuf_role *role, struct cx_error *err)
{
	char id[CX_TUF_KEYID_LEN + 1];
	int ret = cx_tuf_envelope_verify(envelope, role, err);

	if (ret != -ENOKEY ||
	    !cx_tuf_retired_has_signed(tuf->dirfd, role, envelope, id))
		return ret;
	return cx_fail(err, -EKEYREVOKED,
		       "is signed by the key %s, which was withdrawn for the role '%.64s': use another mirror; %s",
		       id, role->name,
		       role->delegated ?
		       "if all are like that, its publisher has to sign it with the keys that this role has now" :
		       "whoever offers this has an old or a stolen key");
}

int cx_tuf_read_signed(const struct cx_tuf *tuf, const struct cx_buf *buf,
		       const struct cx_tuf_role *role,
		       struct cx_tuf_envelope *envelope, struct cx_error *err)
{
	int ret = cx_tuf_envelope_read(buf->data, buf->size, envelope, err);

	if (ret)
		return ret;
	ret = cx_tuf_verify(tuf, envelope, role, err);
	if (ret)
		cx_tuf_envelope_free(envelope);
	return ret;
}

int cx_tuf_check_clock(const struct cx_tuf *tuf, struct cx_error *err)
{
	time_t least = tuf->not_before > EARLIEST ? tuf->not_before : EARLIEST;
	char now[40], then[40];

	if (tuf->now >= least)
		return 0;
	return cx_fail(err, -ETIME,
		       "this machine's clock is wrong: it says %s, but it is later than %s for certain: set the clock",
		       cx_tuf_time_text(tuf->now, now),
		       cx_tuf_time_text(least, then));
}

int cx_tuf_check_expiry(const struct cx_tuf *tuf,
			const struct cx_tuf_header *header,
			struct cx_error *err)
{
	char now[40], then[40];

	if (header->expires > tuf->now)
		return 0;
	cx_tuf_time_text(tuf->now, now);
	cx_tuf_time_text(header->expires, then);
	if (tuf->now - header->expires > ABANDONED)
		return cx_fail(err, -ETIME,
			       "this machine's clock is likely wrong: it says %s, and version %lld was valid until %s: set the clock",
			       now, (long long)header->version, then);
	return cx_fail(err, -EKEYEXPIRED,
		       "version %lld expired on %s (the clock says %s): try another mirror; if all are like that, its publisher has to sign anew",
		       (long long)header->version, then, now);
}

bool cx_tuf_is_lost(int ret)
{
	return ret == -EIO || ret == -ELOOP ||
	       cx_tuf_class(ret) != CX_TUF_OTHER;
}

int cx_tuf_check_meta(const struct cx_tuf_meta *meta, const struct cx_buf *buf,
		      struct cx_error *err)
{
	if (meta->has_length && buf->size != meta->length)
		return cx_fail(err, -EBADMSG,
			       "has %zu bytes, %llu were announced: use another mirror, or try again later",
			       buf->size, (unsigned long long)meta->length);
	return cx_tuf_hashes_check(&meta->hashes, buf->data, buf->size, err);
}

static int fetch_named(struct cx_tuf *tuf, const char *name, size_t max,
		       const struct cx_tuf_meta *meta, struct cx_buf *buf,
		       struct cx_error *err)
{
	int ret = tuf->metadata.fetch(tuf->metadata.ctx, name, max, buf, err);

	if (ret == -ENOENT)
		return cx_fail(err, ret,
			       "%s was announced but is not there: try again later, or use another mirror",
			       name);
	if (ret)
		return ret;
	ret = cx_tuf_check_meta(meta, buf, err);
	if (!ret)
		return 0;
	cx_buf_free(buf);
	return cx_prefix(err, ret, "%s", name);
}

int cx_tuf_fetch_meta(struct cx_tuf *tuf, const struct cx_tuf_meta *meta,
		      const char *role, size_t max, struct cx_buf *buf,
		      struct cx_error *err)
{
	char *name = NULL, *encoded;
	int ret;

	if (meta->has_length && meta->length > max)
		return cx_fail(err, -EFBIG,
			       "the metadata of '%.64s' are announced with %llu bytes, at most %zu are taken: its publisher has to split them",
			       role, (unsigned long long)meta->length, max);
	if (meta->has_length)
		max = meta->length;
	encoded = cx_tuf_encode(role, false);
	if (!encoded)
		ret = -1;
	else if (tuf->root->consistent_snapshot)
		ret = asprintf(&name, "%lld.%s.json", (long long)meta->version,
			       encoded);
	else
		ret = asprintf(&name, "%s.json", encoded);
	free(encoded);
	if (ret < 0)
		return cx_fail(err, -ENOMEM, "out of memory");
	ret = fetch_named(tuf, name, max, meta, buf, err);
	free(name);
	return ret;
}
