/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who signs what: the roles that root names, and the teams that targets names. */
#ifndef _REPO_ROLES_H
#define _REPO_ROLES_H

#include <jansson.h>
#include <stdbool.h>

#include "keyring.h"
#include "lib/error.h"

/**
 * roles_set - give a role its keys
 * @root: signed part of a root; keys that no role has any more go
 * @role: its name
 * @ids: an array of key ids, of keys in @ring
 * @threshold: how many must sign
 * @ring: the keys, perhaps public ones only
 * @err: filled on failure; -EINVAL if there are fewer keys than must sign
 *
 * Return: 0, -EINVAL or -ENOMEM.
 */
int roles_set(json_t *root, const char *role, json_t *ids, json_int_t threshold,
	      const struct keyring *ring, struct cx_error *err);

/**
 * roles_set_team - give a team its keys, or make it
 * @delegations: of targets
 * @team: its name
 * @paths: an array of patterns; NULL leaves those that it has
 * @ids: an array of key ids, of keys in @ring
 * @threshold: how many must sign
 * @ring: the keys
 * @err: filled on failure
 *
 * Return: 0, -EINVAL (fewer keys than must sign), or -ENOMEM.
 */
int roles_set_team(json_t *delegations, const char *team, json_t *paths,
		   json_t *ids, json_int_t threshold,
		   const struct keyring *ring, struct cx_error *err);

/**
 * team_name_ok - can a team be called so?
 * @name: 1 to 32 of [a-z0-9-], no name of another role
 */
bool team_name_ok(const char *name);

/**
 * team_paths - patterns of the targets of cryptexes
 * @text: names of cryptexes with commas between them; "openssl" and "openssl/\*"
 *	are the same
 * @paths: set on success; the caller gives it back with json_decref()
 * @err: filled on failure
 *
 * Return: 0, -EINVAL (no name of a cryptex), or -ENOMEM.
 */
int team_paths(const char *text, json_t **paths, struct cx_error *err);

#endif /* _REPO_ROLES_H */
