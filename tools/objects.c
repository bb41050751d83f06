// SPDX-License-Identifier: LGPL-2.1-or-later
#include "objects.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/zstd.h"

/* The files of a tree. */
struct files {
	struct node **list;
	size_t count;
};

static int collect(struct node *node, void *ctx, struct cx_error *err)
{
	struct files *files = ctx;

	(void)err;
	if (S_ISREG(node->mode))
		files->list[files->count++] = node;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct node *const *one = a, *const *two = b;

	return memcmp((*one)->digest, (*two)->digest, CRYPTEX_DIGEST_SIZE);
}

static int pack_one(struct spool *spool, const struct node *node,
		    struct packed *packed, struct cx_error *err)
{
	uint64_t size;
	int ret = spool_begin(spool, &packed->blob, err);

	if (!ret)
		ret = cx_zstd_compress(spool->fd, node->content.offset,
				       node->content.size, spool->fd,
				       node->path, &size, err);
	if (ret < 0)
		return ret;
	spool_finish(spool, &packed->blob);
	memcpy(packed->digest, node->digest, sizeof(packed->digest));
	return 0;
}

/* The files in order of digest: the same content is compressed once. */
static int pack_files(const struct files *files, struct spool *spool,
		      const struct cx_object *known, size_t known_count,
		      struct objects *objects, struct cx_error *err)
{
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < files->count; i++) {
		const struct node *node = files->list[i];

		if (i && !compare(&files->list[i - 1], &files->list[i]))
			continue;
		if (!cx_object_find(known, known_count, node->digest))
			ret = pack_one(spool, node,
				       &objects->list[objects->count++], err);
	}
	return ret;
}

int objects_compress(const struct tree *tree, const struct cx_object *known,
		     size_t known_count, struct objects *objects,
		     struct cx_error *err)
{
	struct files files = { .list = calloc(tree->entries,
					      sizeof(*files.list)) };
	int ret;

	objects->count = 0;
	objects->list = calloc(tree->entries, sizeof(*objects->list));
	if (!files.list || !objects->list) {
		ret = cx_fail(err, -ENOMEM, "out of memory");
	} else {
		tree_walk(tree, collect, &files, err);
		qsort(files.list, files.count, sizeof(*files.list), compare);
		ret = pack_files(&files, tree->spool, known, known_count,
				 objects, err);
	}
	free(files.list);
	if (ret < 0)
		free(objects->list);
	return ret;
}

static int write_one(const struct packed *packed, const struct spool *spool,
		     struct pack *pack, struct cx_error *err)
{
	void *data = spool_map(spool, &packed->blob);
	int ret;

	if (!data)
		return cx_fail(err, -ENOMEM,
			       "temporary file: cannot be mapped: %s",
			       strerror(errno));
	ret = pack_begin_object(pack, packed->digest, packed->blob.size, err);
	if (!ret)
		ret = pack_write(pack, data, packed->blob.size, err);
	spool_unmap(data, &packed->blob);
	return ret;
}

int objects_write(const struct objects *objects, const struct spool *spool,
		  struct pack *pack, struct cx_error *err)
{
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < objects->count; i++)
		ret = write_one(&objects->list[i], spool, pack, err);
	return ret;
}
