/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Generations of cryptexes while something is released: contents and indexes. */
#ifndef _REPO_LINEAGE_H
#define _REPO_LINEAGE_H

#include <jansson.h>
#include <stdbool.h>

#include "contents.h"
#include "repo.h"
#include "release.h"
#include "stock.h"

/**
 * struct member - one generation
 * @custom: its custom fields
 * @contents: its seal and all its objects
 * @index: of its objects
 * @role: that signs it; belongs to the repository
 * @seal: its bytes, if it is new; else empty
 * @is_dirty: @index differs from what is published
 */
struct member {
	json_t *custom;
	struct contents contents;
	json_t *index;
	const char *role;
	struct cx_buf seal;
	bool is_dirty;
};

/**
 * struct lineage - all generations that are dealt with
 * @repo: open and locked
 * @stock: their objects
 * @list: @count of them, each on the heap
 * @count: how many
 */
struct lineage {
	struct repo *repo;
	struct stock stock;
	struct member **list;
	size_t count;
};

/**
 * lineage_open - begin with nothing
 * @lineage: set on success; end it with lineage_close()
 * @repo: open and locked; must outlive it
 * @err: filled on failure
 *
 * Return: 0, or why there is no room for contents.
 */
int lineage_open(struct lineage *lineage, struct repo *repo,
		 struct cx_error *err);

/**
 * lineage_add - add a generation
 * @lineage: grows
 * @member: on the heap, taken over, also on failure
 * @err: filled on failure
 *
 * Return: 0 or -ENOMEM.
 */
int lineage_add(struct lineage *lineage, struct member *member,
		struct cx_error *err);

/**
 * lineage_find - a generation by the digest of its manifest
 * @lineage: the generations
 * @name: of the cryptex
 * @digest: hex
 *
 * Return: that, or NULL.
 */
struct member *lineage_find(const struct lineage *lineage, const char *name,
			    const char *digest);

/**
 * lineage_load - get a generation from the repository, unless it is there
 * @lineage: grows
 * @custom: its custom fields
 * @member: set on success
 * @err: filled on failure
 *
 * Return: 0, -ENOENT or -EBADMSG (a seal, an index or an object is missing or damaged),
 * -ENOMEM, or what reading gave.
 */
int lineage_load(struct lineage *lineage, const json_t *custom,
		 struct member **member, struct cx_error *err);

/**
 * lineage_stage - put seals and indexes that are new under way
 * @lineage: the generations
 * @err: filled on failure
 *
 * Return: 0, -ENOMEM, or what writing gave.
 */
int lineage_stage(struct lineage *lineage, struct cx_error *err);

/**
 * lineage_close - free all
 * @lineage: open
 */
void lineage_close(struct lineage *lineage);

/**
 * member_free - free a generation
 * @member: on the heap, perhaps half filled; may be NULL
 */
void member_free(struct member *member);

#endif /* _REPO_LINEAGE_H */
