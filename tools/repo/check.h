/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Is a whole repository what it says?  Read as a machine would read it, from the first
 * root on, and then on to each object; what is wrong is told, and the search goes on.
 */
#ifndef _REPO_CHECK_H
#define _REPO_CHECK_H

#include "lib/listfile.h"
#include "repo.h"
#include "stock.h"

/**
 * struct check - a search under way
 * @repo: its metadata is filled as far as it is sound
 * @stock: objects that are sound
 * @revoked: the revocation list; empty where there is no sound one
 * @deep: apply deltas, too
 * @faults: how many have been told
 * @releases: how many there are
 * @deltas: how many there are
 */
struct check {
	struct repo repo;
	struct stock stock;
	struct cx_list revoked;
	bool deep;
	size_t faults;
	size_t releases;
	size_t deltas;
};

/**
 * fault - tell what is wrong
 * @check: counts it
 * @fmt: printf format of a sentence
 */
void fault(struct check *check, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * check_roles - the roots, and the metadata of all roles
 * @check: its repository is filled
 *
 * Return: whether there is enough of it to go on.
 */
bool check_roles(struct check *check);

/**
 * check_targets - targets, and what seals say
 * @check: roles are read
 */
void check_targets(struct check *check);

/**
 * check_index - the objects of a seal
 * @check: roles are read
 * @target: name of the index
 * @contents: of the seal
 */
void check_index(struct check *check, const char *target,
		 const struct contents *contents);

/**
 * check_deltas - the deltas of an index, once all objects are unpacked
 * @check: the objects are in its stock
 * @target: name of the index
 * @contents: of its seal
 */
void check_deltas(struct check *check, const char *target,
		  const struct contents *contents);

#endif /* _REPO_CHECK_H */
