// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/ops_remote.h"

#include <errno.h>
#include <stdio.h>

#include "lib/remote_known.h"
#include "lib/remote_spool.h"

int cx_op_remote_add(void (*say)(const char *text), const char *prefix,
		     struct cx_remote *remote, struct cx_error *err)
{
	char text[PATH_MAX + 128];
	int rc = cx_remote_add(prefix, remote, err);

	if (rc)
		return rc;
	snprintf(text, sizeof(text), "added %s (%s): `cryptexctl check` looks what it has",
		 remote->name, remote->file);
	say(text);
	return 0;
}

/* What is left behind would speak for the next one of that name; so it goes first,
 * and a command that stops in between can be repeated. */
int cx_op_remote_remove(struct cx_ops *ops, const char *prefix,
			const char *name, struct cx_error *err)
{
	struct cx_remote remote;
	int rc = cx_remote_load(prefix, name, &remote, err);

	/* One whose file is broken must go as well. */
	if (rc == -ENOENT || !cx_remote_name_ok(name))
		return rc;
	rc = 0;
	if (ops->store.fd >= 0) {
		rc = cx_spool_remove(&ops->store, name, err);
		if (!rc)
			cx_known_remove(&ops->store, name);
	}
	if (!rc)
		rc = cx_remote_remove(prefix, name, err);
	if (!rc)
		cx_ops_say(ops, "removed %s; what was fetched from it stays",
			   name);
	return rc;
}
