// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ways.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "candidates.h"
#include "command.h"
#include "delta/make.h"
#include "lib/zstd.h"

/* A search under way. */
struct search {
	const struct contents *target;
	const struct contents *const *from;
	size_t from_count;
	struct candidates candidates;
	struct spool *spool;
	bool *done;		/* for each object of @target */
	struct ways *ways;
	struct cx_error *err;
};

static bool is_there(const struct search *s, const uint8_t *digest)
{
	size_t i;

	for (i = 0; i < s->from_count; i++)
		if (cx_object_find(s->from[i]->objects, s->from[i]->count,
				   digest))
			return true;
	return false;
}

static int pack_whole(struct search *s, const char *path,
		      const struct blob *content, struct way *way)
{
	int ret = spool_begin(s->spool, &way->blob, s->err);

	if (!ret)
		ret = cx_zstd_compress(s->spool->fd, content->offset,
				       content->size, s->spool->fd, path,
				       &way->whole_size, s->err);
	if (!ret)
		spool_finish(s->spool, &way->blob);
	return ret;
}

int way_delta(const struct spool *spool, const char *path,
	      const struct blob *old, const struct blob *content, void **patch,
	      size_t *size, struct cx_error *err)
{
	struct cx_error why;
	int ret, new_fd = -1, old_fd = spool_file(spool, old, err);

	if (old_fd >= 0)
		new_fd = spool_file(spool, content, err);
	if (old_fd < 0 || new_fd < 0) {
		if (old_fd >= 0)
			close(old_fd);
		return old_fd < 0 ? old_fd : new_fd;
	}
	ret = cx_delta_make(old_fd, new_fd, patch, size, &why);
	if (ret) {
		warn("%s: no delta can be made, so it goes whole: %s", path,
		     why.text);
		*patch = NULL;
	}
	close(old_fd);
	close(new_fd);
	return 0;
}

static int try_delta(struct search *s, const char *path,
		     const struct candidate *old, const struct blob *content,
		     struct way *way)
{
	struct blob blob;
	void *patch;
	size_t size;
	int ret = way_delta(s->spool, path, old->blob, content, &patch, &size,
			    s->err);

	if (ret < 0 || !patch)
		return ret;
	if (size < way->whole_size) {
		ret = spool_begin(s->spool, &blob, s->err);
		if (!ret)
			ret = spool_append(s->spool, patch, size, s->err);
		if (!ret) {
			spool_finish(s->spool, &blob);
			way->blob = blob;
			way->is_delta = true;
			memcpy(way->old, old->object->digest, sizeof(way->old));
			s->ways->deltas++;
		}
	}
	free(patch);
	return ret;
}

static int find_way(struct search *s, const char *path, size_t index)
{
	const struct cx_object *object = &s->target->objects[index];
	const struct blob *content = &s->target->blobs[index];
	const struct candidate *old =
		candidates_find(&s->candidates, path, object->size);
	struct way *way = &s->ways->list[s->ways->count++];
	int ret;

	memcpy(way->digest, object->digest, sizeof(way->digest));
	ret = pack_whole(s, path, content, way);
	return ret < 0 || !old ? ret : try_delta(s, path, old, content, way);
}

static int visit(struct search *s, uint32_t entry)
{
	const struct contents *t = s->target;
	const struct cryptex_seal_entry *e = &t->seal.view.entries[entry];
	const struct cx_object *object;
	char *path;
	size_t i;
	int ret;

	if (!S_ISREG(le16toh(e->mode)))
		return 0;
	object = cx_object_find(t->objects, t->count, e->digest);
	i = object - t->objects;
	if (s->done[i] || !t->present[i] || is_there(s, e->digest))
		return 0;
	s->done[i] = true;
	path = cx_seal_path(&t->seal.view, entry);
	if (!path)
		return cx_fail(s->err, -ENOMEM, "out of memory");
	ret = find_way(s, path, i);
	free(path);
	return ret;
}

/* Whole objects first, then deltas, either by digest: as a container has them. */
static int compare(const void *a, const void *b)
{
	const struct way *x = a, *y = b;

	if (x->is_delta != y->is_delta)
		return x->is_delta - y->is_delta;
	return memcmp(x->digest, y->digest, CRYPTEX_DIGEST_SIZE);
}

int ways_find(const struct contents *target, const struct contents *const *from,
	      size_t count, struct spool *spool, struct ways *ways,
	      struct cx_error *err)
{
	struct search s = {
		.target = target, .from = from, .from_count = count,
		.spool = spool, .ways = ways, .err = err,
	};
	uint32_t e;
	int ret = candidates_gather(from, count, &s.candidates, err);

	if (ret < 0)
		return ret;
	*ways = (struct ways){
		.list = calloc(target->count + 1, sizeof(*ways->list)),
	};
	s.done = calloc(target->count + 1, sizeof(*s.done));
	if (!ways->list || !s.done)
		ret = cx_fail(err, -ENOMEM, "out of memory");
	for (e = 0; !ret && e < target->seal.view.entry_count; e++)
		ret = visit(&s, e);
	if (!ret)
		qsort(ways->list, ways->count, sizeof(*ways->list), compare);
	else
		free(ways->list);
	free(s.done);
	candidates_free(&s.candidates);
	return ret;
}

static int write_one(const struct way *way, const struct spool *spool,
		     struct pack *pack, struct cx_error *err)
{
	void *data = spool_map(spool, &way->blob);
	int ret;

	if (!data)
		return cx_fail(err, -ENOMEM,
			       "temporary file: cannot be mapped: %s",
			       strerror(errno));
	if (way->is_delta)
		ret = pack_begin_delta(pack, way->digest, way->old,
				       way->blob.size, err);
	else
		ret = pack_begin_object(pack, way->digest, way->blob.size, err);
	if (!ret)
		ret = pack_write(pack, data, way->blob.size, err);
	spool_unmap(data, &way->blob);
	return ret;
}

int ways_write(const struct ways *ways, const struct spool *spool,
	       struct pack *pack, struct cx_error *err)
{
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < ways->count; i++)
		ret = write_one(&ways->list[i], spool, pack, err);
	return ret;
}
