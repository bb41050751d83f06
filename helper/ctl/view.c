// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ctl/view.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/container.h"

/* The bytes of a seal, as yet unverified. */
struct source {
	const char *name;
	struct cx_buf own;		/* to be freed */
	struct cx_container *container;	/* to be closed */
	const struct cx_buf *bytes;
	bool is_signed;
	bool is_stored;
	struct cx_item item;		/* if it is */
};

static int open_stored(const struct cx_ops *ops, const struct cx_item *item,
		       struct source *source, struct cx_error *err)
{
	char *path;
	int rc;

	if (ops->store.fd < 0)
		return cx_fail(err, -ENOENT,
			       "%s: neither a file, nor is there a store that you may read",
			       source->name);
	path = cx_store_seal_path(&ops->store, item);
	rc = path ? cx_read_file(path, CRYPTEX_SEAL_MAX_SIZE, &source->own, err) :
		    cx_fail(err, -ENOMEM, "out of memory");
	free(path);
	source->bytes = &source->own;
	return rc;
}

static bool is_seal_file(const char *path)
{
	char magic[CRYPTEX_SEAL_MAGIC_SIZE];
	int fd = cx_open_read(path, NULL, NULL);
	bool is = fd >= 0 && read(fd, magic, sizeof(magic)) == sizeof(magic) &&
		  !memcmp(magic, CRYPTEX_SEAL_MAGIC, sizeof(magic));

	if (fd >= 0)
		close(fd);
	return is;
}

static int open_source(const struct cx_ops *ops, struct source *source,
		       struct cx_error *err)
{
	const char *what = source->name;
	int rc;

	source->is_signed = true;
	source->is_stored = !strchr(what, '/') && access(what, F_OK) &&
			    !cx_item_parse(what, &source->item, NULL);
	if (source->is_stored)
		return open_stored(ops, &source->item, source, err);
	if (is_seal_file(what)) {
		source->bytes = &source->own;
		return cx_read_file(what, CRYPTEX_SEAL_MAX_SIZE, &source->own, err);
	}
	rc = cx_container_open(what, &source->container, err);
	if (rc)
		return rc;
	source->bytes = cx_container_seal(source->container);
	source->is_signed = cx_container_is_signed(source->container);
	return 0;
}

static const char *subject_of(const struct cx_trust *trust, const char *key_id)
{
	size_t i;

	for (i = 0; i < trust->count; i++) {
		const char *id = cx_cert_key_id(trust->certs[i]);

		if (id && !strcmp(id, key_id))
			return cx_cert_subject(trust->certs[i]);
	}
	return "a trusted key";
}

static void find_signer(struct ctl_view *view)
{
	const struct cryptex_seal *seal = &view->seal.view;

	if (cx_cms_signer(seal->signature, seal->signature_size, view->key_id,
			  sizeof(view->key_id), NULL))
		snprintf(view->key_id, sizeof(view->key_id), "?");
}

/* Load with the signature checked.  Where the key is only unknown, show the
 * seal all the same and say so; a changed one is not looked into. */
static int judge(const struct cx_ops *ops, const struct source *source,
		 struct ctl_view *view, struct cx_error *err)
{
	bool check = source->is_signed && ops->trust.count;
	int rc = check ? cx_seal_from_bytes(source->bytes->data,
					    source->bytes->size, true,
					    source->name, &ops->trust,
					    &view->seal, err) : -ENOKEY;

	if (rc && rc != -ENOKEY)
		return rc;
	view->verified = !rc;
	if (rc)
		rc = cx_seal_from_bytes(source->bytes->data,
					source->bytes->size, source->is_signed,
					source->name, NULL, &view->seal, err);
	if (rc)
		return rc;
	if (source->is_signed)
		find_signer(view);
	if (view->verified)
		snprintf(view->verdict, sizeof(view->verdict),
			 "verified, signed by %s",
			 subject_of(&ops->trust, view->key_id));
	else if (!source->is_signed)
		snprintf(view->verdict, sizeof(view->verdict), "NOT SIGNED");
	else
		snprintf(view->verdict, sizeof(view->verdict),
			 "NOT VERIFIED: signed by no trusted key");
	return 0;
}

static void count(struct ctl_view *view)
{
	const struct cryptex_seal *seal = &view->seal.view;
	uint32_t i;

	for (i = 1; i < seal->entry_count; i++) {
		const struct cryptex_seal_entry *e = &seal->entries[i];

		if (S_ISDIR(le16toh(e->mode))) {
			view->folders++;
		} else if (S_ISLNK(le16toh(e->mode))) {
			view->links++;
		} else {
			view->files++;
			view->bytes += le64toh(e->size);
		}
	}
}

/* What a container holds, by its members' names and the seal. */
static int weigh(struct cx_container *container, const char *name,
		 struct ctl_view *view, struct cx_error *err)
{
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	const struct cx_object *object;
	struct cx_object *objects;
	size_t count;
	int rc = cx_seal_objects(&view->seal.view, &objects, &count, err);

	if (rc)
		return rc;
	view->cost.fetched_bytes = cx_container_size(container);
	while ((rc = cx_container_next(container, digest, err)) > 0) {
		object = cx_object_find(objects, count, digest);
		if (!object) {
			rc = cx_fail(err, -EBADMSG,
				     "%s: holds an object that its seal does not name: it is damaged",
				     name);
			break;
		}
		view->cost.objects++;
		view->cost.deltas += cx_container_old(container) != NULL;
		view->cost.full_bytes += object->size;
	}
	view->has_cost = !rc;
	free(objects);
	return rc;
}

static int find_cost(const struct cx_ops *ops, const struct source *source,
		     struct ctl_view *view, struct cx_error *err)
{
	if (source->container)
		return weigh(source->container, source->name, view, err);
	view->has_cost = source->is_stored &&
			 !cx_receipt_load(&ops->store, &source->item,
					  &view->cost, NULL);
	return 0;
}

int ctl_view_load(const struct cx_ops *ops, const char *what,
		  struct ctl_view *view, struct cx_error *err)
{
	struct source source = { .name = what };
	int rc = open_source(ops, &source, err);

	*view = (struct ctl_view){ 0 };
	if (!rc)
		rc = judge(ops, &source, view, err);
	if (!rc)
		rc = cx_fixes_parse(&view->fixes, view->seal.view.fixes,
				    view->seal.view.fixes_size, err);
	if (!rc)
		rc = find_cost(ops, &source, view, err);
	if (!rc)
		count(view);
	else
		ctl_view_free(view);
	cx_container_close(source.container);
	cx_buf_free(&source.own);
	return rc;
}

void ctl_view_free(struct ctl_view *view)
{
	cx_fixes_free(&view->fixes);
	cx_seal_free(&view->seal);
}
