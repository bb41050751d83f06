// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The boot step.  A machine must come up: whatever fails is told, and everything
 * else goes on.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/ops.h"
#include "lib/ops_attach.h"
#include "lib/ops_revoke.h"
#include "lib/ops_seal.h"
#include "lib/run.h"

struct boot {
	struct cx_ops *ops;
	struct cx_kernel_state kernel;
	struct cx_state state;
	bool *mounted;		/* for each entry of @state */
	struct cx_items revoked;	/* what may not be staged any more */
	bool changed;		/* @state, because something was revoked */
	bool failed;
};

static void failed(struct boot *boot, const char *what,
		   const struct cx_error *err)
{
	cx_ops_warn(boot->ops, "%s: %s", what, err->text);
	boot->failed = true;
}

static int add_key(struct boot *boot, const char *path,
		   const struct cx_buf *der, struct cx_error *err)
{
	int rc = cx_netlink_key_add(boot->ops->nl, der->data, der->size, err);

	if (rc != -EKEYREVOKED)
		return rc ? cx_prefix(err, rc, "%s", path) : 0;
	cx_ops_say(boot->ops, "%s is revoked: it is not trusted any more", path);
	return 0;
}

static void trust_one(void *ctx, const char *path)
{
	struct boot *boot = ctx;
	struct cx_buf der = { 0 };
	struct cx_error err;
	struct cx_trust *trust = &boot->ops->trust;
	int rc = cx_trust_add(trust, path, &err);

	if (!rc && !boot->kernel.locked)
		rc = cx_cert_der(trust->certs[trust->count - 1], &der, &err);
	if (!rc && !boot->kernel.locked)
		rc = add_key(boot, path, &der, &err);
	if (rc)
		failed(boot, "trust", &err);
	cx_buf_free(&der);
}

static void trust_all(struct boot *boot)
{
	struct cx_error err;

	if (boot->kernel.locked)
		cx_ops_say(boot->ops, "the module is locked: it gets no keys");
	if (cx_store_each_cert(&boot->ops->store, trust_one, boot, &err))
		failed(boot, "trust", &err);
}

/* In the order of their numbers, as the kernel takes no older one.  What is not
 * above the one in force was handed over before: this is not the first boot
 * step since the module came. */
static void revoke_all(struct boot *boot)
{
	uint64_t *numbers;
	struct cx_error err;
	size_t i, count;

	if (cx_store_lists(&boot->ops->store, &numbers, &count, &err))
		failed(boot, "revoke", &err);
	for (i = 0; i < count; i++)
		if (numbers[i] > boot->kernel.list_number &&
		    cx_hand_list(boot->ops, numbers[i], NULL, &err))
			failed(boot, "revoke", &err);
	free(numbers);
}

static void mount_one(struct boot *boot, size_t i)
{
	const struct cx_state_entry *entry = &boot->state.entries[i];
	struct cx_seal seal;
	struct cx_error err;
	struct cx_item item;
	int rc;

	memcpy(item.name, entry->name, sizeof(item.name));
	memcpy(item.label, entry->base, sizeof(item.label));
	rc = cx_store_load_seal(&boot->ops->store, &item, &boot->ops->trust,
				&seal, &err);
	if (!rc) {
		rc = cx_attach(boot->ops, &seal, entry, &err);
		cx_seal_free(&seal);
	}
	boot->mounted[i] = rc >= 0;
	if (rc < 0)
		failed(boot, "mount", &err);
	else if (rc)
		cx_ops_say(boot->ops, "mounted %s@%s at %s", entry->name,
			   entry->base, entry->mountpoint);
}

