// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Activation and rollback.  The order makes it safe: all that can run out of
 * space or memory comes first, then the kernel's switch, and then a rename.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ops.h"

static int check_items(const struct cx_item *items, size_t count,
		       const struct cx_generations *known,
		       struct cx_error *err)
{
	size_t i, k;

	for (i = 0; i < count; i++) {
		const char *name = items[i].name;

		for (k = 0; k < i; k++)
			if (!strcmp(name, items[k].name))
				return cx_fail(err, -EINVAL,
					       "%s is named twice: give one generation of each cryptex",
					       name);
		if (!cx_generations_find(known, name, NULL))
			return cx_fail(err, -ENOENT,
				       "no cryptex %s is mounted: `cryptexctl mount` its base",
				       name);
		if (!cx_generations_find(known, name, items[i].label))
			return cx_fail(err, -ENOENT,
				       "%s has no staged generation %s: `cryptexctl list` shows what there is",
				       name, items[i].label);
	}
	return 0;
}

/* Write the wish into the state; return whether it changed. */
static bool update_state(struct cx_ops *ops, struct cx_state *state,
			 const struct cx_item *items, size_t count)
{
	bool changed = false;
	size_t i;

	for (i = 0; i < count; i++) {
		struct cx_state_entry *e = cx_state_find(state, items[i].name);

		if (!e) {
			cx_ops_warn(ops, "%s was not mounted by cryptexctl: what is active will not survive a reboot",
				    items[i].name);
			continue;
		}
		if (!strcmp(e->active, items[i].label))
			continue;
		memcpy(e->active, items[i].label, sizeof(e->active));
		changed = true;
	}
	return changed;
}

/* What is active now for each of @items, to return to. */
static void remember(const struct cx_item *items, size_t count,
		     const struct cx_generations *known, struct cx_item *before)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const struct cx_generation *g =
			cx_generations_active(known, items[i].name);

		before[i] = items[i];
		if (g)
			memcpy(before[i].label, g->label, sizeof(g->label));
	}
}

/* A switch of several cryptexes at once. */
struct change {
	const struct cx_item *items;
	struct cx_item *before;	/* the way back */
	size_t count;
	uint64_t epoch;
	bool switched;
};

/* Is it done all the same, and only the answer was lost? */
static bool has_switched(struct cx_ops *ops, struct change *c)
{
	struct cx_generations known = { 0 };
	struct cx_kernel_state kernel;
	bool all = !cx_netlink_reopen(&ops->nl, NULL) &&
		   !cx_netlink_generations(ops->nl, &known, NULL) &&
		   !cx_netlink_state(ops->nl, &kernel, NULL);
	size_t i;

	for (i = 0; i < c->count && all; i++) {
		const struct cx_generation *g =
			cx_generations_find(&known, c->items[i].name,
					    c->items[i].label);

		all = g && g->active;
	}
	if (all)
		c->epoch = kernel.epoch;
	cx_generations_free(&known);
	return all;
}

static int switch_kernel(struct cx_ops *ops, struct change *c,
			 struct cx_error *err)
{
	int rc = cx_netlink_activate(ops->nl, c->items, c->count, &c->epoch,
				     err);

	c->switched = !rc || has_switched(ops, c);
	return c->switched ? 0 : rc;
}

/* Switch the kernel between the two halves of writing the state. */
static int switch_and_save(struct cx_ops *ops, struct change *c,
			   const struct cx_state *state, bool save,
			   struct cx_error *err)
{
	struct cx_output out;
	int rc = save ? cx_state_prepare(ops->store.path, state, &out, err) :
			cx_state_sync(ops->store.path, err);

	if (rc)
		return rc;
	rc = switch_kernel(ops, c, err);
	if (save && rc)
		cx_output_abort(&out);
	if (save && !rc)
		rc = cx_output_commit(&out, err);
	return rc;
}

