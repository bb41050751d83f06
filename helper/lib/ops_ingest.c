// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/ops_ingest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/container.h"
#include "lib/ops_seal.h"
#include "lib/ops_unpack.h"
#include "lib/receipt.h"

int cx_ingest_open(const struct cx_ops *ops, const char *path,
		   struct cx_container **container, struct cx_seal *seal,
		   struct cx_error *err)
{
	int rc = cx_container_open(path, container, err);

	if (rc)
		return rc;
	rc = cx_trusted_seal(ops, cx_container_seal(*container),
			     cx_container_is_signed(*container), path, seal,
			     err);
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
	struct cx_intake *result;
};

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

static int fail_delta(const struct intake *in, const struct cx_object *object,
		      int rc, struct cx_error *err)
{
	struct cx_error why = *err;
	char *path = path_of(&in->seal->view, object->digest);

	cx_fail(err, rc,
		"the delta for %s cannot be used: %s; get the whole container of %s@%s instead",
		path ? path : "a file", why.text, cx_seal_name(in->seal),
		cx_seal_label(in->seal));
	free(path);
	return rc;
}

static int put_one(struct intake *in, const struct cx_object *object,
		   struct cx_error *err)
{
	const struct cx_store *store = &in->ops->store;
	bool is_delta = cx_container_old(in->container);
	int rc = cx_unpack_member(store, in->container, object, err);

	if (rc == -ENOSPC || rc == -EDQUOT)
		return cx_fail(err, rc,
			       "the store %s is full: free some space there and try again",
			       store->path);
	if (rc)
		return is_delta && !cx_unpack_hopeless(rc) ?
		       fail_delta(in, object, rc, err) : rc;
	in->result->objects++;
	in->result->deltas += is_delta;
	in->result->made_bytes += object->size;
	return 0;
}

/* Whoever fetches again what is there does no harm. */
static int take_one(struct intake *in, const struct cx_object *object,
		    struct cx_error *err)
{
	int fd = cx_store_open_object(&in->ops->store, object, NULL);

	if (fd < 0)
		return put_one(in, object, err);
	close(fd);
	return 0;
}

static int take_all(struct intake *in, struct cx_error *err)
{
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	const struct cx_object *object;
	int rc;

	while ((rc = cx_container_next(in->container, digest, err)) == 1) {
		object = cx_object_find(in->objects, in->count, digest);
		if (!object)
			return cx_fail(err, -EBADMSG,
				       "the container holds an object that its seal does not name: it is damaged");
		if (in->present[object - in->objects])
			return cx_fail(err, -EBADMSG,
				       "the container holds an object twice, whole and as a delta: it is damaged");
		rc = take_one(in, object, err);
		if (rc < 0)
			return rc;
		in->present[object - in->objects] = true;
	}
	return rc;
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
		      const struct cx_seal *seal, struct cx_intake *intake,
		      struct cx_error *err)
{
	struct intake in = { .ops = ops, .container = container, .seal = seal,
			     .result = intake };
	int rc = cx_seal_objects(&seal->view, &in.objects, &in.count, err);

	if (rc)
		return rc;
	*intake = (struct cx_intake){
		.fetched_bytes = container ? cx_container_size(container) : 0,
	};
	in.present = calloc(in.count + 1, sizeof(*in.present));
	if (!in.present)
		rc = cx_fail(err, -ENOMEM, "out of memory");
	if (!rc && container)
		rc = take_all(&in, err);
	if (!rc)
		rc = check_rest(&in, err);
	/* Whoever put there what was there has perhaps not lived to sync it. */
	if (!rc)
		rc = cx_store_sync_objects(&ops->store, in.objects, in.count,
					   err);
	free(in.present);
	free(in.objects);
	return rc;
}

void cx_ingest_note(struct cx_ops *ops, const struct cx_seal *seal,
		    const struct cx_intake *intake)
{
	const struct cx_receipt receipt = {
		.fetched_bytes = intake->fetched_bytes,
		.full_bytes = intake->made_bytes,
		.objects = intake->objects,
		.deltas = intake->deltas,
	};
	struct cx_item item = cx_seal_item(seal);
	struct cx_error err;

	if (!intake->objects)
		return;
	cx_ops_say(ops, "fetched %llu bytes for files of %llu bytes (%.2f %%); %zu of %zu came as deltas",
		   (unsigned long long)intake->fetched_bytes,
		   (unsigned long long)intake->made_bytes,
		   100.0 * intake->fetched_bytes /
		   (intake->made_bytes ? intake->made_bytes : 1),
		   intake->deltas, intake->objects);
	if (cx_receipt_save(&ops->store, &item, &receipt, &err))
		cx_ops_warn(ops, "what was fetched could not be noted: %s",
			    err.text);
}
