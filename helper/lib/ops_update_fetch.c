// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/ops_update_fetch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "lib/ops_ingest.h"
#include "lib/ops_seal.h"
#include "lib/ops_unpack.h"
#include "lib/remote_spool.h"

#define RESERVE (16ULL << 20)	/* bytes that stay free on the disk */

/* One release on its way. */
struct fetch {
	struct cx_ops *ops;
	struct cx_source *source;
	const struct cx_release *release;
	const struct cx_update *update;
	struct cx_seal seal;
	struct cx_object *missing;
	bool *taken;
	size_t count;
	struct cx_intake intake;
};

/* Wait for the next message, of which only @type and DONE make sense. */
static int expect(struct fetch *f, uint32_t type, struct cx_message *m, int *fd,
		  struct cx_error *err)
{
	int rc = cx_fetcher_next(&f->source->fetcher, m, fd, err);

	if (rc)
		return rc;
	if (m->type == CX_MESSAGE_DONE) {
		f->intake.fetched_bytes += m->done.fetched;
		return 1;
	}
	if (m->type == type)
		return 0;
	if (*fd >= 0)
		close(*fd);
	return cx_fail(err, -EBADMSG,
		       "the fetcher for %s answered what was not asked",
		       f->source->remote.name);
}

static int read_seal(struct fetch *f, int fd, struct cx_error *err)
{
	const struct cx_item *item = &f->release->item;
	struct cx_buf buf;
	char name[256];
	int rc;

	snprintf(name, sizeof(name), "the seal of %s@%s from %s", item->name,
		 item->label, f->source->remote.name);
	rc = cx_read_fd(fd, f->release->seal_size, name, &buf, err);
	if (rc)
		return rc;
	rc = cx_trusted_seal(f->ops, &buf, true, name, &f->seal, err);
	cx_buf_free(&buf);
	return rc;
}

/* The metadata chose it by what they say of it; it has to be that. */
static int check_seal(const struct fetch *f, struct cx_error *err)
{
	const struct cx_release *r = f->release;

	if (!memcmp(f->seal.digest, r->digest, sizeof(r->digest)) &&
	    !strcmp(cx_seal_name(&f->seal), r->item.name) &&
	    !strcmp(cx_seal_label(&f->seal), r->item.label) &&
	    !cryptex_seal_is_base(&f->seal.view) &&
	    !memcmp(f->seal.view.header->base_digest, r->base,
		    sizeof(r->base)))
		return 0;
	return cx_fail(err, -EBADMSG,
		       "%s@%s: the seal is not the one that the metadata of %s tell of: tell the publisher",
		       r->item.name, r->item.label, f->source->remote.name);
}

static int get_seal(struct fetch *f, struct cx_error *err)
{
	struct cx_message m = { .type = CX_MESSAGE_SEAL,
				.item = f->release->item };
	int fd, rc = cx_fetcher_send(&f->source->fetcher, &m, err);

	if (!rc)
		rc = expect(f, CX_MESSAGE_FILE, &m, &fd, err);
	if (rc)
		return rc < 0 ? rc : cx_fail(err, -EBADMSG, "no seal came");
	rc = m.file.way == CX_WAY_SEAL ? read_seal(f, fd, err) :
	     cx_fail(err, -EBADMSG, "something else than a seal came");
	close(fd);
	if (!rc)
		rc = check_seal(f, err);
	if (!rc)
		rc = expect(f, 0, &m, &fd, err);
	return rc > 0 ? 0 : rc;
}

/* Which of the seal's objects are not in the store. */
static int find_missing(struct fetch *f, struct cx_error *err)
{
	struct cx_object *all;
	size_t i, count;
	int fd, rc = cx_seal_objects(&f->seal.view, &all, &count, err);

	if (rc)
		return rc;
	f->missing = all;
	f->count = 0;
	for (i = 0; i < count; i++) {
		fd = cx_store_open_object(&f->ops->store, &all[i], NULL);
		if (fd >= 0)
			close(fd);
		else
			all[f->count++] = all[i];
	}
	f->taken = calloc(f->count + 1, sizeof(*f->taken));
	return f->taken ? 0 : cx_fail(err, -ENOMEM, "out of memory");
}

