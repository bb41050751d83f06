// SPDX-License-Identifier: LGPL-2.1-or-later
/* Letting go of a generation, in the kernel and at the next boot. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/ops.h"

/* The state is a wish that a boot has perhaps not been able to fulfil. */
static int check_wish(const struct cx_ops *ops, const struct cx_item *item,
		      struct cx_error *err)
{
	struct cx_state state;
	const struct cx_state_entry *e;
	int rc = cx_state_load(ops->store.path, &state, err);

	if (rc)
		return rc;
	e = cx_state_find(&state, item->name);
	if (e && (!strcmp(e->active, item->label) ||
		  !strcmp(e->base, item->label)))
		rc = cx_fail(err, -EBUSY,
			     "%s@%s is what a boot puts in force: activate another one first",
			     item->name, item->label);
	cx_state_free(&state);
	return rc;
}

static bool is_stored(const struct cx_ops *ops, const struct cx_item *item)
{
	char *path = cx_store_seal_path(&ops->store, item);
	bool stored = path && !access(path, F_OK);

	free(path);
	return stored;
}

int cx_op_retire(struct cx_ops *ops, const struct cx_item *item,
		 struct cx_error *err)
{
	int rc = check_wish(ops, item, err);

	if (rc)
		return rc;
	rc = cx_netlink_retire(ops->nl, item, err);
	/* Left out by a boot, or for a base that is not mounted. */
	if (rc == -ENOENT && is_stored(ops, item))
		rc = 0;
	if (rc)
		return cx_prefix(err, rc, "%s@%s", item->name, item->label);
	/* Else the next boot would stage it again. */
	rc = cx_store_remove_seal(&ops->store, item, err);
	if (rc)
		return cx_prefix(err, rc, "%s@%s: the next boot will stage it again",
				 item->name, item->label);
	cx_ops_say(ops, "retired %s@%s", item->name, item->label);
	return 0;
}
