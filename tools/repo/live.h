/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which files of a repository a reader may still be led to. */
#ifndef _REPO_LIVE_H
#define _REPO_LIVE_H

#include "repo.h"

/**
 * live_find - find all of them
 * @repo: open and locked
 * @live: set on success to an object whose members are their paths below the
 *	repository; the caller gives it back with json_decref()
 * @err: filled on failure, and then nothing may be removed
 *
 * Whoever has read a timestamp just before it was replaced believes it until it
 * expires: so does what was named in that time stay.
 *
 * Return: 0, -EBADMSG (metadata is damaged), -ENOMEM, or what reading gave.
 */
int live_find(const struct repo *repo, json_t **live, struct cx_error *err);

#endif /* _REPO_LIVE_H */
