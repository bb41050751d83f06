// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the kernel knows and what the store holds, as one list. */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/ops.h"

static struct cx_listed *find_or_add(struct cx_listing *listing,
				     const char *name, const char *label)
{
	struct cx_listed *list;
	size_t i;

	for (i = 0; i < listing->count; i++)
		if (!strcmp(listing->list[i].item.name, name) &&
		    !strcmp(listing->list[i].item.label, label))
			return &listing->list[i];
	list = reallocarray(listing->list, listing->count + 1, sizeof(*list));
	if (!list)
		return NULL;
	listing->list = list;
	list += listing->count++;
	memset(list, 0, sizeof(*list));
	snprintf(list->item.name, sizeof(list->item.name), "%s", name);
	snprintf(list->item.label, sizeof(list->item.label), "%s", label);
	return list;
}

static int add_kernel(struct cx_listing *listing, const struct cx_generation *g,
		      struct cx_error *err)
{
	struct cx_listed *l = find_or_add(listing, g->name, g->label);

	if (!l)
		return cx_fail(err, -ENOMEM, "out of memory");
	l->staged = true;
	l->base = g->base;
	l->active = g->active;
	l->revoked = g->revoked;
	l->security_epoch = g->security_epoch;
	l->entries = g->entries;
	l->users = g->users;
	l->build_time = g->build_time;
	l->bytes = g->sealed_bytes;
	memcpy(l->digest, g->digest, sizeof(l->digest));
	return 0;
}

static uint64_t content_bytes(const struct cryptex_seal *view)
{
	uint64_t bytes = 0;
	uint32_t i;

	for (i = 0; i < view->entry_count; i++)
		if (S_ISREG(le16toh(view->entries[i].mode)))
			bytes += le64toh(view->entries[i].size);
	return bytes;
}

static int add_seal(struct cx_listing *listing, const struct cx_seal *seal,
		    struct cx_error *err)
{
	const struct cryptex_seal_header *h = seal->view.header;
	struct cx_listed *l = find_or_add(listing, cx_seal_name(seal),
					  cx_seal_label(seal));

	if (!l)
		return cx_fail(err, -ENOMEM, "out of memory");
	l->stored = true;
	if (l->staged)
		return 0;
	l->base = cryptex_seal_is_base(&seal->view);
	l->security_epoch = le32toh(h->security_epoch);
	l->entries = seal->view.entry_count;
	l->build_time = le64toh(h->build_time);
	l->bytes = content_bytes(&seal->view);
	memcpy(l->digest, seal->digest, sizeof(l->digest));
	return 0;
}

static int list_kernel(struct cx_ops *ops, const char *name,
		       struct cx_listing *listing, struct cx_error *err)
{
	struct cx_generations known = { 0 };
	size_t i;
	int rc = cx_netlink_generations(ops->nl, &known, err);

	for (i = 0; i < known.count && !rc; i++)
		if (!name || !strcmp(name, known.items[i].name))
			rc = add_kernel(listing, &known.items[i], err);
	cx_generations_free(&known);
	return rc;
}

static int list_store(struct cx_ops *ops, const char *name,
		      struct cx_listing *listing, struct cx_error *err)
{
	struct cx_items items = { 0 };
	struct cx_seal seal;
	size_t i;
	int rc = cx_store_seals(&ops->store, name, &items, err);

	for (i = 0; i < items.count && !rc; i++) {
		if (cx_store_load_seal(&ops->store, &items.list[i],
				       &ops->trust, &seal, err)) {
			cx_ops_warn(ops, "%s", err->text);
			continue;
		}
		rc = add_seal(listing, &seal, err);
		cx_seal_free(&seal);
	}
	cx_items_free(&items);
	return rc;
}

static int compare(const void *a, const void *b)
{
	const struct cx_listed *x = a, *y = b;
	int diff = strcmp(x->item.name, y->item.name);

	if (!diff && x->base != y->base)
		return y->base - x->base;
	return diff ? diff : strverscmp(x->item.label, y->item.label);
}

int cx_op_list(struct cx_ops *ops, const char *name, struct cx_listing *listing,
	       struct cx_error *err)
{
	int rc = 0;

	*listing = (struct cx_listing){ 0 };
	if (ops->nl)
		rc = list_kernel(ops, name, listing, err);
	if (!rc && ops->store.fd >= 0)
		rc = list_store(ops, name, listing, err);
	if (rc) {
		free(listing->list);
		*listing = (struct cx_listing){ 0 };
	} else if (listing->count) {
		qsort(listing->list, listing->count, sizeof(*listing->list),
		      compare);
	}
	return rc;
}