static void tell(const struct cx_ops *ops, const struct change *c)
{
	size_t i;

	for (i = 0; i < c->count; i++) {
		const struct cx_item *now = &c->items[i], *was = &c->before[i];

		if (!strcmp(now->label, was->label))
			cx_ops_say(ops, "%s@%s is active already: nothing to do",
				   now->name, now->label);
		else
			cx_ops_say(ops, "%s: %s is active now, was %s (epoch %llu)",
				   now->name, now->label, was->label,
				   (unsigned long long)c->epoch);
	}
}

/* What cannot be saved shall not be in force, either. */
static int take_back(struct cx_ops *ops, const struct change *c, int failed,
		     struct cx_error *err)
{
	struct cx_error why;

	if (!cx_netlink_activate(ops->nl, c->before, c->count, NULL, &why))
		return cx_prefix(err, failed, "the switch was taken back");
	return cx_prefix(err, failed,
			 "the switch could not be saved, nor taken back (%s), and a reboot will undo it",
			 why.text);
}

/* The way back must be open also where the choice cannot be saved, because the
 * disk is full or the state is damaged; but that is no success. */
static int retreat(struct cx_ops *ops, struct change *c, int failed,
		   struct cx_error *err)
{
	struct cx_error second;

	if (!c->switched && switch_kernel(ops, c, &second)) {
		*err = second;
		return failed;
	}
	tell(ops, c);
	return cx_prefix(err, failed,
			 "done, but that could not be saved and a reboot will undo it");
}

static int activate(struct cx_ops *ops, const struct cx_item *items,
		    size_t count, const struct cx_generations *known,
		    bool must_save, struct cx_error *err)
{
	struct change c = { .items = items, .count = count };
	struct cx_state state = { 0 };
	bool save;
	int rc;

	c.before = calloc(count + 1, sizeof(*c.before));
	if (!c.before)
		return cx_fail(err, -ENOMEM, "out of memory");
	remember(items, count, known, c.before);
	rc = cx_state_load(ops->store.path, &state, err);
	if (!rc) {
		save = update_state(ops, &state, items, count);
		rc = switch_and_save(ops, &c, &state, save, err);
	}
	if (!rc)
		tell(ops, &c);
	else if (must_save && c.switched)
		rc = take_back(ops, &c, rc, err);
	else if (!must_save && (c.switched || rc != -EPERM))
		rc = retreat(ops, &c, rc, err);
	cx_state_free(&state);
	free(c.before);
	return rc;
}

int cx_op_activate(struct cx_ops *ops, const struct cx_item *items,
		   size_t count, struct cx_error *err)
{
	struct cx_generations known = { 0 };
	int rc = cx_netlink_generations(ops->nl, &known, err);

	if (!rc)
		rc = check_items(items, count, &known, err);
	if (!rc)
		rc = activate(ops, items, count, &known, true, err);
	cx_generations_free(&known);
	return rc;
}

static int bases_of(const struct cx_generations *known, char *const names[],
		    size_t count, struct cx_items *items, struct cx_error *err)
{
	const struct cx_generation *g;
	size_t i;
	int rc = 0;

	for (i = 0; i < count && !rc; i++) {
		g = cx_generations_find(known, names[i], NULL);
		if (!g)
			return cx_fail(err, -ENOENT,
				       "no cryptex %s is mounted: `cryptexctl status` shows which are",
				       names[i]);
		rc = cx_items_add(items, g->name, g->label, err);
	}
	for (i = 0; !count && i < known->count && !rc; i++)
		if (known->items[i].base)
			rc = cx_items_add(items, known->items[i].name,
					  known->items[i].label, err);
	return rc;
}

int cx_op_rollback(struct cx_ops *ops, char *const names[], size_t count,
		   struct cx_error *err)
{
	struct cx_generations known = { 0 };
	struct cx_items items = { 0 };
	int rc = cx_netlink_generations(ops->nl, &known, err);

	if (!rc)
		rc = bases_of(&known, names, count, &items, err);
	if (!rc && items.count)
		rc = check_items(items.list, items.count, &known, err);
	if (!rc && items.count)
		rc = activate(ops, items.list, items.count, &known, false,
			      err);
	else if (!rc)
		cx_ops_say(ops, "no cryptex is mounted: nothing to do");
	cx_items_free(&items);
	cx_generations_free(&known);
	return rc;
}
