// SPDX-License-Identifier: LGPL-2.1-or-later
#include "contents.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/verity.h"

static int check_digest(const char *path, struct spool *spool,
			const struct blob *blob,
			const uint8_t digest[CRYPTEX_DIGEST_SIZE],
			struct cx_error *err)
{
	uint8_t actual[CRYPTEX_DIGEST_SIZE];
	char said[2 * CRYPTEX_DIGEST_SIZE + 1];
	char found[2 * CRYPTEX_DIGEST_SIZE + 1];
	int ret = cx_verity_compute(spool->fd, blob->offset, blob->size, path,
				    actual, err);

	if (ret < 0 || !memcmp(actual, digest, sizeof(actual)))
		return ret;
	return cx_fail(err, -EBADMSG,
		       "%s: object %s is not what its name says: its digest is %s",
		       path, cx_hex(digest, CRYPTEX_DIGEST_SIZE, said),
		       cx_hex(actual, CRYPTEX_DIGEST_SIZE, found));
}

static int load_whole(const char *path, struct cx_container *container,
		      const struct cx_object *object, struct spool *spool,
		      struct contents *c, struct cx_error *err)
{
	struct blob *blob = &c->blobs[object - c->objects];
	int ret = spool_begin(spool, blob, err);

	if (!ret)
		ret = cx_container_extract(container, spool->fd, object->size,
					   err);
	if (ret < 0)
		return ret;
	spool_finish(spool, blob);
	c->present[object - c->objects] = true;
	c->held++;
	c->packed += cx_container_packed_size(container);
	return check_digest(path, spool, blob, object->digest, err);
}

static int load_object(const char *path, struct cx_container *container,
		       const uint8_t digest[CRYPTEX_DIGEST_SIZE],
		       struct spool *spool, struct contents *c,
		       struct cx_error *err)
{
	char hex[2 * CRYPTEX_DIGEST_SIZE + 1];
	const struct cx_object *object =
		cx_object_find(c->objects, c->count, digest);

	if (!object)
		return cx_fail(err, -EBADMSG,
			       "%s: object %s is not one that the seal names",
			       path, cx_hex(digest, CRYPTEX_DIGEST_SIZE, hex));
	if (c->present[object - c->objects])
		return cx_fail(err, -EBADMSG,
			       "%s: object %s is there twice, whole and as a delta",
			       path, cx_hex(digest, CRYPTEX_DIGEST_SIZE, hex));
	c->made_bytes += object->size;
	if (!cx_container_old(container))
		return load_whole(path, container, object, spool, c, err);
	c->delta[object - c->objects] = true;
	c->deltas++;
	c->delta_bytes += cx_container_packed_size(container);
	return 0;
}

int contents_check_whole(const char *path, const struct contents *contents,
			 struct cx_error *err)
{
	const struct contents *c = contents;
	char hex[2 * CRYPTEX_DIGEST_SIZE + 1];
	size_t i;

	if (c->deltas)
		return cx_fail(err, -EBADMSG,
			       "%s: holds deltas, which mean nothing without the generation that they are for: name the whole container that it was made from",
			       path);
	if (!cryptex_seal_is_base(&c->seal.view))
		return 0;
	for (i = 0; i < c->count; i++)
		if (!c->present[i])
			return cx_fail(err, -EBADMSG,
				       "%s: is a base, but object %s is missing",
				       path, cx_hex(c->objects[i].digest,
						    CRYPTEX_DIGEST_SIZE, hex));
	return 0;
}

int contents_begin(const char *name, const struct cx_buf *bytes,
		   bool is_signed, const struct cx_trust *trust,
		   struct contents *contents, struct cx_error *err)
{
	struct contents *c = contents;
	int ret;

	*c = (struct contents){ 0 };
	ret = cx_seal_from_bytes(bytes->data, bytes->size, is_signed, name,
				 trust, &c->seal, err);
	if (ret < 0)
		return ret;
	ret = cx_seal_objects(&c->seal.view, &c->objects, &c->count, err);
	if (ret < 0)
		cx_prefix(err, ret, "%s", name);
	c->blobs = calloc(c->count + 1, sizeof(*c->blobs));
	c->present = calloc(c->count + 1, sizeof(*c->present));
	c->delta = calloc(c->count + 1, sizeof(*c->delta));
	if (!ret && (!c->blobs || !c->present || !c->delta))
		ret = cx_fail(err, -ENOMEM, "%s: out of memory", name);
	if (ret < 0)
		contents_free(c);
	return ret;
}

int contents_load(const char *path, const struct cx_trust *trust,
		  struct spool *spool, struct contents *contents,
		  struct cx_error *err)
{
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	struct cx_container *container;
	int ret;

	*contents = (struct contents){ 0 };
	ret = cx_container_open(path, &container, err);
	if (ret < 0)
		return ret;
	ret = contents_begin(path, cx_container_seal(container),
			     cx_container_is_signed(container), trust, contents,
			     err);
	contents->size = cx_container_size(container);
	while (!ret) {
		ret = cx_container_next(container, digest, err);
		if (ret <= 0)
			break;
		ret = load_object(path, container, digest, spool, contents,
				  err);
	}
	cx_container_close(container);
	if (ret < 0)
		contents_free(contents);
	return ret;
}

static int add_entry(const struct contents *c, uint32_t index,
		     struct tree *tree, const char *path, struct cx_error *err)
{
	const struct cryptex_seal_entry *e = &c->seal.view.entries[index];
	mode_t mode = le16toh(e->mode);
	const struct cx_object *object;
	struct node *node;
	char *target;
	int ret = tree_add(tree, path, mode, 0, &node, err);

	if (ret < 0)
		return ret;
	if (S_ISREG(mode)) {
		object = cx_object_find(c->objects, c->count, e->digest);
		node->content = c->blobs[object - c->objects];
		memcpy(node->digest, e->digest, sizeof(node->digest));
	} else if (S_ISLNK(mode)) {
		target = strndup(c->seal.view.strings + le32toh(e->first),
				 le64toh(e->size));
		ret = target ? tree_set_target(node, target, err) : -ENOMEM;
		free(target);
	}
	return ret;
}

int contents_tree(const struct contents *contents, struct spool *spool,
		  struct tree *tree, struct cx_error *err)
{
	uint32_t i;
	int ret = tree_init(tree, spool, err);

	for (i = 1; !ret && i < contents->seal.view.entry_count; i++) {
		char *path = cx_seal_path(&contents->seal.view, i);

		if (!path)
			ret = cx_fail(err, -ENOMEM, "out of memory");
		else
			ret = add_entry(contents, i, tree, path, err);
		free(path);
	}
	if (ret < 0)
		tree_free(tree);
	return ret;
}

void contents_free(struct contents *contents)
{
	cx_seal_free(&contents->seal);
	free(contents->objects);
	free(contents->blobs);
	free(contents->present);
	free(contents->delta);
	*contents = (struct contents){ 0 };
}
