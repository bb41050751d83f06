// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Collecting objects.  What any seal in the store names is needed: the base to
 * return to, what is active, what is staged, what a boot will stage.  Where it is
 * not certain which seals there should be, nothing is collected.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ops.h"
#include "lib/ops_seal.h"

/* A collection under way. */
struct gc {
	struct cx_ops *ops;
	struct cx_items seals;
	struct cx_objects needed;
	size_t removed;
	uint64_t bytes;
};

static int check_has(const struct gc *gc, const char *name, const char *label,
		     const char *who, struct cx_error *err)
{
	size_t i;

	for (i = 0; i < gc->seals.count; i++)
		if (!strcmp(gc->seals.list[i].name, name) &&
		    !strcmp(gc->seals.list[i].label, label))
			return 0;
	return cx_fail(err, -ENOENT,
		       "%s %s@%s, whose seal is not in the store, so what it needs is not known: mount or stage its container again",
		       who, name, label);
}

static int check_kernel(const struct gc *gc, struct cx_error *err)
{
	struct cx_generations known = { 0 };
	size_t i;
	int rc;

	if (!gc->ops->nl)
		return 0;
	rc = cx_netlink_generations(gc->ops->nl, &known, err);
	for (i = 0; i < known.count && !rc; i++)
		rc = check_has(gc, known.items[i].name, known.items[i].label,
			       "the kernel has", err);
	cx_generations_free(&known);
	return rc;
}

static int check_state(const struct gc *gc, struct cx_error *err)
{
	struct cx_state state;
	size_t i;
	int rc = cx_state_load(gc->ops->store.path, &state, err);

	if (rc)
		return rc;
	for (i = 0; i < state.count && !rc; i++) {
		const struct cx_state_entry *e = &state.entries[i];

		rc = check_has(gc, e->name, e->base, "a boot mounts", err);
		if (!rc)
			rc = check_has(gc, e->name, e->active,
				       "a boot activates", err);
	}
	cx_state_free(&state);
	return rc;
}

/* Who has signed a seal does not matter here: one more only keeps more. */
static int gather(struct gc *gc, struct cx_error *err)
{
	struct cx_seal seal;
	size_t i;
	int rc = 0;

	for (i = 0; i < gc->seals.count && !rc; i++) {
		const struct cx_item *item = &gc->seals.list[i];

		rc = cx_store_load_seal(&gc->ops->store, item, NULL, &seal, err);
		if (rc)
			return cx_prefix(err, rc,
					 "what %s@%s needs is not known: mount or stage its container again, or retire it",
					 item->name, item->label);
		rc = cx_objects_add(&gc->needed, &seal, err);
		cx_seal_free(&seal);
	}
	cx_objects_sort(&gc->needed);
	return rc;
}

static int collect(void *ctx, const struct cx_object *object,
		   struct cx_error *err)
{
	struct gc *gc = ctx;
	int rc;

	if (cx_object_find(gc->needed.list, gc->needed.count, object->digest))
		return 0;
	rc = cx_store_remove_object(&gc->ops->store, object->digest, err);
	if (rc)
		return rc;
	gc->removed++;
	gc->bytes += object->size;
	return 0;
}

static int run(struct gc *gc, struct cx_error *err)
{
	int rc = cx_store_seals(&gc->ops->store, NULL, &gc->seals, err);

	if (!rc)
		rc = check_kernel(gc, err);
	if (!rc)
		rc = check_state(gc, err);
	if (!rc)
		rc = gather(gc, err);
	if (!rc)
		rc = cx_store_each_object(&gc->ops->store, collect, gc, err);
	return rc;
}

int cx_op_gc(struct cx_ops *ops, struct cx_error *err)
{
	struct gc gc = { .ops = ops };
	int rc = run(&gc, err);

	if (gc.removed)
		cx_ops_say(ops, "removed %zu object%s that no generation needs, %llu bytes",
			   gc.removed, gc.removed == 1 ? "" : "s",
			   (unsigned long long)gc.bytes);
	else if (!rc)
		cx_ops_say(ops, "every object is needed: nothing to remove");
	free(gc.needed.list);
	cx_items_free(&gc.seals);
	return rc;
}
