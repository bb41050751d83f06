// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/ops_unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/confine.h"
#include "lib/container.h"
#include "lib/delta.h"
#include "lib/zstd.h"

/* cx_delta_apply() takes 64 MiB and half of both files more than it maps; this
 * is for the allocator, which does not give everything back. */
#define DELTA_MEMORY	(128ULL << 20)

/* A window of 8 MiB at most, and some tables */
#define ZSTD_MEMORY	(32ULL << 20)

/* A delta for a file of 4 GiB, on a machine that is emulated */
#define SECONDS		3600

/* What is larger than what it makes, but for a frame's headers, is somebody's joke. */
#define HEADROOM	4096

#define CHUNK		(64 << 10)

struct source {
	const struct cx_store *store;
	const struct cx_packed *packed;
	bool applied;
};

/* What the child is told; the descriptors are packed, new and, for a delta, old. */
struct task {
	uint64_t packed_size;
	uint64_t size;
	const char *name;
};

static int apply(const int *fds, void *ctx, struct cx_error *err)
{
	const struct task *task = ctx;
	void *patch = mmap(NULL, task->packed_size, PROT_READ, MAP_PRIVATE,
			   fds[0], 0);

	if (patch == MAP_FAILED)
		return cx_fail(err, -errno, "it cannot be mapped: %s",
			       strerror(errno));
	return cx_delta_apply(patch, task->packed_size, fds[2], fds[1],
			      task->size, err);
}

/* A file in pieces. */
struct pieces {
	int fd;
	uint64_t left;
	uint64_t offset;
	char space[CHUNK];
};

static int next_piece(void *ctx, const void **data, size_t *size,
		      struct cx_error *err)
{
	struct pieces *p = ctx;
	ssize_t n;

	do
		n = pread(p->fd, p->space,
			  p->left < CHUNK ? p->left : CHUNK, p->offset);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return cx_fail(err, -errno, "it cannot be read: %s",
			       strerror(errno));
	p->left -= n;
	p->offset += n;
	*data = p->space;
	*size = n;
	return 0;
}

static int decompress(const int *fds, void *ctx, struct cx_error *err)
{
	const struct task *task = ctx;
	struct pieces pieces = { .fd = fds[0], .left = task->packed_size };

	return cx_zstd_decompress(next_piece, &pieces, fds[1], task->size,
				  task->name, err);
}

/* A full disk has to show here: to the child, which writes through a mapping,
 * it would be a signal. */
static int reserve(int fd, uint64_t size, struct cx_error *err)
{
	if (!size || !fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, size) ||
	    errno == EOPNOTSUPP)
		return 0;
	return cx_fail(err, -errno, "%s", strerror(errno));
}

static int run(const struct cx_packed *packed, const int fds[3], uint64_t size,
	       struct cx_error *err)
{
	struct task task = { packed->size, size, packed->name };
	struct cx_confinement limits = {
		.memory = ZSTD_MEMORY, .file_size = size, .seconds = SECONDS,
	};
	off_t old_size;

	if (!packed->old)
		return cx_confine(decompress, &task, fds, 2, &limits, err);
	old_size = lseek(fds[2], 0, SEEK_END);
	if (old_size < 0)
		return cx_fail(err, -errno, "%s", strerror(errno));
	limits.memory = DELTA_MEMORY + packed->size + (size + old_size) * 3 / 2;
	return cx_confine(apply, &task, fds, 3, &limits, err);
}

static int check_size(const struct cx_packed *packed, uint64_t size,
		      struct cx_error *err)
{
	/* zstd adds a 256th where nothing can be compressed. */
	if (packed->size && packed->size <= size + size / 128 + HEADROOM)
		return 0;
	return cx_fail(err, -EFBIG,
		       "it has %llu bytes, more than the %llu that it makes",
		       (unsigned long long)packed->size,
		       (unsigned long long)size);
}

static int open_old(const struct source *s, struct cx_error *err)
{
	int fd = cx_store_open_digest(s->store, s->packed->old, err);

	if (fd == -ENOENT)
		return cx_prefix(err, fd,
				 "the object that it is for is not in the store");
	if (fd < 0)
		return cx_prefix(err, fd, "the object that it is for is damaged");
	return fd;
}

/* A cx_object_source */
static int make(void *ctx, int fd, uint64_t size, struct cx_error *err)
{
	struct source *s = ctx;
	int fds[3] = { s->packed->fd, fd, -1 };
	int rc = check_size(s->packed, size, err);

	if (rc)
		return rc;
	if (s->packed->old)
		fds[2] = rc = open_old(s, err);
	if (rc < 0)
		return rc;
	rc = reserve(fd, size, err);
	if (!rc)
		rc = run(s->packed, fds, size, err);
	if (fds[2] >= 0)
		close(fds[2]);
	s->applied = !rc;
	return rc;
}

int cx_unpack(const struct cx_store *store, const struct cx_packed *packed,
	      const struct cx_object *object, struct cx_error *err)
{
	struct source source = { .store = store, .packed = packed };
	int rc = cx_store_put_object(store, object, make, &source, err);

	if (rc == -EBADMSG && source.applied && packed->old)
		return cx_fail(err, rc, "what it makes is not what the seal names");
	return rc;
}

bool cx_unpack_hopeless(int rc)
{
	return rc == -ENOSPC || rc == -EDQUOT || rc == -ENOMEM ||
	       rc == -EROFS || rc == -EPERM || rc == -EAGAIN ||
	       rc == -EMFILE || rc == -EOPNOTSUPP;
}

/* Copy the member to a file without a name: what is worked on does not change, and
 * goes by itself. */
static int save_member(const struct cx_store *store,
		       struct cx_container *container, struct cx_error *err)
{
	int rc, fd = open(store->tmp, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);

	if (fd < 0)
		return cx_fail(err, -errno, "%s: no temporary file: %s",
			       store->tmp, strerror(errno));
	rc = cx_container_copy(container, fd, err);
	if (rc)
		close(fd);
	return rc ? rc : fd;
}

int cx_unpack_member(const struct cx_store *store,
		     struct cx_container *container,
		     const struct cx_object *object, struct cx_error *err)
{
	char hex[2 * CRYPTEX_DIGEST_SIZE + 1], name[96];
	struct cx_packed packed = {
		.size = cx_container_packed_size(container),
		.old = cx_container_old(container), .name = name,
	};
	int rc = check_size(&packed, object->size, err);

	if (rc)
		return rc;
	snprintf(name, sizeof(name), CX_CONTAINER_OBJECT "%s.zst",
		 cx_hex(object->digest, CRYPTEX_DIGEST_SIZE, hex));
	packed.fd = save_member(store, container, err);
	if (packed.fd < 0)
		return packed.fd;
	rc = cx_unpack(store, &packed, object, err);
	close(packed.fd);
	return rc;
}
