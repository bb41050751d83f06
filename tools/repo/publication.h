/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files that appear in a repository all together, for whoever reads it.
 *
 * Each is written whole and synced under a temporary name first.  Nothing of the
 * repository has changed until publication_commit(), which renames them stage by
 * stage: what is named by a later stage is there, durably, before that begins.
 * What it leaves if it is interrupted is either not named by anything yet, or
 * complete; to repeat the command is all that is to be done.
 */
#ifndef _REPO_PUBLICATION_H
#define _REPO_PUBLICATION_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"

/* In the order of appearance. */
enum stage {
	STAGE_OBJECT,		/* objects and deltas */
	STAGE_TARGET,		/* seals, indexes, the revocation list */
	STAGE_TEAM,
	STAGE_TARGETS,
	STAGE_SNAPSHOT,
	STAGE_ROOT_FIRST,	/* a root whose other roles' old keys are lost */
	STAGE_TIMESTAMP,
	STAGE_ROOT,		/* all else is signed by old and new keys */
	STAGE_DRAFT,
	STAGES
};

struct item;

/**
 * struct publication - files under way
 * @base: path of the repository
 * @dirfd: of its folder
 * @list: @count files, on the heap
 * @count: how many
 */
struct publication {
	const char *base;
	int dirfd;
	struct item *list;
	size_t count;
};

/**
 * publication_new - begin a file
 * @pub: grows
 * @stage: when it is to appear
 * @path: below the repository
 * @err: filled on failure
 *
 * Return: a descriptor to write it to, which belongs to @pub, until
 * publication_close(); or a negative errno.
 */
int publication_new(struct publication *pub, enum stage stage, const char *path,
		    struct cx_error *err);

/**
 * publication_close - end the file that was begun last, durably
 * @pub: with that
 * @err: filled on failure
 *
 * Return: 0, or why it cannot be synced.
 */
int publication_close(struct publication *pub, struct cx_error *err);

/**
 * publication_add - add a whole file
 * @pub: grows; nothing of the same path may have been added before
 * @stage: when it is to appear
 * @path: below the repository
 * @data: its bytes
 * @size: how many
 * @err: filled on failure
 *
 * Return: 0, -ENOMEM, or what writing gave.
 */
int publication_add(struct publication *pub, enum stage stage, const char *path,
		    const void *data, size_t size, struct cx_error *err);

/**
 * publication_drop - take back the file that was begun last
 * @pub: with that
 */
void publication_drop(struct publication *pub);

/**
 * publication_has - is there such a file under way?
 * @pub: files under way
 * @path: below the repository
 */
bool publication_has(const struct publication *pub, const char *path);

/**
 * publication_open - open a file of the repository as it is going to be
 * @pub: files under way
 * @path: below the repository
 * @err: filled on failure
 *
 * Return: a descriptor for reading, of the new file or of what is there; or a
 * negative errno, -ENOENT if it is neither.
 */
int publication_open(const struct publication *pub, const char *path,
		     struct cx_error *err);

/**
 * publication_commit - let all files appear, in order
 * @pub: is ended, also on failure
 * @err: filled on failure
 *
 * Return: 0, or why a folder cannot be made or a file not get its name; repeating the
 * command completes it.
 */
int publication_commit(struct publication *pub, struct cx_error *err);

/**
 * publication_abort - leave nothing of what was added
 * @pub: is ended; once ended, nothing happens
 */
void publication_abort(struct publication *pub);

#endif /* _REPO_PUBLICATION_H */
