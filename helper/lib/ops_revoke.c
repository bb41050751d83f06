// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Revocation.  A list is in the store before the kernel gets it, so one that
 * was ever in force comes back with each boot.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/listfile.h"
#include "lib/ops.h"
#include "lib/ops_revoke.h"

int cx_hand_list(const struct cx_ops *ops, uint64_t number, uint64_t *epoch,
		 struct cx_error *err)
{
	char *path = cx_store_list_path(&ops->store, number);
	int fd, rc;

	if (!path)
		return cx_fail(err, -ENOMEM, "out of memory");
	fd = cx_open_read(path, NULL, err);
	free(path);
	if (fd < 0)
		return fd;
	rc = cx_netlink_revoke(ops->nl, fd, epoch, err);
	close(fd);
	return rc ? cx_prefix(err, rc, "list %" PRIu64, number) : 0;
}

/* The kernel judges; without it an old list must not get in all the same. */
static int check_number(struct cx_ops *ops, const struct cx_list *list,
			struct cx_error *err)
{
	uint64_t *numbers, newest = 0;
	size_t count;
	int rc = cx_store_lists(&ops->store, &numbers, &count, err);

	if (rc)
		return rc;
	if (count)
		newest = numbers[count - 1];
	free(numbers);
	if (cx_list_number(list) >= newest)
		return 0;
	return cx_fail(err, -ESTALE,
		       "list %" PRIu64 " is older than list %" PRIu64 ", which is in force: nothing has changed",
		       cx_list_number(list), newest);
}

/* What a newer list contains is not needed any more. */
static void drop_contained(struct cx_ops *ops, const struct cx_list *list)
{
	uint64_t *numbers;
	struct cx_error err;
	struct cx_list old;
	size_t i, count;

	if (cx_store_lists(&ops->store, &numbers, &count, &err)) {
		cx_ops_warn(ops, "%s", err.text);
		return;
	}
	for (i = 0; i < count; i++) {
		char *path = cx_store_list_path(&ops->store, numbers[i]);

		if (path && numbers[i] < cx_list_number(list) &&
		    !cx_list_load(path, NULL, &old, &err)) {
			if (cryptex_revocation_contains(&list->view, &old.view) &&
			    cx_store_remove_list(&ops->store, numbers[i], &err))
				cx_ops_warn(ops, "%s", err.text);
			cx_list_free(&old);
		}
		free(path);
	}
	free(numbers);
}

/* Return: how many were hit. */
static size_t tell_hits(struct cx_ops *ops, const struct cx_generations *before,
			const struct cx_generations *after)
{
	size_t i, hits = 0;

	for (i = 0; i < after->count; i++) {
		const struct cx_generation *g = &after->items[i];
		const struct cx_generation *was =
			cx_generations_find(before, g->name, g->label);

		if (!g->revoked || (was && was->revoked))
			continue;
		cx_ops_say(ops, "%s@%s is revoked", g->name, g->label);
		hits++;
	}
	return hits;
}

/* Write into the state what takes the place of something revoked, also where an
 * earlier try could not save it; return whether the state changed. */
static bool follow(struct cx_ops *ops, const struct cx_generations *before,
		   const struct cx_generations *after, struct cx_state *state,
		   uint64_t epoch)
{
	bool changed = false;
	size_t i;

	for (i = 0; i < after->count; i++) {
		const struct cx_generation *g = &after->items[i];
		const struct cx_generation *was =
			cx_generations_active(before, g->name);
		struct cx_state_entry *e = cx_state_find(state, g->name);
		const struct cx_generation *wish;

		if (!g->active)
			continue;
		if (was && strcmp(g->label, was->label))
			cx_ops_say(ops, "%s: %s is active now, was %s (epoch %" PRIu64 "); `cryptexctl ps` lists who still runs that",
				   g->name, g->label, was->label, epoch);
		wish = e ? cx_generations_find(after, g->name, e->active) : NULL;
		if (!wish || wish == g || cx_generation_ok(wish))
			continue;
		memcpy(e->active, g->label, sizeof(e->active));
		changed = true;
	}
	return changed;
}

/* The kernel has decided; a state that cannot be saved is decided again at the
 * next boot. */
