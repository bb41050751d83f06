// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Verifying a store: every seal against the trusted keys, every object against
 * its name, and every block of every object by reading it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/ops.h"
#include "lib/ops_seal.h"

#define CHUNK		(1 << 20)
#define NAMED_PATHS	3	/* in a report; of more, the number is told */

struct verify {
	struct cx_ops *ops;
	cx_verify_report report;
	void *ctx;
	struct cx_verify_result *result;
	struct cx_seal *seals;
	size_t count;
	char *chunk;
};

static void fault(struct verify *v, const char *where, const char *text)
{
	size_t len = strlen(where);

	/* Most errors begin with the file: once is enough. */
	if (!strncmp(text, where, len) && !strncmp(text + len, ": ", 2))
		text += len + 2;
	v->result->faults++;
	v->report(v->ctx, where, text);
}

/* Tell which files are affected: "openssl@3.0.17:usr/lib/libssl.so.3, ..." */
static char *affected(const struct verify *v, const uint8_t *digest)
{
	char *text = NULL;
	size_t size, paths = 0, i;
	FILE *out = open_memstream(&text, &size);

	for (i = 0; out && i < v->count; i++) {
		const struct cryptex_seal *view = &v->seals[i].view;
		uint32_t e;

		for (e = 0; e < view->entry_count; e++) {
			char *path;

			if (memcmp(view->entries[e].digest, digest,
				   CRYPTEX_DIGEST_SIZE) ||
			    paths++ >= NAMED_PATHS)
				continue;
			path = cx_seal_path(view, e);
			fprintf(out, "%s%s@%s:%s", paths > 1 ? ", " : "",
				cx_seal_name(&v->seals[i]),
				cx_seal_label(&v->seals[i]), path ? path : "?");
			free(path);
		}
	}
	if (out && paths > NAMED_PATHS)
		fprintf(out, " and %zu more", paths - NAMED_PATHS);
	if (out)
		fclose(out);
	return text;
}

static void fault_object(struct verify *v, const struct cx_object *object,
			 const char *text, bool missing)
{
	char *where = cx_store_object_path(&v->ops->store, object->digest);
	char *files = affected(v, object->digest), *all = NULL;

	if (asprintf(&all, "%s; it is the content of %s; %smount or stage again the container that brought it",
		     text, files ? files : "?",
		     missing ? "" : "remove it, and ") < 0)
		all = NULL;
	fault(v, where ? where : "an object", all ? all : text);
	free(where);
	free(files);
	free(all);
}

/* Read @fd through from the disk, not from memory, as far as that goes. */
static int read_through(struct verify *v, int fd)
{
	ssize_t n;

	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	while ((n = read(fd, v->chunk, CHUNK)) > 0 ||
	       (n < 0 && errno == EINTR))
		if (n > 0)
			v->result->bytes += n;
	return n < 0 ? -errno : 0;
}

static void verify_object(struct verify *v, const struct cx_object *object)
{
	struct cx_error err;
	int rc, fd = cx_store_open_object(&v->ops->store, object, &err);

	v->result->objects++;
	if (fd < 0) {
		fault_object(v, object, err.text, fd == -ENOENT);
		return;
	}
	rc = read_through(v, fd);
	close(fd);
	if (!rc)
		return;
	cx_fail(&err, rc, rc == -EIO ?
		"a block on the disk is not what was written there (%s)" :
		"it cannot be read: %s", strerror(-rc));
	fault_object(v, object, err.text, false);
}

static int verify_objects(struct verify *v, struct cx_error *err)
{
	struct cx_objects all = { 0 };
	size_t i;
	int rc = 0;

	for (i = 0; i < v->count && !rc; i++)
		rc = cx_objects_add(&all, &v->seals[i], err);
	cx_objects_sort(&all);
	for (i = 0; i < all.count && !rc; i++)
		verify_object(v, &all.list[i]);
	free(all.list);
	return rc;
}

static void verify_seal(struct verify *v, const struct cx_item *item)
{
	char *where = cx_store_seal_path(&v->ops->store, item);
	struct cx_error err;

	v->result->seals++;
	if (!cx_store_load_seal(&v->ops->store, item, &v->ops->trust,
				&v->seals[v->count], &err)) {
		v->count++;
	} else {
		char text[sizeof(err.text) + 80];

		snprintf(text, sizeof(text),
			 "%s; mount or stage again the container that brought it",
			 err.text);
		fault(v, where ? where : item->label, text);
	}
	free(where);
}

static int verify_all(struct verify *v, const struct cx_items *items,
		      struct cx_error *err)
{
	size_t i;

	v->seals = calloc(items->count + 1, sizeof(*v->seals));
	v->chunk = malloc(CHUNK);
	if (!v->seals || !v->chunk)
		return cx_fail(err, -ENOMEM, "out of memory");
	for (i = 0; i < items->count; i++)
		verify_seal(v, &items->list[i]);
	return verify_objects(v, err);
}

int cx_op_verify(struct cx_ops *ops, const char *name, cx_verify_report report,
		 void *ctx, struct cx_verify_result *result,
		 struct cx_error *err)
{
	struct verify v = { .ops = ops, .report = report, .ctx = ctx,
			    .result = result };
	struct cx_items items;
	int rc = cx_store_seals(&ops->store, name, &items, err);

	if (rc)
		return rc;
	*result = (struct cx_verify_result){ 0 };
	rc = verify_all(&v, &items, err);
	while (v.count)
		cx_seal_free(&v.seals[--v.count]);
	free(v.seals);
	free(v.chunk);
	cx_items_free(&items);
	return rc;
}
