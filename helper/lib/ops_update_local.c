// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/ops_update_local.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

int cx_local_load(struct cx_ops *ops, struct cx_local *local,
		  struct cx_error *err)
{
	int rc;

	*local = (struct cx_local){ .has_kernel = ops->nl, .now = time(NULL) };
	rc = cx_machine_id(local->id, err);
	if (!rc && !local->has_kernel)
		rc = cx_state_load(ops->store.path, &local->state, err);
	if (!rc)
		rc = cx_op_list(ops, NULL, &local->listing, err);
	if (rc)
		cx_local_free(local);
	return rc;
}

void cx_local_free(struct cx_local *local)
{
	free(local->listing.list);
	cx_state_free(&local->state);
	*local = (struct cx_local){ 0 };
}

/* Without the module, what the next boot will mount. */
static bool is_mounted(const struct cx_local *local, const struct cx_listed *l)
{
	const struct cx_state_entry *entry;

	if (!l->base || local->has_kernel)
		return l->base && l->staged;
	entry = cx_state_find(&local->state, l->item.name);
	return entry && l->stored && !strcmp(entry->base, l->item.label);
}

const struct cx_listed *cx_local_base(const struct cx_local *local,
				      const char *name,
				      const struct cx_listed *after)
{
	size_t i = after ? after - local->listing.list + 1 : 0;

	for (; i < local->listing.count; i++) {
		const struct cx_listed *l = &local->listing.list[i];

		if ((!name || !strcmp(name, l->item.name)) &&
		    is_mounted(local, l))
			return l;
	}
	return NULL;
}

const struct cx_listed *cx_local_find(const struct cx_local *local,
				      const struct cx_release *release)
{
	size_t i;

	for (i = 0; i < local->listing.count; i++)
		if (!memcmp(local->listing.list[i].digest, release->digest,
			    sizeof(release->digest)))
			return &local->listing.list[i];
	return NULL;
}

struct cx_release cx_listed_release(const struct cx_listed *listed)
{
	struct cx_release release = {
		.item = listed->item, .build_time = listed->build_time,
		.security_epoch = listed->security_epoch,
	};

	memcpy(release.digest, listed->digest, sizeof(release.digest));
	return release;
}

const struct cx_listed *cx_local_newest(const struct cx_local *local,
					const struct cx_listed *base)
{
	const struct cx_listed *newest = base;
	size_t i;

	for (i = 0; i < local->listing.count; i++) {
		const struct cx_listed *l = &local->listing.list[i];
		struct cx_release one = cx_listed_release(l);
		struct cx_release best = cx_listed_release(newest);

		if (!strcmp(l->item.name, base->item.name) && !l->base &&
		    !l->revoked && (l->staged || !local->has_kernel) &&
		    (newest == base || cx_release_newer(&one, &best)))
			newest = l;
	}
	return newest;
}

struct cx_machine cx_local_machine(const struct cx_local *local,
				   const struct cx_listed *base,
				   const struct cx_remote *remote)
{
	struct cx_machine machine = { .now = local->now };

	memcpy(machine.base, base->digest, sizeof(machine.base));
	memcpy(machine.id, local->id, sizeof(machine.id));
	strcpy(machine.channel, remote->channel);
	strcpy(machine.hardware, remote->hardware);
	return machine;
}