/* Whole, with its Merkle tree and what is left of blocks; and once more the
 * largest one, for the file that it is made of. */
static int check_space(const struct fetch *f, struct cx_error *err)
{
	uint64_t need = RESERVE, largest = 0, left;
	struct statvfs st;
	size_t i;

	for (i = 0; i < f->count; i++) {
		uint64_t size = f->missing[i].size;

		need += size + size / 100 + 8192;
		largest = size > largest ? size : largest;
	}
	need += largest;
	if (fstatvfs(f->ops->store.fd, &st))
		return cx_fail(err, -errno, "%s: %s", f->ops->store.path,
			       strerror(errno));
	left = (uint64_t)st.f_bavail * st.f_frsize;
	if (left >= need)
		return 0;
	return cx_fail(err, -ENOSPC,
		       "%s@%s may take %llu MiB of the store %s, which has %llu MiB left: free some space there, `cryptexctl gc` helps",
		       f->release->item.name, f->release->item.label,
		       (unsigned long long)(need >> 20) + 1, f->ops->store.path,
		       (unsigned long long)left >> 20);
}

/* Digests, sent in batches. */
struct batch {
	const struct cx_fetcher *fetcher;
	struct cx_message message;
};

static int flush(struct batch *b, struct cx_error *err)
{
	int rc = cx_fetcher_send(b->fetcher, &b->message, err);

	b->message.batch.count = 0;
	return rc;
}

static int add(void *ctx, const struct cx_object *object, struct cx_error *err)
{
	struct batch *b = ctx;
	struct cx_message_batch *list = &b->message.batch;

	list->objects[list->count++] = *object;
	return list->count == CX_CHANNEL_BATCH ? flush(b, err) : 0;
}

static int ask(struct fetch *f, struct cx_error *err)
{
	struct batch b = { .fetcher = &f->source->fetcher };
	struct cx_message go = { .type = CX_MESSAGE_GO };
	size_t i;
	int rc;

	b.message.type = CX_MESSAGE_HAVE;
	rc = cx_store_each_object(&f->ops->store, add, &b, err);
	if (!rc)
		rc = flush(&b, err);
	b.message.type = CX_MESSAGE_WANT;
	for (i = 0; i < f->count && !rc; i++)
		rc = add(&b, &f->missing[i], err);
	if (!rc)
		rc = flush(&b, err);
	return rc ? rc : cx_fetcher_send(&f->source->fetcher, &go, err);
}

static int put(struct fetch *f, const struct cx_message_file *file, int fd,
	       const struct cx_object *object, struct cx_error *err)
{
	const struct cx_packed packed = {
		.fd = fd, .size = file->size,
		.old = file->way == CX_WAY_DELTA ? file->old : NULL,
		.name = "it",
	};
	int rc = cx_lock_store(f->ops, err);

	if (rc)
		return rc;
	rc = cx_unpack(&f->ops->store, &packed, object, err);
	cx_unlock_store(f->ops);
	if (rc == -ENOSPC || rc == -EDQUOT)
		return cx_fail(err, rc,
			       "the store %s is full: free some space there and try again; what came is kept",
			       f->ops->store.path);
	return rc;
}

/* Why the fetcher is asked for something else: of a file that it did not fetch as a
 * whole just now, what an earlier download left may be to blame, and it fetches the
 * same one anew. */
static void tell_refusal(const struct fetch *f, const struct cx_message_file *file,
			 const struct cx_error *why)
{
	const struct cx_item *item = &f->release->item;
	const char *what = file->way == CX_WAY_DELTA ? "a delta" : "an object";

	if (file->fetched < file->size)
		cx_ops_warn(f->ops, "%s@%s: %s that an earlier download had begun is refused (%s): it is fetched anew",
			    item->name, item->label, what, why->text);
	else
		cx_ops_warn(f->ops, "%s@%s: %s is refused (%s): another way is tried",
			    item->name, item->label, what, why->text);
}

