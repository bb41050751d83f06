// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/ops_update.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ops_seal.h"
#include "lib/ops_update_fetch.h"
#include "lib/ops_update_local.h"

/* What is best for one cryptex, and from where. */
struct choice {
	const struct cx_listed *base;
	const struct cx_release *release;
	struct cx_source *source;
};

static struct choice choose(const struct cx_local *local,
			    const struct cx_sources *sources,
			    const struct cx_listed *base)
{
	struct choice choice = { .base = base };
	size_t i;

	for (i = 0; i < sources->count; i++) {
		struct cx_source *s = &sources->list[i];
		struct cx_machine machine = cx_local_machine(local, base,
							     &s->remote);
		const struct cx_release *best = s->usable ?
			cx_fit_best(s->known.releases, s->known.count,
				    base->item.name, &machine) : NULL;

		if (best && (!choice.release ||
			     cx_release_newer(best, choice.release))) {
			choice.release = best;
			choice.source = s;
		}
	}
	return choice;
}

/* What a machine has it keeps: an older one is no update. */
static bool is_news(const struct cx_local *local, const struct choice *choice)
{
	const struct cx_listed *newest = cx_local_newest(local, choice->base);
	struct cx_release have = cx_listed_release(newest);

	return choice->release &&
	       (newest == choice->base ||
		cx_release_newer(choice->release, &have));
}

static const char *plural(uint32_t count)
{
	return count == 1 ? "" : "es";
}

/* Say what is to be done, or that nothing is. */
static void tell(struct cx_ops *ops, const struct cx_local *local,
		 const struct choice *choice)
{
	const struct cx_listed *newest = cx_local_newest(local, choice->base);
	const struct cx_release *r = choice->release;
	const char *name = choice->base->item.name;

	if (is_news(local, choice))
		cx_ops_say(ops, "%s: %s is available from %s (severity %s, %u fix%s%s): `cryptexctl update %s` gets it",
			   name, r->item.label, choice->source->remote.name,
			   r->severity, r->fixes_count, plural(r->fixes_count),
			   r->urgent ? ", urgent" : "", name);
	else if (newest == choice->base)
		cx_ops_say(ops, "%s: nothing is available for its base %s", name,
			   newest->item.label);
	else if (newest->active)
		cx_ops_say(ops, "%s: %s is active, and nothing newer fits", name,
			   newest->item.label);
	else
		cx_ops_say(ops, "%s: %s is here already: `cryptexctl %s %s@%s` goes on",
			   name, newest->item.label,
			   newest->staged ? "activate" : "stage", name,
			   newest->item.label);
}

/* Where to begin with all that is mounted; NULL, which is said, if nothing is. */
static const struct cx_listed *first_base(struct cx_ops *ops,
					  const struct cx_local *local)
{
	const struct cx_listed *base = cx_local_base(local, NULL, NULL);

	if (!base)
		cx_ops_say(ops, "no cryptex is mounted, so there is nothing to update");
	return base;
}

static int tell_all(struct cx_ops *ops, const struct cx_sources *sources,
		    struct cx_error *err)
{
	const struct cx_listed *base;
	struct choice choice;
	struct cx_local local;
	int rc = cx_local_load(ops, &local, err);

	if (rc)
		return rc;
	for (base = first_base(ops, &local); base;
	     base = cx_local_base(&local, NULL, base)) {
		choice = choose(&local, sources, base);
		tell(ops, &local, &choice);
	}
	cx_local_free(&local);
	return 0;
}

/* @failed: what cx_sources_refresh() has returned, and filled @err with; @rc: what came
 * of the others, and @why.  The failure of some remotes counts after what could be
 * done was done. */
static int conclude(const struct cx_sources *sources, int failed, int rc,
		    const struct cx_error *why, struct cx_error *err)
{
	struct cx_error first;

	if (failed < 0)
		return failed;
	if (rc)
		*err = *why;
	if (rc || !failed)
		return rc;
	first = *err;
	return cx_fail(err, -EHOSTUNREACH, "%d of %zu remotes cannot be used: %s",
		       failed, sources->count, first.text);
}

