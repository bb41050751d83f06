// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/tuf/client_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/tuf/limits.h"
#include "lib/tuf/local.h"

static const struct {
	int number;
	enum cx_tuf_class class;
} classes[] = {
	{ -ETIME, CX_TUF_CLOCK },
	{ -EKEYEXPIRED, CX_TUF_EXPIRED },
	{ -ENOKEY, CX_TUF_UNKNOWN_KEY },
	{ -EKEYREVOKED, CX_TUF_REVOKED_KEY },
	{ -ESTALE, CX_TUF_ROLLBACK },
	{ -ENOENT, CX_TUF_NOT_FOUND },
	{ -EHOSTUNREACH, CX_TUF_NETWORK },
	{ -ETIMEDOUT, CX_TUF_NETWORK },
	{ -EFBIG, CX_TUF_TOO_LARGE },
	{ -EBADMSG, CX_TUF_DAMAGED },
};

enum cx_tuf_class cx_tuf_class(int ret)
{
	size_t i;

	for (i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		if (classes[i].number == ret)
			return classes[i].class;
	return CX_TUF_OTHER;
}

const char *cx_tuf_class_name(enum cx_tuf_class class)
{
	static const char *const names[] = {
		[CX_TUF_OTHER] = "other",
		[CX_TUF_CLOCK] = "clock",
		[CX_TUF_EXPIRED] = "expired",
		[CX_TUF_UNKNOWN_KEY] = "unknown-key",
		[CX_TUF_REVOKED_KEY] = "revoked-key",
		[CX_TUF_ROLLBACK] = "rollback",
		[CX_TUF_NOT_FOUND] = "not-found",
		[CX_TUF_NETWORK] = "network",
		[CX_TUF_TOO_LARGE] = "too-large",
		[CX_TUF_DAMAGED] = "damaged",
	};

	return names[class];
}

static int init_locked(int dirfd, const void *root, size_t size,
		       struct cx_error *err)
{
	const struct cx_buf buf = { (void *)root, size };
	struct cx_tuf_root *parsed;
	struct stat st;
	int ret;

	if (!fstatat(dirfd, "root.json", &st, AT_SYMLINK_NOFOLLOW))
		return cx_fail(err, -EEXIST,
			       "the folder of metadata has a root.json already: remove it first to trust another one");
	if (size > CX_TUF_ROOT_MAX)
		return cx_fail(err, -EFBIG,
			       "root.json is larger than the %d bytes that are allowed",
			       CX_TUF_ROOT_MAX);
	ret = cx_tuf_root_read(root, size, &parsed, err);
	if (ret)
		return cx_prefix(err, ret, "root.json");
	cx_tuf_root_free(parsed);
	return cx_tuf_local_write(dirfd, "root.json", &buf, NULL, err);
}

int cx_tuf_init(int dirfd, const void *root, size_t size, struct cx_error *err)
{
	int fd = cx_tuf_local_open(dirfd, err);
	int ret;

	if (fd < 0)
		return fd;
	ret = init_locked(fd, root, size, err);
	close(fd);
	return ret;
}

static int load_root(struct cx_tuf *tuf, struct cx_error *err)
{
	struct cx_buf buf;
	int ret = cx_tuf_local_read(tuf->dirfd, "root.json", CX_TUF_ROOT_MAX,
				    &buf, err);

	if (ret == -ENOENT)
		return cx_fail(err, -ENODATA,
			       "the folder of metadata has no root.json: set it up first with that of the publisher");
	if (ret)
		return ret;
	ret = cx_tuf_root_read(buf.data, buf.size, &tuf->root, err);
	cx_buf_free(&buf);
	return ret ? cx_prefix(err, ret, "root.json of this machine") : 0;
}

int cx_tuf_open(int dirfd, const struct cx_tuf_transport *transport,
		const struct cx_tuf_options *options, struct cx_tuf **tuf,
		struct cx_error *err)
{
	struct cx_tuf *t = calloc(1, sizeof(*t));
	int ret;

	if (!t)
		return cx_fail(err, -ENOMEM, "out of memory");
	t->metadata = t->content = *transport;
	if (options && options->targets)
		t->content = *options->targets;
	t->now = options && options->now ? options->now : time(NULL);
	t->not_before = options ? options->not_before : 0;
	t->dirfd = ret = cx_tuf_local_open(dirfd, err);
	if (ret >= 0)
		ret = load_root(t, err);
	if (ret < 0) {
		cx_tuf_close(t);
		return ret;
	}
	*tuf = t;
	return 0;
}

void cx_tuf_close(struct cx_tuf *tuf)
{
	size_t i;

	if (!tuf)
		return;
	for (i = 0; i < tuf->loaded_count; i++)
		cx_tuf_targets_free(tuf->loaded[i].targets);
	cx_tuf_targets_free(tuf->top);
	cx_tuf_snapshot_free(tuf->snapshot);
	free(tuf->timestamp);
	cx_tuf_root_free(tuf->root);
	if (tuf->dirfd >= 0)
		close(tuf->dirfd);
	free(tuf);
}

static int update(struct cx_tuf *tuf, struct cx_error *err)
{
	int ret;

	if (tuf->timestamp)
		return cx_fail(err, -EINVAL, "a client updates once");
	ret = cx_tuf_check_clock(tuf, err);
	if (!ret && !tuf->offline)
		ret = cx_tuf_update_root(tuf, err);
	if (!ret)
		ret = cx_tuf_update_timestamp(tuf, err);
	if (!ret)
		ret = cx_tuf_update_snapshot(tuf, err);
	if (!ret)
		ret = cx_tuf_load_targets(tuf,
					  &tuf->root->roles[CX_TUF_TARGETS],
					  &tuf->top, err);
	return ret;
}

int cx_tuf_refresh(struct cx_tuf *tuf, struct cx_error *err)
{
	return update(tuf, err);
}

int cx_tuf_load(struct cx_tuf *tuf, struct cx_error *err)
{
	tuf->offline = true;
	return update(tuf, err);
}
