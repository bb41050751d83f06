/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the repository's revocation list says. */
#ifndef _REPO_REVOKED_H
#define _REPO_REVOKED_H

#include <stdbool.h>
#include <stdint.h>

#include <cryptex/seal.h>

#include "lib/listfile.h"
#include "repo.h"

/**
 * revoked_load - read the revocation list
 * @repo: open
 * @list: set, and empty if there is none or on failure; the caller frees it
 * @err: filled on failure
 *
 * The signature of targets covers the list; by whom it is signed itself the kernel asks.
 *
 * Return: 0, or a negative errno if the list cannot be read.
 */
int revoked_load(const struct repo *repo, struct cx_list *list, struct cx_error *err);

/**
 * revoked_has - does a revocation list have a seal?
 * @list: as revoked_load() left it
 * @digest: of the seal
 */
bool revoked_has(const struct cx_list *list, const uint8_t digest[CRYPTEX_DIGEST_SIZE]);

/**
 * revoked_find - does the revocation list of a repository have a seal?
 * @repo: open; the list is read for that
 * @digest: of the seal
 * @err: filled on failure
 *
 * Return: 1 if so, 0 if not or if there is no list, or a negative errno if the list
 * cannot be read.
 */
int revoked_find(const struct repo *repo,
		 const uint8_t digest[CRYPTEX_DIGEST_SIZE], struct cx_error *err);

#endif /* _REPO_REVOKED_H */