int cx_op_check(struct cx_ops *ops, const char *prefix, struct cx_error *err)
{
	struct cx_error why = { "" };
	struct cx_sources sources;
	int failed, rc = cx_sources_load(ops, prefix, &sources, err);

	if (rc)
		return rc;
	failed = cx_sources_refresh(ops, &sources, err);
	if (failed >= 0)
		rc = tell_all(ops, &sources, &why);
	rc = conclude(&sources, failed, rc, &why, err);
	cx_sources_free(&sources);
	return rc;
}

/* Something that an earlier update has brought, and not handed to the kernel. */
static int stage_stored(struct cx_ops *ops, const struct cx_listed *l,
			struct cx_error *err)
{
	int rc = cx_lock_store(ops, err);

	if (rc)
		return rc;
	rc = cx_stage_stored(ops, &l->item, err);
	cx_unlock_store(ops);
	if (!rc)
		cx_ops_say(ops, "staged %s@%s, which was here already: `cryptexctl activate %s@%s` puts it in force",
			   l->item.name, l->item.label, l->item.name,
			   l->item.label);
	return rc;
}

/* It waits for a boot: that is what state.json tells the next one. */
static int wish_for_boot(struct cx_ops *ops, const struct cx_item *item,
			 struct cx_error *err)
{
	struct cx_state state = { 0 };
	struct cx_state_entry *entry;
	int rc = cx_lock_store(ops, err);

	if (rc)
		return rc;
	rc = cx_state_load(ops->store.path, &state, err);
	entry = rc ? NULL : cx_state_find(&state, item->name);
	if (entry) {
		memcpy(entry->active, item->label, sizeof(entry->active));
		rc = cx_state_save(ops->store.path, &state, err);
		if (!rc)
			cx_ops_say(ops, "%s@%s becomes active with the next boot",
				   item->name, item->label);
	} else if (!rc) {
		cx_ops_warn(ops, "%s was not mounted by cryptexctl: no boot will activate %s",
			    item->name, item->label);
	}
	cx_state_free(&state);
	cx_unlock_store(ops);
	return rc;
}

/* What comes after staging: at once with the others, at the next boot, or by hand. */
static int put_forward(struct cx_ops *ops, const struct cx_release *release,
		       const struct cx_update *update, struct cx_items *ready,
		       struct cx_error *err)
{
	const struct cx_item *item = &release->item;

	if (!release->at_boot)
		return cx_items_add(ready, item->name, item->label, err);
	if (update->activate)
		return wish_for_boot(ops, item, err);
	cx_ops_say(ops, "%s@%s is meant to be activated by a boot: `cryptexctl update --activate` prepares that",
		   item->name, item->label);
	return 0;
}

static int update_one(struct cx_ops *ops, const struct cx_local *local,
		      const struct choice *choice,
		      const struct cx_update *update, struct cx_items *ready,
		      struct cx_error *err)
{
	const struct cx_release *r = choice->release;
	const struct cx_listed *here;
	int rc;

	if (!is_news(local, choice)) {
		tell(ops, local, choice);
		here = cx_local_newest(local, choice->base);
		if (!here->staged || here->base || here->active)
			return 0;
		return r && !memcmp(r->digest, here->digest, sizeof(r->digest)) ?
		       put_forward(ops, r, update, ready, err) :
		       cx_items_add(ready, here->item.name, here->item.label,
				    err);
	}
	here = cx_local_find(local, r);
	if (here && here->stored && !here->staged && ops->nl &&
	    !update->download_only)
		rc = stage_stored(ops, here, err);
	else
		rc = cx_fetch_release(ops, choice->source, r, update, err);
	return rc ? rc : put_forward(ops, r, update, ready, err);
}

