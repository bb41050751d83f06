// SPDX-License-Identifier: LGPL-2.1-or-later
#include "member.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>

#define STEP	(64 * 1024)

int member_fail(struct archive *archive, const char *name, struct cx_error *err)
{
	const char *why = archive_error_string(archive);

	return cx_fail(err, -EBADMSG, "%s: is broken or cut short: %s", name,
		       why ? why : "no reason given");
}

static int grow(struct cx_buf *buf, size_t room, const char *name,
		struct cx_error *err)
{
	char *data = realloc(buf->data, room + 1);

	if (!data)
		return cx_fail(err, -ENOMEM, "%s: out of memory", name);
	buf->data = data;
	return 0;
}

int member_read(struct archive *archive, size_t limit, const char *name,
		struct cx_buf *buf, struct cx_error *err)
{
	int ret = 0;

	*buf = (struct cx_buf){ 0 };
	for (;;) {
		la_ssize_t n;

		ret = grow(buf, buf->size + STEP, name, err);
		if (ret < 0)
			break;
		n = archive_read_data(archive, (char *)buf->data + buf->size,
				      STEP);
		if (n < 0)
			ret = member_fail(archive, name, err);
		else if (buf->size + n > limit)
			ret = cx_fail(err, -EFBIG, "%s: is larger than %zu bytes",
				      name, limit);
		if (ret < 0 || !n)
			break;
		buf->size += n;
	}
	if (ret < 0)
		cx_buf_free(buf);
	else
		((char *)buf->data)[buf->size] = '\0';
	return ret;
}

int member_gunzip(struct cx_buf *packed, size_t limit, const char *name,
		  struct cx_error *err)
{
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	struct cx_buf plain;
	int ret;

	if (!archive)
		return cx_fail(err, -ENOMEM, "%s: out of memory", name);
	if (archive_read_support_format_raw(archive) != ARCHIVE_OK ||
	    archive_read_support_filter_gzip(archive) != ARCHIVE_OK ||
	    archive_read_open_memory(archive, packed->data, packed->size) !=
		    ARCHIVE_OK ||
	    archive_read_next_header(archive, &entry) != ARCHIVE_OK)
		ret = member_fail(archive, name, err);
	else
		ret = member_read(archive, limit, name, &plain, err);
	archive_read_free(archive);
	if (ret < 0)
		return ret;
	cx_buf_free(packed);
	*packed = plain;
	return 0;
}
