// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is available, as far as the last check tells. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ops_update_local.h"
#include "lib/ops_update_source.h"

static enum cx_offer_state state_here(const struct cx_listed *here)
{
	if (here->revoked)
		return CX_OFFER_REVOKED;
	if (here->active)
		return CX_OFFER_ACTIVE;
	return here->staged ? CX_OFFER_STAGED : CX_OFFER_STORED;
}

static void judge(const struct cx_local *local, const struct cx_remote *remote,
		  struct cx_offer *offer)
{
	const struct cx_release *r = &offer->release;
	const struct cx_listed *here = cx_local_find(local, r);
	const struct cx_listed *base = cx_local_base(local, r->item.name, NULL);
	struct cx_machine machine;

	offer->unfit = CX_FITS;
	if (here) {
		offer->state = state_here(here);
		return;
	}
	if (!base) {
		offer->state = CX_OFFER_UNMOUNTED;
		return;
	}
	machine = cx_local_machine(local, base, remote);
	offer->unfit = cx_fit(r, &machine);
	offer->state = offer->unfit ? CX_OFFER_UNFIT : CX_OFFER_OLDER;
}

static int compare(const void *a, const void *b)
{
	const struct cx_offer *x = a, *y = b;
	int diff = strcmp(x->release.item.name, y->release.item.name);

	if (diff)
		return diff;
	if (cx_release_newer(&x->release, &y->release))
		return -1;
	return cx_release_newer(&y->release, &x->release) ? 1 :
	       strcmp(x->remote, y->remote);
}

/* The first one of a cryptex that fits is the best, unless what is here is newer. */
static void mark_best(const struct cx_local *local, struct cx_offers *offers)
{
	const char *done = "";
	size_t i;

	for (i = 0; i < offers->count; i++) {
		struct cx_offer *o = &offers->list[i];
		const char *name = o->release.item.name;
		const struct cx_listed *base, *newest;
		struct cx_release have;

		if (o->state != CX_OFFER_OLDER || !strcmp(name, done))
			continue;
		done = name;
		base = cx_local_base(local, name, NULL);
		newest = cx_local_newest(local, base);
		have = cx_listed_release(newest);
		if (newest == base || cx_release_newer(&o->release, &have))
			o->state = CX_OFFER_BEST;
	}
}

static int add_all(const struct cx_local *local, const struct cx_source *source,
		   struct cx_offers *offers, struct cx_error *err)
{
	const struct cx_known *known = &source->known;
	struct cx_offer *list;
	size_t i;

	if (!offers->checked || known->checked < offers->checked)
		offers->checked = known->checked;
	list = reallocarray(offers->list, offers->count + known->count + 1,
			    sizeof(*list));
	if (!list)
		return cx_fail(err, -ENOMEM, "out of memory");
	offers->list = list;
	for (i = 0; i < known->count; i++) {
		struct cx_offer *o = &list[offers->count++];

		strcpy(o->remote, source->remote.name);
		o->release = known->releases[i];
		judge(local, &source->remote, o);
	}
	return 0;
}

int cx_op_available(struct cx_ops *ops, const char *prefix,
		    struct cx_offers *offers, struct cx_error *err)
{
	struct cx_sources sources;
	struct cx_local local = { 0 };
	size_t i;
	int rc = cx_sources_load(ops, prefix, &sources, err);

	*offers = (struct cx_offers){ 0 };
	if (rc)
		return rc;
	rc = cx_local_load(ops, &local, err);
	for (i = 0; i < sources.count && !rc; i++)
		rc = add_all(&local, &sources.list[i], offers, err);
	if (!rc && offers->count) {
		qsort(offers->list, offers->count, sizeof(*offers->list),
		      compare);
		mark_best(&local, offers);
	}
	if (rc) {
		free(offers->list);
		*offers = (struct cx_offers){ 0 };
	}
	cx_local_free(&local);
	cx_sources_free(&sources);
	return rc;
}