/* One cryptex that fails does not keep the fixes of the others away: the first
 * failure is returned in the end, further ones are told. */
struct failures {
	int first;
	struct cx_error err;
};

static void add_failure(struct cx_ops *ops, struct failures *failures, int rc,
			const struct cx_error *why)
{
	if (rc && failures->first)
		cx_ops_warn(ops, "%s", why->text);
	if (!rc || failures->first)
		return;
	failures->first = rc;
	failures->err = *why;
}

static int update_named(struct cx_ops *ops, const struct cx_local *local,
			const struct cx_sources *sources,
			const struct cx_update *update, struct cx_items *ready,
			struct failures *failures)
{
	const struct cx_listed *base;
	struct choice choice;
	struct cx_error why;
	size_t i;
	int rc;

	for (i = 0; i < update->count; i++) {
		base = cx_local_base(local, update->names[i], NULL);
		if (base) {
			choice = choose(local, sources, base);
			rc = update_one(ops, local, &choice, update, ready,
					&why);
		} else {
			rc = cx_fail(&why, -ENOENT,
				     "%s is not mounted: `cryptexctl mount` its base first",
				     update->names[i]);
		}
		add_failure(ops, failures, rc, &why);
	}
	return failures->first;
}

static int update_mounted(struct cx_ops *ops, const struct cx_local *local,
			  const struct cx_sources *sources,
			  const struct cx_update *update,
			  struct cx_items *ready, struct failures *failures)
{
	const struct cx_listed *base;
	struct choice choice;
	struct cx_error why;
	int rc;

	for (base = first_base(ops, local); base;
	     base = cx_local_base(local, NULL, base)) {
		choice = choose(local, sources, base);
		rc = update_one(ops, local, &choice, update, ready, &why);
		add_failure(ops, failures, rc, &why);
	}
	return failures->first;
}

static int activate(struct cx_ops *ops, const struct cx_items *ready,
		    struct cx_error *err)
{
	int rc;

	if (!ready->count || !ops->nl)
		return 0;
	rc = cx_lock_store(ops, err);
	if (rc)
		return rc;
	rc = cx_op_activate(ops, ready->list, ready->count, err);
	cx_unlock_store(ops);
	return rc;
}

static int update_all(struct cx_ops *ops, const struct cx_sources *sources,
		      const struct cx_update *update, struct cx_error *err)
{
	struct failures failures = { 0 };
	struct cx_items ready = { 0 };
	struct cx_local local;
	int rc = cx_local_load(ops, &local, err);

	if (rc)
		return rc;
	rc = update->count ?
	     update_named(ops, &local, sources, update, &ready, &failures) :
	     update_mounted(ops, &local, sources, update, &ready, &failures);
	if (rc)
		*err = failures.err;
	else if (update->activate)
		rc = activate(ops, &ready, err);
	cx_items_free(&ready);
	cx_local_free(&local);
	return rc;
}

/* What an update that was killed has left; whoever is not locked out is not at
 * work there. */
static int tidy(struct cx_ops *ops, struct cx_error *err)
{
	int rc = cx_lock_store(ops, err);

	if (rc)
		return rc;
	rc = cx_store_empty_tmp(&ops->store, err);
	cx_unlock_store(ops);
	return rc;
}

int cx_op_update(struct cx_ops *ops, const struct cx_update *update,
		 struct cx_error *err)
{
	struct cx_error why = { "" };
	struct cx_sources sources;
	int failed, rc = cx_sources_load(ops, update->prefix, &sources, err);

	if (rc)
		return rc;
	rc = tidy(ops, err);
	if (rc) {
		cx_sources_free(&sources);
		return rc;
	}
	failed = cx_sources_refresh(ops, &sources, err);
	if (failed >= 0)
		rc = update_all(ops, &sources, update, &why);
	rc = conclude(&sources, failed, rc, &why, err);
	cx_sources_free(&sources);
	return rc;
}
