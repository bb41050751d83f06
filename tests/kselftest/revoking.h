/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the tests of revocation have in common.
 *
 * What was revoked stays so until the module goes, also for the tests that come
 * after; each one revokes only what is its own.
 */
#ifndef _KSFT_REVOKING_H
#define _KSFT_REVOKING_H

#include "fixture.h"
#include "list_maker.h"

/**
 * seal_digest - by which a seal is revoked
 * @seal: the seal
 * @digest: set
 */
void seal_digest(const struct blob *seal, uint8_t *digest);

/**
 * seal_at - seal a tree as a patch with a security epoch
 * @cx: mounted
 * @label: of the generation
 * @security_epoch: of the generation
 * @t: the tree
 * @signer: who signs it
 *
 * Return: the caller frees the data.
 */
struct blob seal_at(struct cryptex *cx, const char *label,
		    uint32_t security_epoch, struct tree *t,
		    const struct signer *signer);

/* Stages a seal and frees it; the kernel's negative errno or 0. */
int stage_blob(struct world *w, struct blob seal);

/* A list with the next number and nothing in it. */
struct denials denials_next(struct world *w);

/**
 * deny - put a list in force
 * @w: the world, whose client has the answer
 * @d: what it says
 *
 * Return: 0 or the kernel's negative errno.
 */
int deny(struct world *w, struct denials *d);

/* The same for a list that somebody else has signed. */
int deny_as(struct world *w, struct denials *d, const struct signer *signer);

/* Puts a list in force that revokes one generation of those mounted. */
int deny_label(struct cryptex *cx, const char *label);

/**
 * generation_of - what the kernel tells of a generation
 * @cx: the cryptex
 * @label: the generation; the test ends if it is not there
 */
struct generation generation_of(struct cryptex *cx, const char *label);

#endif /* _KSFT_REVOKING_H */
