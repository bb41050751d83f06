// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/verity.h"

#include <errno.h>
#include <libfsverity.h>
#include <linux/fsverity.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BLOCK_SIZE	4096

/* Reads a part of a file; libfsverity wants all it asked for, or an error. */
struct range {
	int fd;
	uint64_t offset;
};

static int read_range(void *ctx, void *buf, size_t count)
{
	struct range *range = ctx;

	while (count) {
		ssize_t n = pread(range->fd, buf, count, range->offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		range->offset += n;
		count -= n;
		buf = (char *)buf + n;
	}
	return 0;
}

int cx_verity_compute(int fd, uint64_t offset, uint64_t size, const char *name,
		      uint8_t digest[CRYPTEX_DIGEST_SIZE], struct cx_error *err)
{
	struct libfsverity_merkle_tree_params params = {
		.version = 1,
		.hash_algorithm = FS_VERITY_HASH_ALG_SHA256,
		.file_size = size,
		.block_size = BLOCK_SIZE,
	};
	struct range range = { .fd = fd, .offset = offset };
	struct libfsverity_digest *result;
	int ret = libfsverity_compute_digest(&range, read_range, &params,
					     &result);

	if (ret < 0)
		return cx_fail(err, ret,
			       "%s: its digest cannot be computed: %s", name,
			       strerror(-ret));
	memcpy(digest, result->digest, CRYPTEX_DIGEST_SIZE);
	free(result);
	return 0;
}

static int fail_unsupported(const char *name, struct cx_error *err)
{
	return cx_fail(err, -EOPNOTSUPP,
		       "%s: its file system has no fs-verity; enable it with `tune2fs -O verity DEVICE` (ext4), or use a store of its own: `cryptexctl init --loop SIZE`",
		       name);
}

int cx_verity_enable(int fd, const char *name, struct cx_error *err)
{
	struct libfsverity_merkle_tree_params params = {
		.version = 1,
		.hash_algorithm = FS_VERITY_HASH_ALG_SHA256,
		.block_size = BLOCK_SIZE,
	};
	int ret = libfsverity_enable(fd, &params);

	switch (ret) {
	case 0:
		return 0;
	case -EOPNOTSUPP:
	case -ENOTTY:
		return fail_unsupported(name, err);
	case -ETXTBSY:
		return cx_fail(err, ret, "%s: is still open for writing", name);
	case -EEXIST:
		return cx_fail(err, ret, "%s: has fs-verity already", name);
	default:
		return cx_fail(err, ret, "%s: fs-verity cannot be enabled: %s",
			       name, strerror(-ret));
	}
}

int cx_verity_measure(int fd, const char *name,
		      uint8_t digest[CRYPTEX_DIGEST_SIZE], struct cx_error *err)
{
	_Alignas(struct fsverity_digest)
	char space[sizeof(struct fsverity_digest) + 64] = { 0 };
	struct fsverity_digest *result = (struct fsverity_digest *)space;

	result->digest_size = 64;
	if (ioctl(fd, FS_IOC_MEASURE_VERITY, result) < 0) {
		if (errno == EOPNOTSUPP || errno == ENOTTY)
			return fail_unsupported(name, err);
		if (errno == ENODATA)
			return cx_fail(err, -errno,
				       "%s: is not protected by fs-verity",
				       name);
		return cx_fail(err, -errno, "%s: cannot be measured: %s", name,
			       strerror(errno));
	}
	if (result->digest_algorithm != FS_VERITY_HASH_ALG_SHA256 ||
	    result->digest_size != CRYPTEX_DIGEST_SIZE)
		return cx_fail(err, -EBADMSG,
			       "%s: its fs-verity digest is not SHA-256", name);
	memcpy(digest, result->digest, CRYPTEX_DIGEST_SIZE);
	return 0;
}