/* Stage a seal, unless it is a base or a patch for a base of another time. */
static void stage_one(struct boot *boot, const struct cx_item *item,
		      const struct cx_generation *base)
{
	struct cx_seal seal;
	struct cx_error err;
	bool fits;
	int rc = cx_store_load_seal(&boot->ops->store, item, &boot->ops->trust,
				    &seal, &err);

	if (!rc) {
		fits = !memcmp(seal.view.header->base_digest, base->digest,
			       sizeof(base->digest));
		cx_seal_free(&seal);
		if (!fits)
			return;
		rc = cx_stage_stored(boot->ops, item, &err);
	}
	/* Too old, or revoked: as it shall be. */
	if (rc == -EKEYREVOKED || rc == -ESTALE) {
		cx_ops_say(boot->ops, "left out: %s", err.text);
		rc = cx_items_add(&boot->revoked, item->name, item->label, &err);
	}
	if (rc)
		failed(boot, "stage", &err);
}

static void stage_all(struct boot *boot, const char *name)
{
	const struct cx_generation *base;
	struct cx_generations known = { 0 };
	struct cx_items items = { 0 };
	struct cx_error err;
	size_t i;
	int rc = cx_netlink_generations(boot->ops->nl, &known, &err);

	base = rc ? NULL : cx_generations_find(&known, name, NULL);
	if (!rc)
		rc = cx_store_seals(&boot->ops->store, name, &items, &err);
	if (rc)
		failed(boot, name, &err);
	for (i = 0; base && i < items.count; i++)
		if (strcmp(items.list[i].label, base->label))
			stage_one(boot, &items.list[i], base);
	cx_items_free(&items);
	cx_generations_free(&known);
}

static bool is_revoked(const struct boot *boot, const struct cx_state_entry *e)
{
	size_t i;

	for (i = 0; i < boot->revoked.count; i++)
		if (!strcmp(boot->revoked.list[i].name, e->name) &&
		    !strcmp(boot->revoked.list[i].label, e->active))
			return true;
	return false;
}

/* As the kernel chooses where an active generation is hit: the base, or else the
 * newest one that may be active.  It was not asked, as the lists came before
 * anything was mounted. */
static const struct cx_generation *
successor(const struct cx_generations *known, const char *name)
{
	const struct cx_generation *base = cx_generations_find(known, name, NULL);
	const struct cx_generation *found = base;
	size_t i;

	if (!base || cx_generation_ok(base))
		return base;
	for (i = 0; i < known->count; i++) {
		const struct cx_generation *g = &known->items[i];

		if (strcmp(g->name, name) || !cx_generation_ok(g))
			continue;
		if (found == base || g->build_time >= found->build_time)
			found = g;
	}
	return found;
}

/* What was active cannot be so any more; this is remembered from now on. */
static int replace_revoked(struct boot *boot, struct cx_state_entry *e,
			   const struct cx_generations *known,
			   struct cx_items *items, struct cx_error *err)
{
	const struct cx_generation *g = successor(known, e->name);

	if (g && strcmp(e->active, g->label)) {
		cx_ops_say(boot->ops, "%s: %s was active and is revoked: %s takes over",
			   e->name, e->active, g->label);
		memcpy(e->active, g->label, sizeof(e->active));
		boot->changed = true;
	}
	return g && !g->active ? cx_items_add(items, e->name, e->active, err)
			       : 0;
}

/* Collect what was active and is staged again. */
static int collect(struct boot *boot, const struct cx_generations *known,
		   struct cx_items *items, struct cx_error *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < boot->state.count && !rc; i++) {
		struct cx_state_entry *e = &boot->state.entries[i];
		const struct cx_generation *g =
			cx_generations_find(known, e->name, e->active);

		if (!boot->mounted[i])
			continue;
		if (is_revoked(boot, e) || (g && !cx_generation_ok(g))) {
			rc = replace_revoked(boot, e, known, items, err);
			continue;
		}
		if (g) {
			rc = cx_items_add(items, e->name, e->active, err);
			continue;
		}
		cx_ops_warn(boot->ops, "%s: %s was active and is not to be had: %s, the base, is in force",
			    e->name, e->active, e->base);
		boot->failed = true;
	}
	return rc;
}

