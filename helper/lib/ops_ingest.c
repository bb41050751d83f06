// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/ops_ingest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/container.h"

int cx_ingest_open(const struct cx_ops *ops, const char *path,
		   struct cx_container **container, struct cx_seal *seal,
		   struct cx_error *err)
{
	const struct cx_buf *bytes;
	int rc = cx_container_open(path, container, err);

	if (rc)
		return rc;
	bytes = cx_container_seal(*container);
	if (!ops->trust.count)
		rc = cx_fail(err, -ENOKEY,
			     "%s: no certificate is trusted yet: `cryptexctl trust CERTIFICATE`",
			     path);
	else
		rc = cx_seal_from_bytes(bytes->data, bytes->size,
					cx_container_is_signed(*container),
					path, &ops->trust, seal, err);
	if (rc) {
		cx_container_close(*container);
		*container = NULL;
	}
	return rc;
}

/* The objects of a seal, and which of them are known to be in the store. */
struct intake {
	const struct cx_ops *ops;
	struct cx_container *container;
	const struct cx_seal *seal;
	struct cx_object *objects;
	bool *present;
	size_t count;
};

static int extract(void *ctx, int fd, uint64_t size, struct cx_error *err)
{
	return cx_container_extract(ctx, fd, size, err);
}

/* Return 1 if the object was missing, 0 if it was there. */
static int take_one(struct intake *in, const struct cx_object *object,
		    struct cx_error *err)
{
	const struct cx_store *store = &in->ops->store;
	int rc = cx_store_open_object(store, object, NULL);

	if (rc >= 0) {
		close(rc);
		return 0;
	}
	rc = cx_store_put_object(store, object, extract, in->container, err);
	if (rc == -ENOSPC || rc == -EDQUOT)
		return cx_fail(err, rc,
			       "the store %s is full: free some space there and try again",
			       store->path);
	return rc ? rc : 1;
}

static int take_all(struct intake *in, struct cx_error *err)
{
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	const struct cx_object *object;
	int rc, taken = 0;

	while ((rc = cx_container_next(in->container, digest, err)) == 1) {
		object = cx_object_find(in->objects, in->count, digest);
		if (!object)
			return cx_fail(err, -EBADMSG,
				       "the container holds an object that its seal does not name: it is damaged");
		rc = take_one(in, object, err);
		if (rc < 0)
			return rc;
		taken += rc;
		in->present[object - in->objects] = true;
	}
	return rc ? rc : taken;
}

/* Path of one file that has the content @digest, for people; to be freed. */
static char *path_of(const struct cryptex_seal *view, const uint8_t *digest)
{
	uint32_t i;

	for (i = 0; i < view->entry_count; i++)
		if (!memcmp(view->entries[i].digest, digest,
			    CRYPTEX_DIGEST_SIZE))
			return cx_seal_path(view, i);
	return NULL;
}

/* What a patch has in common with its base is not in its container. */
static int check_rest(const struct intake *in, struct cx_error *err)
{
	size_t i;

	for (i = 0; i < in->count; i++) {
		char *path;
		int fd;

		if (in->present[i])
			continue;
		fd = cx_store_open_object(&in->ops->store, &in->objects[i],
					  err);
		if (fd >= 0) {
			close(fd);
			continue;
		}
		path = path_of(&in->seal->view, in->objects[i].digest);
		cx_prefix(err, fd, "the content of %s is not to be had",
			  path ? path : "a file");
		free(path);
		return fd;
	}
	return 0;
}

int cx_ingest_objects(const struct cx_ops *ops, struct cx_container *container,
		      const struct cx_seal *seal, struct cx_error *err)
{
	struct intake in = { .ops = ops, .container = container, .seal = seal };
	int taken = 0;
	int rc = cx_seal_objects(&seal->view, &in.objects, &in.count, err);

	if (rc)
		return rc;
	in.present = calloc(in.count + 1, sizeof(*in.present));
	if (!in.present)
		rc = cx_fail(err, -ENOMEM, "out of memory");
	if (!rc && container)
		rc = taken = take_all(&in, err);
	if (rc >= 0)
		rc = check_rest(&in, err);
	free(in.present);
	free(in.objects);
	return rc ? rc : taken;
}
