// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/ops_seal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int cx_trusted_seal(const struct cx_ops *ops, const struct cx_buf *bytes,
		    bool is_signed, const char *name, struct cx_seal *seal,
		    struct cx_error *err)
{
	if (!ops->trust.count)
		return cx_fail(err, -ENOKEY,
			       "%s: no certificate is trusted yet: `cryptexctl trust CERTIFICATE`",
			       name);
	return cx_seal_from_bytes(bytes->data, bytes->size, is_signed, name,
				  &ops->trust, seal, err);
}

/* Of all seals of a cryptex, the one base.  A seal that does not load does not
 * count; if it was the only one, its error says why. */
static int only_base(const struct cx_ops *ops, const struct cx_items *items,
		     struct cx_item *found, struct cx_error *err)
{
	struct cx_seal seal;
	size_t i;
	int rc = -ENOENT;

	found->label[0] = '\0';
	for (i = 0; i < items->count; i++) {
		bool base;
		int failed = cx_store_load_seal(&ops->store, &items->list[i],
						&ops->trust, &seal, err);

		if (failed) {
			rc = failed;
			continue;
		}
		base = cryptex_seal_is_base(&seal.view);
		cx_seal_free(&seal);
		if (!base)
			continue;
		if (found->label[0])
			return cx_fail(err, -EINVAL,
				       "the store has several bases of %s: name one, as %s@%s",
				       found->name, found->name, found->label);
		*found = items->list[i];
	}
	if (found->label[0])
		return 0;
	return rc == -ENOENT ?
	       cx_fail(err, rc,
		       "the store has no base of %s: `cryptexctl mount FILE.cryptex`",
		       found->name) : rc;
}

int cx_find_base(const struct cx_ops *ops, const char *name,
		 const struct cx_state *state, struct cx_seal *seal,
		 struct cx_error *err)
{
	const struct cx_state_entry *entry = cx_state_find(state, name);
	struct cx_items items;
	struct cx_item item;
	int rc = 0;

	if (!cryptex_name_ok(name))
		return cx_fail(err, -EINVAL,
			       "%s: neither a file nor the name of a cryptex",
			       name);
	snprintf(item.name, sizeof(item.name), "%s", name);
	if (entry) {
		memcpy(item.label, entry->base, sizeof(item.label));
	} else {
		rc = cx_store_seals(&ops->store, name, &items, err);
		if (!rc) {
			rc = only_base(ops, &items, &item, err);
			cx_items_free(&items);
		}
	}
	return rc ? rc : cx_store_load_seal(&ops->store, &item, &ops->trust,
					    seal, err);
}

int cx_stage_stored(const struct cx_ops *ops, const struct cx_item *item,
		    struct cx_error *err)
{
	char *path = cx_store_seal_path(&ops->store, item);
	int rc, fd;

	if (!path)
		return cx_fail(err, -ENOMEM, "out of memory");
	fd = cx_open_read(path, NULL, err);
	free(path);
	if (fd < 0)
		return fd;
	rc = cx_netlink_stage(ops->nl, fd, err);
	close(fd);
	if (rc == -EKEYREVOKED) {
		struct cx_error why = *err;

		cx_fail(err, rc, "%s: wait for a release that its publisher has signed anew",
			why.text);
	}
	return rc ? cx_prefix(err, rc, "%s@%s", item->name, item->label) : 0;
}

int cx_stage_seal(struct cx_ops *ops, const struct cx_seal *seal,
		  const void *ctx, struct cx_error *err)
{
	struct cx_item item = cx_seal_item(seal);

	(void)ctx;
	return cx_stage_stored(ops, &item, err);
}

/* An answer may be lost, and what it would have said be true: only the kernel tells
 * whether it has a generation, to a socket in which no older answer waits.  If it
 * cannot be asked, it may. */
static bool kernel_may_have(struct cx_ops *ops, const struct cx_seal *seal)
{
	const struct cx_generation *generation;
	struct cx_generations known = { 0 };
	bool may;

	if (!ops->nl)
		return false;
	if (cx_netlink_reopen(&ops->nl, NULL) ||
	    cx_netlink_generations(ops->nl, &known, NULL))
		return true;
	generation = cx_generations_find(&known, cx_seal_name(seal), cx_seal_label(seal));
	may = generation && !memcmp(generation->digest, seal->digest, sizeof(seal->digest));
	cx_generations_free(&known);
	return may;
}

int cx_keep_seal(struct cx_ops *ops, const struct cx_seal *seal,
		 cx_seal_use use, const void *ctx, struct cx_error *err)
{
	int rc, added = cx_store_put_seal(&ops->store, seal, &ops->trust, err);
	struct cx_item item = cx_seal_item(seal);
	struct cx_error second;

	if (added < 0)
		return added;
	rc = use ? use(ops, seal, ctx, err) : 0;
	if (rc && added && !kernel_may_have(ops, seal) &&
	    cx_store_remove_seal(&ops->store, &item, &second))
		cx_ops_warn(ops, "%s", second.text);
	return rc ? rc : added;
}

int cx_objects_add(struct cx_objects *objects, const struct cx_seal *seal,
		   struct cx_error *err)
{
	struct cx_object *own, *grown;
	size_t count;
	int rc = cx_seal_objects(&seal->view, &own, &count, err);

	if (rc)
		return rc;
	grown = reallocarray(objects->list, objects->count + count + 1,
			     sizeof(*own));
	if (grown) {
		objects->list = grown;
		memcpy(grown + objects->count, own, count * sizeof(*own));
		objects->count += count;
	} else {
		rc = cx_fail(err, -ENOMEM, "out of memory");
	}
	free(own);
	return rc;
}

static int compare(const void *a, const void *b)
{
	return memcmp(((const struct cx_object *)a)->digest,
		      ((const struct cx_object *)b)->digest,
		      CRYPTEX_DIGEST_SIZE);
}

void cx_objects_sort(struct cx_objects *objects)
{
	struct cx_object *list = objects->list;
	size_t i, kept = 0;

	if (!objects->count)
		return;
	qsort(list, objects->count, sizeof(*list), compare);
	for (i = 0; i < objects->count; i++)
		if (!kept || compare(&list[kept - 1], &list[i]))
			list[kept++] = list[i];
	objects->count = kept;
}