/* Switch what belongs together in one epoch, and say so. */
static int switch_to(struct boot *boot, const struct cx_item *items,
		     size_t count, struct cx_error *err)
{
	int rc = cx_netlink_activate(boot->ops->nl, items, count, NULL, err);
	size_t i;

	for (i = 0; i < count && !rc; i++)
		cx_ops_say(boot->ops, "%s: %s is active", items[i].name,
			   items[i].label);
	return rc;
}

/* One epoch for all; if the kernel refuses that, one for each that it takes. */
static void switch_all(struct boot *boot, const struct cx_items *items)
{
	struct cx_error err;
	size_t i;

	if (!items->count || !switch_to(boot, items->list, items->count, &err))
		return;
	for (i = 0; i < items->count; i++) {
		const struct cx_item *item = &items->list[i];

		if (!switch_to(boot, item, 1, &err))
			continue;
		failed(boot, item->name, &err);
		cx_ops_warn(boot->ops, "%s: %s cannot be activated: the base is in force",
			    item->name, item->label);
	}
}

static void activate_all(struct boot *boot)
{
	struct cx_generations known = { 0 };
	struct cx_items items = { 0 };
	struct cx_error err;
	int rc = cx_netlink_generations(boot->ops->nl, &known, &err);

	if (!rc)
		rc = collect(boot, &known, &items, &err);
	if (rc)
		failed(boot, "activate", &err);
	else
		switch_all(boot, &items);
	cx_items_free(&items);
	cx_generations_free(&known);
}

static void save(struct boot *boot)
{
	struct cx_error err;

	if (cx_state_save(boot->ops->store.path, &boot->state, &err))
		failed(boot, "save", &err);
}

static int run(struct boot *boot, struct cx_error *err)
{
	struct cx_ops *ops = boot->ops;
	size_t i;
	int rc = cx_store_empty_tmp(&ops->store, err);

	if (rc)
		failed(boot, ops->store.path, err);
	rc = cx_netlink_state(ops->nl, &boot->kernel, err);
	if (rc)
		return rc;
	trust_all(boot);
	revoke_all(boot);
	rc = cx_state_load(ops->store.path, &boot->state, err);
	if (rc)
		return rc;
	boot->mounted = calloc(boot->state.count + 1, sizeof(bool));
	if (!boot->mounted)
		return cx_fail(err, -ENOMEM, "out of memory");
	for (i = 0; i < boot->state.count; i++)
		mount_one(boot, i);
	for (i = 0; i < boot->state.count; i++)
		if (boot->mounted[i])
			stage_all(boot, boot->state.entries[i].name);
	activate_all(boot);
	if (boot->changed)
		save(boot);
	return 0;
}

static int open_kernel(struct cx_ops *ops, struct cx_error *err)
{
	static const char *const argv[] = { "modprobe", "cryptex", NULL };
	int rc = cx_netlink_open(&ops->nl, err);

	if (rc != -ENODEV)
		return rc;
	rc = cx_run(argv, err);
	if (rc)
		return cx_prefix(err, rc, "the cryptex module cannot be loaded");
	return cx_netlink_open(&ops->nl, err);
}

int cx_op_boot(struct cx_ops *ops, const char *store, struct cx_error *err)
{
	struct boot boot = { .ops = ops };
	int rc = cx_op_mount_loop(store, err);

	if (rc < 0)
		return rc;
	if (access(store, F_OK) && errno == ENOENT) {
		cx_ops_say(ops, "there is no store at %s: nothing to do", store);
		return 0;
	}
	rc = cx_ops_open(ops, store, CX_OPS_STORE | CX_OPS_LOCK, err);
	if (rc)
		return rc;
	rc = open_kernel(ops, err);
	if (!rc)
		rc = run(&boot, err);
	if (!rc && boot.failed)
		rc = cx_fail(err, -EIO,
			     "not everything came back; the lines above say what and why");
	free(boot.mounted);
	cx_items_free(&boot.revoked);
	cx_state_free(&boot.state);
	cx_ops_close(ops);
	return rc;
}
