// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/ops_delta.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/confine.h"
#include "lib/container.h"
#include "lib/delta.h"

/* cx_delta_apply() takes 64 MiB and half of both files more than it maps; this
 * is for the allocator, which does not give everything back. */
#define MEMORY	(128ULL << 20)

/* A delta for a file of 4 GiB, on a machine that is emulated */
#define SECONDS	3600

/* A delta that is larger than what it makes is somebody's joke. */
#define HEADROOM 4096

struct source {
	const struct cx_store *store;
	struct cx_container *container;
	bool applied;
};

/* What the child is told; the descriptors are patch, old and new. */
struct task {
	uint64_t patch_size;
	uint64_t limit;
};

static int apply(const int *fds, void *ctx, struct cx_error *err)
{
	const struct task *task = ctx;
	void *patch = mmap(NULL, task->patch_size, PROT_READ, MAP_PRIVATE,
			   fds[0], 0);

	if (patch == MAP_FAILED)
		return cx_fail(err, -errno, "it cannot be mapped: %s",
			       strerror(errno));
	return cx_delta_apply(patch, task->patch_size, fds[1], fds[2],
			      task->limit, err);
}

/* Copy the delta to a file without a name: what is applied does not change, and
 * goes by itself. */
static int save_patch(const struct source *s, struct cx_error *err)
{
	int rc, fd = open(s->store->tmp, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);

	if (fd < 0)
		return cx_fail(err, -errno, "%s: no temporary file: %s",
			       s->store->tmp, strerror(errno));
	rc = cx_container_copy(s->container, fd, err);
	if (rc)
		close(fd);
	return rc ? rc : fd;
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

static int apply_confined(const int fds[3], uint64_t patch_size, uint64_t size,
			  struct cx_error *err)
{
	struct task task = { .patch_size = patch_size, .limit = size };
	off_t old_size = lseek(fds[1], 0, SEEK_END);
	const struct cx_confinement limits = {
		.memory = MEMORY + patch_size + (size + old_size) * 3 / 2,
		.file_size = size,
		.seconds = SECONDS,
	};

	if (old_size < 0)
		return cx_fail(err, -errno, "%s", strerror(errno));
	return cx_confine(apply, &task, fds, 3, &limits, err);
}

/* A cx_object_source */
static int make(void *ctx, int fd, uint64_t size, struct cx_error *err)
{
	struct source *s = ctx;
	uint64_t patch_size = cx_container_packed_size(s->container);
	int rc, fds[3] = { -1, -1, fd };

	if (patch_size > size + HEADROOM)
		return cx_fail(err, -EFBIG,
			       "it has %llu bytes, more than the %llu that it makes",
			       (unsigned long long)patch_size,
			       (unsigned long long)size);
	fds[1] = cx_store_open_digest(s->store, cx_container_old(s->container),
				      err);
	if (fds[1] == -ENOENT)
		return cx_prefix(err, fds[1],
				 "the object that it is for is not in the store");
	if (fds[1] < 0)
		return cx_prefix(err, fds[1],
				 "the object that it is for is damaged");
	fds[0] = rc = save_patch(s, err);
	if (rc >= 0)
		rc = reserve(fd, size, err);
	if (!rc)
		rc = apply_confined(fds, patch_size, size, err);
	if (fds[0] >= 0)
		close(fds[0]);
	close(fds[1]);
	s->applied = !rc;
	return rc;
}

int cx_delta_to_object(const struct cx_store *store,
		       struct cx_container *container,
		       const struct cx_object *object, struct cx_error *err)
{
	struct source source = { .store = store, .container = container };

	int rc = cx_store_put_object(store, object, make, &source, err);

	if (rc == -EBADMSG && source.applied)
		return cx_fail(err, rc, "what it makes is not what the seal names");
	return rc;
}
