/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Removing files of a repository. */
#ifndef _REPO_SWEEP_H
#define _REPO_SWEEP_H

#include "repo.h"

/**
 * struct sweep - what was removed
 * @files: how many
 * @bytes: how much
 */
struct sweep {
	size_t files;
	unsigned long long bytes;
};

/**
 * sweep_run - remove all but what is live
 * @repo: open and locked
 * @live: an object whose members are the paths that stay
 * @dry: only count
 * @sweep: set
 * @err: filled on failure
 *
 * What names something goes before that, so that an interruption leaves nothing that
 * leads nowhere.  Files that have no name of the layout are left alone.
 *
 * Return: 0, or why a folder cannot be read or a file not be removed.
 */
int sweep_run(const struct repo *repo, const json_t *live, bool dry,
	      struct sweep *sweep, struct cx_error *err);

#endif /* _REPO_SWEEP_H */
