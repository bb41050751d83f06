// SPDX-License-Identifier: LGPL-2.1-or-later
/* Objects: contents named by their fs-verity digest. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/store.h"
#include "lib/verity.h"

/* "objects/" 2 digits "/" 62 digits, NUL */
#define NAME_SIZE (8 + 2 + 1 + 62 + 1)

static void object_name(const uint8_t digest[CRYPTEX_DIGEST_SIZE],
			char name[NAME_SIZE])
{
	char hex[2 * CRYPTEX_DIGEST_SIZE + 1];

	cx_hex(digest, CRYPTEX_DIGEST_SIZE, hex);
	snprintf(name, NAME_SIZE, "objects/%.2s/%.62s", hex, hex + 2);
}

char *cx_store_object_path(const struct cx_store *store,
			   const uint8_t digest[CRYPTEX_DIGEST_SIZE])
{
	char name[NAME_SIZE], *path;

	object_name(digest, name);
	return asprintf(&path, "%s/%s", store->path, name) < 0 ? NULL : path;
}

static int open_below(int dir, const char *name)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};

	return syscall(SYS_openat2, dir, name, &how, sizeof(how));
}

/* Is the file @fd what its name says, as far as its Merkle tree's root tells? */
static int check_digest(int fd, const uint8_t wanted[CRYPTEX_DIGEST_SIZE],
			const char *name, struct cx_error *err)
{
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	int rc = cx_verity_measure(fd, name, digest, err);

	if (rc == -ENODATA)
		return -EBADMSG;
	if (rc)
		return rc;
	if (memcmp(digest, wanted, sizeof(digest)))
		return cx_fail(err, -EBADMSG,
			       "%s: its fs-verity digest is not its name", name);
	return 0;
}

static int check(int fd, const struct cx_object *object, const char *name,
		 struct cx_error *err)
{
	struct stat st;
	int rc = check_digest(fd, object->digest, name, err);

	if (rc)
		return rc;
	if (fstat(fd, &st))
		return cx_fail(err, -errno, "%s: %s", name, strerror(errno));
	if ((uint64_t)st.st_size != object->size)
		return cx_fail(err, -EBADMSG,
			       "%s: has %lld bytes, the seal says %llu", name,
			       (long long)st.st_size,
			       (unsigned long long)object->size);
	return 0;
}

int cx_store_open_digest(const struct cx_store *store,
			 const uint8_t digest[CRYPTEX_DIGEST_SIZE],
			 struct cx_error *err)
{
	char name[NAME_SIZE], *path = cx_store_object_path(store, digest);
	int fd, rc = 0;

	if (!path)
		return cx_fail(err, -ENOMEM, "out of memory");
	object_name(digest, name);
	fd = open_below(store->fd, name);
	if (fd < 0 && errno == ENOENT)
		rc = cx_fail(err, -ENOENT, "%s: is missing", path);
	else if (fd < 0)
		rc = cx_fail(err, -errno, "%s: cannot be opened: %s", path,
			     strerror(errno));
	else
		rc = check_digest(fd, digest, path, err);
	free(path);
	if (rc && fd >= 0)
		close(fd);
	return rc ? rc : fd;
}

int cx_store_open_object(const struct cx_store *store,
			 const struct cx_object *object, struct cx_error *err)
{
	int rc, fd = cx_store_open_digest(store, object->digest, err);
	char *path;

	if (fd < 0)
		return fd;
	path = cx_store_object_path(store, object->digest);
	rc = path ? check(fd, object, path, err) :
		    cx_fail(err, -ENOMEM, "out of memory");
	free(path);
	if (rc)
		close(fd);
	return rc ? rc : fd;
}

/* Return: 0 or a negative errno. */
static int sync_folder(const struct cx_store *store, const char *folder)
{
	int rc = 0, fd = openat(store->fd, folder,
				O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd))
		rc = -errno;
	if (fd >= 0)
		close(fd);
	return rc;
}

/* "objects/" and 2 digits */
static void folder_name(const char name[NAME_SIZE], char folder[NAME_SIZE])
{
	snprintf(folder, NAME_SIZE, "%.10s", name);
}

static int make_folder(const struct cx_store *store, const char *name,
		       struct cx_error *err)
{
	char folder[NAME_SIZE];
	int rc;

	folder_name(name, folder);
	rc = mkdirat(store->fd, folder, 0700) ? -errno :
	     sync_folder(store, "objects");
	return rc && rc != -EEXIST ?
	       cx_fail(err, rc, "the folder %s cannot be made: %s", folder,
		       strerror(-rc)) : 0;
}

int cx_store_sync_objects(const struct cx_store *store,
			  const struct cx_object *objects, size_t count,
			  struct cx_error *err)
{
	char name[NAME_SIZE], folder[NAME_SIZE] = "objects";
	int rc = sync_folder(store, folder);
	size_t i;

	for (i = 0; i < count && !rc; i++) {
		if (i && objects[i].digest[0] == objects[i - 1].digest[0])
			continue;
		object_name(objects[i].digest, name);
		folder_name(name, folder);
		rc = sync_folder(store, folder);
	}
	return rc ? cx_fail(err, rc, "%s/%s: the folder cannot be synced: %s",
			    store->path, folder, strerror(-rc)) : 0;
}

/* fs-verity wants a file that nobody has open for writing. */
static int reopen_for_reading(struct cx_output *out, const char *name,
			      struct cx_error *err)
{
	char link[64];
	int fd;

	if (fsync(out->fd))
		return cx_fail(err, -errno, "%s: cannot be written: %s", name,
			       strerror(errno));
	snprintf(link, sizeof(link), "/proc/self/fd/%d", out->fd);
	fd = open(link, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return cx_fail(err, -errno, "%s: cannot be opened again: %s",
			       name, strerror(errno));
	close(out->fd);
	out->fd = fd;
	return 0;
}

/* Fill the temporary file @out and turn it into the object.  It loses the right
 * to be written last: enabling fs-verity asks for it. */
static int fill(struct cx_output *out, const struct cx_object *object,
		cx_object_source source, void *ctx, const char *name,
		struct cx_error *err)
{
	int rc = source(ctx, out->fd, object->size, err);

	if (!rc)
		rc = reopen_for_reading(out, name, err);
	if (!rc)
		rc = cx_verity_enable(out->fd, name, err);
	if (!rc)
		rc = check(out->fd, object, name, err);
	if (!rc && fchmod(out->fd, 0444))
		rc = cx_fail(err, -errno, "%s: %s", name, strerror(errno));
	return rc;
}

int cx_store_put_object(const struct cx_store *store,
			const struct cx_object *object, cx_object_source source,
			void *ctx, struct cx_error *err)
{
	char name[NAME_SIZE], *path;
	struct cx_output out;
	int rc;

	object_name(object->digest, name);
	rc = make_folder(store, name, err);
	if (rc)
		return rc;
	path = cx_store_object_path(store, object->digest);
	if (!path)
		return cx_fail(err, -ENOMEM, "out of memory");
	rc = cx_output_open(&out, path, store->tmp, 0600, err);
	if (!rc)
		rc = fill(&out, object, source, ctx, path, err);
	free(path);
	if (!rc)
		return cx_output_commit(&out, err);
	cx_output_abort(&out);
	return rc;
}
