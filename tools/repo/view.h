/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What there is to see of a repository. */
#ifndef _REPO_VIEW_H
#define _REPO_VIEW_H

#include "repo.h"

/**
 * view_make - roles and releases, for people and for programs
 * @repo: open
 * @view: set on success; the caller gives it back with json_decref(): an object with
 *	"roles" (a list of {"name", "version", "expires", "expired", "threshold",
 *	"keyids"}, teams behind the others), "waiting_root" (the version of a root that
 *	waits for signatures, or null), "releases" (what the metadata says of each, and
 *	"role", who has signed that; by name, the oldest first) and "revocation_list"
 *	(its number, or null)
 * @err: filled on failure
 *
 * Return: 0 or -ENOMEM.
 */
int view_make(const struct repo *repo, json_t **view, struct cx_error *err);

#endif /* _REPO_VIEW_H */
