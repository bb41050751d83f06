// SPDX-License-Identifier: LGPL-2.1-or-later
/* Section 5.7 of the specification: the target itself. */
#include "lib/tuf/client_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/tuf/names.h"

/* "dir/HASH.name" where the repository is one of consistent snapshots */
static char *remote_name(const struct cx_tuf *tuf,
			 const struct cx_tuf_target *target)
{
	const struct cx_tuf_hashes *hashes = &target->hashes;
	const char *slash = strrchr(target->name, '/');
	const char *last = slash ? slash + 1 : target->name;
	char hex[2 * CX_TUF_SHA512_SIZE + 1], *name, *encoded;

	if (!tuf->root->consistent_snapshot)
		return cx_tuf_encode(target->name, true);
	if (hashes->has_sha256)
		cx_hex(hashes->sha256, sizeof(hashes->sha256), hex);
	else
		cx_hex(hashes->sha512, sizeof(hashes->sha512), hex);
	if (asprintf(&name, "%.*s%s.%s", (int)(last - target->name),
		     target->name, hex, last) < 0)
		return NULL;
	encoded = cx_tuf_encode(name, true);
	free(name);
	return encoded;
}

static int size_of(int fd, uint64_t *size, struct cx_error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return cx_fail(err, -errno, "the file has no status: %s",
			       strerror(errno));
	*size = st.st_size;
	return 0;
}

int cx_tuf_check_file(const struct cx_tuf_target *target, int fd,
		      struct cx_error *err)
{
	uint64_t size = 0;
	int ret = size_of(fd, &size, err);

	if (!ret && size != target->length)
		ret = cx_fail(err, -EBADMSG,
			      "has %llu bytes, %llu were signed: use another mirror, or try again later",
			      (unsigned long long)size,
			      (unsigned long long)target->length);
	if (!ret)
		ret = cx_tuf_hashes_check_fd(&target->hashes, fd, size, err);
	return ret ? cx_prefix(err, ret, "%.200s", target->name) : 0;
}

static int empty(int fd, const char *name, struct cx_error *err)
{
	if (!ftruncate(fd, 0))
		return 0;
	return cx_fail(err, -errno, "%.200s: cannot be emptied: %s", name,
		       strerror(errno));
}

static int fetch(struct cx_tuf *tuf, const struct cx_tuf_target *target,
		 const char *name, int fd, cx_fetch_watch watch,
		 void *watch_arg, struct cx_error *err)
{
	struct cx_fetch_job job = {
		.name = name, .limit = target->length, .fd = fd,
	};
	int ret = tuf->content.fetch_files(tuf->content.ctx, &job, 1, watch,
					   watch_arg, err);

	return ret ? ret : cx_tuf_check_file(target, fd, err);
}

static bool is_foreign(int ret)
{
	return ret == -EBADMSG || ret == -EFBIG;
}

static int fetch_checked(struct cx_tuf *tuf, const struct cx_tuf_target *target,
			 const char *name, int fd, cx_fetch_watch watch,
			 void *watch_arg, struct cx_error *err)
{
	uint64_t had = 0;
	int ret = size_of(fd, &had, err);

	if (!ret && had && !cx_tuf_check_file(target, fd, NULL))
		return 0;
	if (!ret && had >= target->length)
		ret = empty(fd, target->name, err);
	if (!ret)
		ret = fetch(tuf, target, name, fd, watch, watch_arg, err);
	/* What an earlier attempt left may be to blame. */
	if (is_foreign(ret) && had && had < target->length) {
		ret = empty(fd, target->name, err);
		if (!ret)
			ret = fetch(tuf, target, name, fd, watch, watch_arg,
				    err);
	}
	if (is_foreign(ret))
		empty(fd, target->name, NULL);
	return ret;
}

int cx_tuf_download(struct cx_tuf *tuf, const struct cx_tuf_target *target,
		    int fd, cx_fetch_watch watch, void *watch_arg,
		    struct cx_error *err)
{
	char *name;
	int ret;

	if (!target->hashes.has_sha256 && !target->hashes.has_sha512)
		return cx_fail(err, -EBADMSG,
			       "%.200s: neither a SHA-256 nor a SHA-512 is signed for it: its publisher has to sign one",
			       target->name);
	name = remote_name(tuf, target);
	if (!name)
		return cx_fail(err, -ENOMEM, "out of memory");
	ret = fetch_checked(tuf, target, name, fd, watch, watch_arg, err);
	free(name);
	return ret;
}
