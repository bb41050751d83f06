// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Objects in a store, their digests as the kernel itself measures them.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <linux/fsverity.h>

#include "objects.h"
#include "report.h"

void *file_read(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *data = NULL;
	ssize_t got = -1;

	if (fd < 0)
		return NULL;
	for (*size = 0; got; *size += got) {
		data = realloc(data, *size + (1 << 20));
		if (!data)
			die("out of memory");
		got = read(fd, data + *size, 1 << 20);
		if (got < 0)
			break;
	}
	close(fd);
	if (!got)
		return data;
	free(data);
	return NULL;
}

void file_write(const char *path, const void *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	size_t done = 0;
	ssize_t put;

	if (fd < 0)
		die_errno("%s", path);
	for (; done < size; done += put) {
		put = write(fd, (const char *)data + done, size - done);
		if (put <= 0)
			die_errno("%s", path);
	}
	if (fchmod(fd, 0444) || fsync(fd) || close(fd))
		die_errno("%s", path);
}

void object_path(const char *store, const uint8_t *digest, char *path)
{
	int i, n;

	n = snprintf(path, OBJECT_PATH, "%s/objects/%02x/", store, digest[0]);
	for (i = 1; i < OBJECT_DIGEST; i++)
		n += snprintf(path + n, OBJECT_PATH - n, "%02x", digest[i]);
}

static void measure(int fd, uint8_t *digest)
{
	struct fsverity_digest *measured =
		calloc(1, sizeof(*measured) + OBJECT_DIGEST);

	measured->digest_size = OBJECT_DIGEST;
	if (ioctl(fd, FS_IOC_MEASURE_VERITY, measured))
		die_errno("FS_IOC_MEASURE_VERITY");
	memcpy(digest, measured->digest, OBJECT_DIGEST);
	free(measured);
}

static void seal_file(const char *path, uint8_t *digest)
{
	struct fsverity_enable_arg enable = {
		.version = 1,
		.hash_algorithm = FS_VERITY_HASH_ALG_SHA256,
		.block_size = 4096,
	};
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die_errno("%s", path);
	if (ioctl(fd, FS_IOC_ENABLE_VERITY, &enable))
		die_errno("%s: FS_IOC_ENABLE_VERITY", path);
	measure(fd, digest);
	close(fd);
}

static void make_parent(const char *path)
{
	char dir[OBJECT_PATH];

	snprintf(dir, sizeof(dir), "%s", path);
	*strrchr(dir, '/') = 0;
	if (mkdir(dir, 0755) && errno != EEXIST)
		die_errno("%s", dir);
}

void object_put(const char *store, const void *data, size_t size,
		uint8_t *digest)
{
	char temporary[OBJECT_PATH], path[OBJECT_PATH];

	snprintf(temporary, sizeof(temporary), "%s/tmp/%d", store, getpid());
	file_write(temporary, data, size);
	seal_file(temporary, digest);
	object_path(store, digest, path);
	make_parent(path);
	if (rename(temporary, path))
		die_errno("%s", path);
}

size_t object_put_file(const char *store, const char *path, uint8_t *digest)
{
	size_t size;
	void *data = file_read(path, &size);

	if (!data)
		die_errno("%s", path);
	object_put(store, data, size, digest);
	free(data);
	return size;
}
