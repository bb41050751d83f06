/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Teams, each of which signs cryptexes of its own. */
#ifndef _REPO_TEAM_H
#define _REPO_TEAM_H

#include "lib/error.h"
#include "repo.h"

/**
 * struct team - a team on the command line
 * @name: of the team
 * @paths: its cryptexes, with commas between them
 * @source: of its key, or NULL
 */
struct team {
	const char *name;
	const char *paths;
	const char *source;
};

/**
 * team_parse - NAME:CRYPTEX,...[:KEY]
 * @text: is cut into pieces, which @team points to
 * @team: set on success
 * @err: filled on failure
 *
 * Return: 0, -EINVAL, or -ENOMEM.
 */
int team_parse(char *text, struct team *team, struct cx_error *err);

/**
 * team_add - give cryptexes to a team, which is made if it is not there
 * @repo: with targets
 * @team: what is asked for
 * @id: key id of its key
 * @ring: has that key
 * @err: filled on failure
 *
 * Return: 0; -EEXIST if another team has one of them; -EBUSY if a release would be
 * lost from sight, as its name would lead to another role than signs it; or another
 * negative errno.
 */
int team_add(struct repo *repo, const struct team *team, const char *id,
	     const struct keyring *ring, struct cx_error *err);

#endif /* _REPO_TEAM_H */
