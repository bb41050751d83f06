/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the repository's revocation list says. */
#ifndef _REPO_REVOKED_H
#define _REPO_REVOKED_H

#include <stdint.h>

#include <cryptex/seal.h>

#include "repo.h"

/**
 * revoked_find - does the revocation list have a seal?
 * @repo: open
 * @digest: of the seal
 * @err: filled on failure
 *
 * Return: 1 if so, 0 if not or if there is no list, or a negative errno if the list
 * cannot be read.
 */
int revoked_find(const struct repo *repo,
		 const uint8_t digest[CRYPTEX_DIGEST_SIZE], struct cx_error *err);

#endif /* _REPO_REVOKED_H */
