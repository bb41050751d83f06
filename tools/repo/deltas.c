// SPDX-License-Identifier: LGPL-2.1-or-later
#include "deltas.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "candidates.h"
#include "index.h"
#include "lib/delta.h"
#include "lib/verity.h"
#include "ways.h"

/* A search under way. */
struct search {
	struct lineage *lineage;
	struct member *to;
	const struct member *from;
	const struct member *base;
	struct candidates candidates;
	struct cx_error *err;
};

static int check_made(int fd, const struct cx_object *object, const char *name,
		      struct cx_error *err)
{
	uint8_t actual[CRYPTEX_DIGEST_SIZE];
	struct stat st;
	int ret;

	if (fstat(fd, &st) < 0 || (uint64_t)st.st_size != object->size)
		return cx_fail(err, -EBADMSG, "%s: makes another size", name);
	ret = cx_verity_compute(fd, 0, object->size, name, actual, err);
	if (!ret && memcmp(actual, object->digest, sizeof(actual)))
		ret = cx_fail(err, -EBADMSG,
			      "%s: makes something else than the object", name);
	return ret;
}

int delta_apply(const struct spool *spool, int fd, size_t size,
		const struct blob *old, const struct cx_object *object,
		const char *name, struct cx_error *err)
{
	void *patch = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	int ret, old_fd = -1, new_fd = -1;

	if (patch == MAP_FAILED)
		return cx_fail(err, -errno, "%s: cannot be mapped: %s", name,
			       strerror(errno));
	ret = old_fd = spool_file(spool, old, err);
	if (ret >= 0)
		ret = new_fd = spool_file(spool, &(struct blob){ 0 }, err);
	if (ret >= 0) {
		ret = cx_delta_apply(patch, size, old_fd, new_fd, object->size,
				     err);
		if (ret < 0)
			cx_prefix(err, ret, "%s", name);
	}
	if (ret >= 0)
		ret = check_made(new_fd, object, name, err);
	if (new_fd >= 0)
		close(new_fd);
	if (old_fd >= 0)
		close(old_fd);
	munmap(patch, size);
	return ret;
}

/* What an interrupted release has left is as good as new, if it is. */
static uint64_t there_already(const struct search *s, const char *path,
			      const struct candidate *old,
			      const struct cx_object *object)
{
	const struct publication *pub = &s->lineage->repo->pub;
	struct cx_error ignored;
	struct stat st = { 0 };
	int fd = openat(pub->dirfd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return 0;
	if (fstat(fd, &st) < 0 || !st.st_size ||
	    delta_apply(&s->lineage->stock.spool, fd, st.st_size, old->blob,
			object, path, &ignored) < 0)
		st.st_size = 0;
	close(fd);
	return st.st_size;
}

/* Return: 0 with the delta's size, 0 if it is not worth it; or a negative errno. */
static int make(struct search *s, const char *path, const char *file,
		const struct candidate *old, size_t index, uint64_t *size)
{
	const struct contents *c = &s->to->contents;
	const struct cx_object *object = &c->objects[index];
	const json_t *entry = index_object(s->to->index, object->digest);
	void *patch;
	size_t bytes;
	int ret;

	*size = there_already(s, file, old, object);
	if (*size)
		return 0;
	ret = way_delta(&s->lineage->stock.spool, path, old->blob,
			&c->blobs[index], &patch, &bytes, s->err);
	if (ret < 0 || !patch)
		return ret;
	if ((json_int_t)bytes < metadata_number(entry, "packed")) {
		ret = publication_add(&s->lineage->repo->pub, STAGE_OBJECT,
				      file, patch, bytes, s->err);
		*size = bytes;
	}
	free(patch);
	return ret;
}

static int add(struct search *s, const char *path, size_t index)
{
	const struct cx_object *object = &s->to->contents.objects[index];
	const struct candidate *old =
		candidates_find(&s->candidates, path, object->size);
	struct place place;
	uint64_t size;
	int ret;

	if (!old || index_has_delta(s->to->index, object->digest,
				    old->object->digest))
		return 0;
	place = place_delta(object->digest, old->object->digest);
	ret = make(s, path, place.path, old, index, &size);
	if (ret < 0 || !size)
		return ret;
	s->to->is_dirty = true;
	return index_add_delta(s->to->index, object->digest,
			       old->object->digest, size, s->err);
}

static bool has(const struct member *m, const uint8_t *digest)
{
	return cx_object_find(m->contents.objects, m->contents.count, digest);
}

static int visit(struct search *s, uint32_t entry)
{
	const struct contents *c = &s->to->contents;
	const struct cryptex_seal_entry *e = &c->seal.view.entries[entry];
	char *path;
	int ret;

	if (!S_ISREG(le16toh(e->mode)) || has(s->from, e->digest) ||
	    (s->base != s->to && has(s->base, e->digest)))
		return 0;
	path = cx_seal_path(&c->seal.view, entry);
	if (!path)
		return cx_fail(s->err, -ENOMEM, "out of memory");
	ret = add(s, path, cx_object_find(c->objects, c->count, e->digest) -
			   c->objects);
	free(path);
	return ret;
}

int deltas_make(struct lineage *lineage, struct member *to,
		const struct member *from, const struct member *base,
		struct cx_error *err)
{
	const struct contents *contents = &from->contents;
	struct search s = {
		.lineage = lineage, .to = to, .from = from, .base = base,
		.err = err,
	};
	uint32_t e;
	int ret = candidates_gather(&contents, 1, &s.candidates, err);

	if (ret < 0)
		return ret;
	for (e = 0; !ret && e < to->contents.seal.view.entry_count; e++)
		ret = visit(&s, e);
	candidates_free(&s.candidates);
	return ret;
}
