/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A repository: its current metadata, and how the next one is made. */
#ifndef _REPO_REPO_H
#define _REPO_REPO_H

#include <jansson.h>
#include <stdbool.h>
#include <time.h>

#include "keyring.h"
#include "layout.h"
#include "lib/error.h"
#include "lib/file.h"
#include "metadata.h"
#include "publication.h"

/**
 * enum role - the roles that every repository has, by name in role_names
 * @ROLE_ROOT: says who signs for the others
 * @ROLE_TARGETS: signs releases, or names teams that do
 * @ROLE_SNAPSHOT: says which metadata belong together
 * @ROLE_TIMESTAMP: says which snapshot is the newest
 * @ROLES: how many there are
 */
enum role { ROLE_ROOT, ROLE_TARGETS, ROLE_SNAPSHOT, ROLE_TIMESTAMP, ROLES };

extern const char *const role_names[ROLES];

/**
 * struct repo - an open repository
 * @path: its folder
 * @dirfd: of its folder
 * @lock_fd: of the lock, or -1
 * @now: seconds since 1970 UTC
 * @root: envelope of the newest root; NULL if none is complete yet
 * @draft: envelope of a root that waits for signatures, or NULL
 * @body: signed parts of the roles, edited for the next version
 * @teams: signed parts of the teams by name
 * @fresh: of @body and @teams: the names of what has been edited
 * @pub: files under way
 */
struct repo {
	char *path;
	int dirfd;
	int lock_fd;
	time_t now;
	json_t *root;
	json_t *draft;
	json_t *body[ROLES];
	json_t *teams;
	json_t *fresh;
	struct publication pub;
};

/**
 * repo_open - open a repository to read it
 * @path: its folder
 * @repo: set on success; end it with repo_close()
 * @err: filled on failure
 *
 * Metadata whose signatures are not good is refused; expired ones are not.
 *
 * Return: 0, as repo_load(), or why the folder cannot be opened.
 */
int repo_open(const char *path, struct repo *repo, struct cx_error *err);

/**
 * repo_open_folder - the same without reading anything yet
 * @path: its folder
 * @repo: set on success; end it with repo_close()
 * @err: filled on failure
 *
 * Return: 0, -EINVAL (SOURCE_DATE_EPOCH), -ENOMEM, or why the folder cannot be opened.
 */
int repo_open_folder(const char *path, struct repo *repo, struct cx_error *err);

/**
 * repo_open_locked - open a repository to change it
 * @path: its folder
 * @repo: set on success; end it with repo_close()
 * @err: filled on failure; -EBUSY while somebody else changes it
 *
 * Return: 0, -EBUSY, -ENOENT (no repository), as repo_open(), or why the lock cannot be
 * made.
 */
int repo_open_locked(const char *path, struct repo *repo, struct cx_error *err);

/**
 * repo_create - begin a repository
 * @path: its folder, which is made if it is not there
 * @repo: set on success, locked, without metadata; end it with repo_close()
 * @err: filled on failure; -EEXIST if it is a repository already
 *
 * Return: 0, -EEXIST, -EBUSY, as repo_open_folder(), or why it cannot be made.
 */
int repo_create(const char *path, struct repo *repo, struct cx_error *err);

/**
 * repo_close - let go of a repository
 * @repo: what is under way is aborted
 */
void repo_close(struct repo *repo);

/**
 * repo_clock - the time to sign with
 * @now: set to SOURCE_DATE_EPOCH, or the clock's
 * @err: filled on failure
 *
 * Return: 0, or -EINVAL (SOURCE_DATE_EPOCH is no time).
 */
int repo_clock(time_t *now, struct cx_error *err);

/**
 * repo_touch - a role gets a new version
 * @repo: open
 * @role: its name
 * @err: filled on failure
 *
 * Return: 0 or -ENOMEM.
 */
int repo_touch(struct repo *repo, const char *role, struct cx_error *err);

/**
 * repo_body - signed part of a role
 * @repo: open
 * @role: name of a role or team
 *
 * Return: JSON that belongs to @repo, or NULL.
 */
json_t *repo_body(const struct repo *repo, const char *role);

/**
 * repo_team - which role signs the targets of a cryptex?
 * @repo: open
 * @name: of the cryptex
 * @role: set to its name, which belongs to @repo
 * @err: filled on failure; -ENOENT if it is no team's
 *
 * Return: 0 or -ENOENT.
 */
int repo_team(const struct repo *repo, const char *name, const char **role,
	      struct cx_error *err);

/**
 * repo_signer - which role may sign a target?
 * @repo: open
 * @target: its name
 *
 * Return: the role's name, which belongs to @repo, or NULL if it is no team's.
 */
const char *repo_signer(const struct repo *repo, const char *target);

/**
 * repo_target - a target
 * @repo: open
 * @target: its name
 *
 * Return: its entry, as the role that may sign it has it, or NULL.
 */
json_t *repo_target(const struct repo *repo, const char *target);

/**
 * repo_set_target - give a target new content
 * @repo: open
 * @role: that signs it
 * @target: its name
 * @content: its bytes
 * @custom: the member "cryptex" of its custom fields, taken over; or NULL
 * @err: filled on failure
 *
 * Return: 0, -ENOMEM, or what writing gave.
 */
int repo_set_target(struct repo *repo, const char *role, const char *target,
		    const struct cx_buf *content, json_t *custom,
		    struct cx_error *err);

/**
 * repo_read_target - the content of a target
 * @repo: open
 * @target: its name
 * @content: set on success; the caller frees it
 * @err: filled on failure; -EBADMSG if it is not what the metadata says
 *
 * Return: 0, -ENOENT (no such target), -EBADMSG, -ENOMEM, or what reading gave.
 */
int repo_read_target(const struct repo *repo, const char *target,
		     struct cx_buf *content, struct cx_error *err);

/**
 * repo_publish - sign what was edited, and let everything appear
 * @repo: open and locked; what is under way ends, also on failure
 * @ring: the keys at hand
 * @err: filled on failure; -ENOKEY if a role lacks a key, and then nothing has
 *	changed
 *
 * A new snapshot and a new timestamp are part of it.
 *
 * Return: 0, -ENOKEY, -EFBIG (machines would refuse it), -ENOMEM, or what writing gave.
 */
int repo_publish(struct repo *repo, const struct keyring *ring,
		 struct cx_error *err);

/**
 * repo_publish_root - the same with a new root
 * @repo: open and locked
 * @ring: the keys at hand
 * @root: envelope of the next root, not signed; taken over
 * @complete: set: false if the root waits as a draft for signatures
 * @err: filled on failure
 *
 * Return: as repo_publish(); -EKEYREJECTED if what is there is not good under the new
 * root.
 */
int repo_publish_root(struct repo *repo, const struct keyring *ring,
		      json_t *root, bool *complete, struct cx_error *err);

#endif /* _REPO_REPO_H */