static int take_file(struct fetch *f, struct cx_message *m, int fd,
		     struct cx_error *err)
{
	const struct cx_object *object = cx_object_find(f->missing, f->count,
							m->file.digest);
	struct cx_error why;
	int rc;

	if (!object || f->taken[object - f->missing] ||
	    m->file.way == CX_WAY_SEAL)
		return cx_fail(err, -EBADMSG,
			       "the fetcher for %s handed over what was not asked for",
			       f->source->remote.name);
	rc = put(f, &m->file, fd, object, &why);
	if (rc && cx_unpack_hopeless(rc)) {
		*err = why;
		return rc;
	}
	m->type = rc ? CX_MESSAGE_REFUSED : CX_MESSAGE_TAKEN;
	if (rc) {
		tell_refusal(f, &m->file, &why);
	} else {
		f->taken[object - f->missing] = true;
		f->intake.objects++;
		f->intake.deltas += m->file.way == CX_WAY_DELTA;
		f->intake.made_bytes += object->size;
	}
	return cx_fetcher_send(&f->source->fetcher, m, err);
}

static int get_objects(struct fetch *f, struct cx_error *err)
{
	struct cx_message m;
	int fd, rc = ask(f, err);

	while (!rc) {
		rc = expect(f, CX_MESSAGE_FILE, &m, &fd, err);
		if (rc)
			break;
		rc = take_file(f, &m, fd, err);
		close(fd);
	}
	return rc < 0 ? rc : 0;
}

/* As when a container is staged, with the store locked: the objects are all here,
 * then the seal is, then the kernel gets it. */
static int keep(struct fetch *f, struct cx_error *err)
{
	const struct cx_item *item = &f->release->item;
	bool stage = f->ops->nl && !f->update->download_only;
	struct cx_intake none;
	int rc = cx_ingest_objects(f->ops, NULL, &f->seal, &none, err);

	if (rc)
		return cx_prefix(err, rc, "%s@%s: this was collected meanwhile, try again",
				 item->name, item->label);
	rc = cx_keep_seal(f->ops, &f->seal, stage ? cx_stage_seal : NULL, NULL,
			  err);
	if (rc < 0)
		return rc;
	cx_ingest_note(f->ops, &f->seal, &f->intake);
	if (stage)
		cx_ops_say(f->ops, "staged %s@%s: `cryptexctl activate %s@%s` puts it in force",
			   item->name, item->label, item->name, item->label);
	else
		cx_ops_say(f->ops, "%s@%s is in the store: `cryptexctl stage %s@%s` goes on",
			   item->name, item->label, item->name, item->label);
	return 0;
}

static void tell_progress(void *ctx, uint64_t done, uint64_t total)
{
	const struct fetch *f = ctx;

	if (f->update->progress)
		f->update->progress(f->update->ctx, &f->release->item, done,
				    total);
}

static int run(struct fetch *f, struct cx_error *err)
{
	int rc = get_seal(f, err);

	if (!rc)
		rc = find_missing(f, err);
	if (!rc)
		rc = check_space(f, err);
	if (!rc && f->count)
		rc = get_objects(f, err);
	if (!rc)
		rc = cx_lock_store(f->ops, err);
	if (rc)
		return rc;
	rc = keep(f, err);
	cx_unlock_store(f->ops);
	return rc;
}

int cx_fetch_release(struct cx_ops *ops, struct cx_source *source,
		     const struct cx_release *release,
		     const struct cx_update *update, struct cx_error *err)
{
	struct fetch f = { .ops = ops, .source = source, .release = release,
			   .update = update };
	int rc;

	source->fetcher.progress = tell_progress;
	source->fetcher.ctx = &f;
	rc = run(&f, err);
	source->fetcher.progress = NULL;
	if (!rc)
		cx_spool_drop_parts(source->fetcher.spool);
	cx_seal_free(&f.seal);
	free(f.missing);
	free(f.taken);
	return rc;
}
