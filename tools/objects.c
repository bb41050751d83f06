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

static int copy(struct spool *spool, const struct blob *blob, struct pack *pack,
		struct cx_error *err)
{
	void *data = spool_map(spool, blob);
	int ret;

	if (!data)
		return cx_fail(err, -ENOMEM, "temporary file: cannot be mapped: %s",
			       strerror(errno));
	ret = pack_write(pack, data, blob->size, err);
	spool_unmap(data, blob);
	return ret;
}

/* tar wants a member's size before its bytes: compress into the spool first. */
static int pack_one(struct spool *spool, const struct node *node,
		    struct pack *pack, struct cx_error *err)
{
	struct blob packed;
	uint64_t size;
	int ret = spool_begin(spool, &packed, err);

	if (!ret)
		ret = cx_zstd_compress(spool->fd, node->content.offset,
				       node->content.size, spool->fd,
				       node->path, &size, err);
	if (ret < 0)
		return ret;
	spool_finish(spool, &packed);
	ret = pack_begin_object(pack, node->digest, packed.size, err);
	return ret < 0 ? ret : copy(spool, &packed, pack, err);
}

int objects_pack(const struct tree *tree, const struct cx_object *known,
		 size_t known_count, struct pack *pack, struct cx_error *err)
{
	struct files files = { .list = calloc(tree->entries,
					      sizeof(*files.list)) };
	size_t i;
	int ret = 0;

	if (!files.list)
		return cx_fail(err, -ENOMEM, "out of memory");
	tree_walk(tree, collect, &files, err);
	qsort(files.list, files.count, sizeof(*files.list), compare);
	for (i = 0; !ret && i < files.count; i++) {
		const struct node *node = files.list[i];

		if (i && !compare(&files.list[i - 1], &files.list[i]))
			continue;
		if (!cx_object_find(known, known_count, node->digest))
			ret = pack_one(tree->spool, node, pack, err);
	}
	free(files.list);
	return ret;
}