static void save(struct cx_ops *ops, const struct cx_state *state)
{
	struct cx_error err;

	if (cx_state_save(ops->store.path, state, &err))
		cx_ops_warn(ops, "%s: this could not be saved, and will be decided again at the next boot",
			    err.text);
}

/* What fails here is told, and changes nothing that is in force. */
static void save_hits(struct cx_ops *ops, const struct cx_generations *before,
		      const struct cx_generations *after, uint64_t epoch)
{
	struct cx_state state = { 0 };
	struct cx_error err;

	if (cx_state_load(ops->store.path, &state, &err))
		cx_ops_warn(ops, "%s: this could not be saved, and will be decided again at the next boot",
			    err.text);
	if (follow(ops, before, after, &state, epoch))
		save(ops, &state);
	cx_state_free(&state);
}

static void settle(struct cx_ops *ops, const struct cx_generations *before,
		   uint64_t epoch)
{
	struct cx_generations after = { 0 };
	struct cx_error err;

	if (cx_netlink_generations(ops->nl, &after, &err)) {
		cx_ops_warn(ops, "what the list hits is not known, and could not be saved: %s",
			    err.text);
		return;
	}
	if (!tell_hits(ops, before, &after))
		cx_ops_say(ops, "no seal that is staged is revoked by it");
	save_hits(ops, before, &after, epoch);
	cx_generations_free(&after);
}

int cx_follow_lists(struct cx_ops *ops, struct cx_error *err)
{
	struct cx_generations known = { 0 };
	int rc;

	if (!ops->nl)
		return 0;
	rc = cx_netlink_generations(ops->nl, &known, err);
	if (!rc)
		save_hits(ops, &known, &known, 0);
	cx_generations_free(&known);
	return rc;
}

/* Is it so all the same, and only the answer was lost? */
static bool is_in_force(struct cx_ops *ops, uint64_t number, uint64_t *epoch)
{
	struct cx_kernel_state kernel;

	if (cx_netlink_reopen(&ops->nl, NULL) ||
	    cx_netlink_state(ops->nl, &kernel, NULL) ||
	    kernel.list_number != number)
		return false;
	*epoch = kernel.epoch;
	return true;
}

static int put_in_force(struct cx_ops *ops, const struct cx_list *list,
			struct cx_error *err)
{
	uint64_t number = cx_list_number(list), epoch = 0;
	struct cx_generations before = { 0 };
	int rc = cx_netlink_generations(ops->nl, &before, err);

	if (!rc) {
		rc = cx_hand_list(ops, number, &epoch, err);
		if (rc && is_in_force(ops, number, &epoch))
			rc = 0;
	}
	if (!rc) {
		cx_ops_say(ops, "list %" PRIu64 " is in force", number);
		settle(ops, &before, epoch);
		drop_contained(ops, list);
	}
	cx_generations_free(&before);
	return rc;
}

static int take(struct cx_ops *ops, const struct cx_list *list,
		struct cx_error *err)
{
	int added, rc = check_number(ops, list, err);
	struct cx_error second;

	if (rc)
		return rc;
	added = cx_store_put_list(&ops->store, list, err);
	if (added < 0)
		return added;
	if (ops->nl)
		rc = put_in_force(ops, list, err);
	else
		cx_ops_warn(ops, "the cryptex module is not loaded: it gets the list with `cryptexctl boot`");
	if (rc && added &&
	    cx_store_remove_list(&ops->store, cx_list_number(list), &second))
		cx_ops_warn(ops, "%s", second.text);
	return rc;
}

int cx_op_revoke(struct cx_ops *ops, const char *path, struct cx_error *err)
{
	struct cx_list list;
	int rc = cx_list_load(path, &ops->trust, &list, err);

	if (rc)
		return rc;
	rc = take(ops, &list, err);
	cx_list_free(&list);
	return rc;
}

int cx_revoke_bytes(struct cx_ops *ops, struct cx_buf buf, const char *name,
		    struct cx_error *err)
{
	struct cx_list list;
	int rc = cx_list_from_bytes(buf, name, &ops->trust, &list, err);

	if (rc)
		return rc;
	rc = take(ops, &list, err);
	cx_list_free(&list);
	return rc;
}
