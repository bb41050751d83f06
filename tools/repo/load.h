/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading the current metadata of a repository. */
#ifndef _REPO_LOAD_H
#define _REPO_LOAD_H

#include "repo.h"

/**
 * repo_load - read and verify all current metadata
 * @repo: begun
 * @err: filled on failure
 *
 * A role whose keys have just been rotated, and which an interrupted command has
 * left signed by the old ones, is touched, so that it is signed again.
 *
 * Return: 0, -ENOENT (a file is missing), -EBADMSG (one is not what it has to be),
 * -EKEYREJECTED (one is not signed by enough keys), -ENOMEM, or what reading gave.
 */
int repo_load(struct repo *repo, struct cx_error *err);

/**
 * repo_role - the keys of a role that root or targets name
 * @source: signed part of a root, or "delegations" of targets
 * @role: its name
 * @keys: set to the key objects by key id
 *
 * Return: {"keyids", "threshold", ...}, which belongs to @source, or NULL.
 */
const json_t *repo_role(const json_t *source, const char *role,
			const json_t **keys);

/**
 * repo_check_follow - is what is there good under a root to come?
 * @repo: open; roles that are touched are going to be signed anyway
 * @root: signed part of that root
 * @err: filled on failure; -EKEYREJECTED
 *
 * Return: 0, -EKEYREJECTED, or as repo_load().
 */
int repo_check_follow(const struct repo *repo, const json_t *root,
		      struct cx_error *err);

#endif /* _REPO_LOAD_H */
