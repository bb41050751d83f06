// SPDX-License-Identifier: LGPL-2.1-or-later
/* A seal, and where its objects are to be had. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fetch/fetch.h"
#include "fetch/index.h"

/* Download the target NAME/LABEL@suffix into the part @part. */
static int get(struct session *s, const struct cx_item *item,
	       const char *suffix, const char *part, uint64_t limit,
	       uint64_t *size, struct cx_error *err)
{
	char name[2 * CRYPTEX_LABEL_SIZE + 16];
	const struct cx_tuf_target *target;
	uint64_t there;
	int rc, fd;

	snprintf(name, sizeof(name), "%s/%s%s", item->name, item->label, suffix);
	rc = cx_tuf_find(s->tuf, name, &target, err);
	if (rc)
		return rc;
	if (target->length > limit)
		return cx_fail(err, -EFBIG, "%s: has %llu bytes, %llu at most are read",
			       name, (unsigned long long)target->length,
			       (unsigned long long)limit);
	fd = fetch_part(s, part, &there, err);
	if (fd < 0)
		return fd;
	rc = cx_tuf_download(s->tuf, target, fd, fetch_progress, s, err);
	unlinkat(s->parts, part, 0);
	*size = target->length;
	if (rc)
		close(fd);
	return rc ? rc : fd;
}

static int read_index(struct session *s, int fd, uint64_t size,
		      struct cx_error *err)
{
	struct cx_buf text;
	int rc = cx_read_fd(fd, size, "the index of the seal", &text, err);

	index_free(s->index);
	s->index = NULL;
	if (rc)
		return rc;
	rc = index_parse(text.data, text.size, &s->index, err);
	cx_buf_free(&text);
	return rc;
}

static int get_index(struct session *s, const struct cx_item *item,
		     struct cx_error *err)
{
	uint64_t size;
	int rc, fd = get(s, item, ".index", "index", FETCH_INDEX_MAX, &size, err);

	if (fd < 0)
		return fd;
	rc = read_index(s, fd, size, err);
	close(fd);
	return rc;
}

static int send_seal(struct session *s, const struct cx_item *item,
		     struct cx_error *err)
{
	struct cx_message message = { .type = CX_MESSAGE_FILE };
	int rc, fd = get(s, item, ".seal", "seal", CX_SEAL_BYTES_MAX,
			 &message.file.size, err);

	if (fd < 0)
		return fd;
	message.file.way = CX_WAY_SEAL;
	message.file.fetched = message.file.size;
	rc = cx_channel_send(FETCH_SOCK, &message, fd, err);
	close(fd);
	return rc;
}

int fetch_seal(struct session *session, const struct cx_item *item,
	       struct cx_error *err)
{
	int rc;

	free(session->have);
	free(session->want);
	session->have = session->want = NULL;
	session->have_count = session->want_count = 0;
	if (!session->tuf)
		return cx_fail(err, -EINVAL, "the metadata were not refreshed");
	rc = get_index(session, item, err);
	return rc ? rc : send_seal(session, item, err);
}
