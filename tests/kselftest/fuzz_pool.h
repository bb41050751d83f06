/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the requests of netlink_fuzz.c can point to: cryptexes and their patches,
 * lists, certificates, and descriptors of all kinds.
 */
#ifndef _KSFT_FUZZ_POOL_H
#define _KSFT_FUZZ_POOL_H

#include "fixture.h"
#include "fuzz_random.h"
#include "list_maker.h"

#define POOL_CRYPTEXES 3
/* The first cryptex has more patches than it may have generations. */
#define POOL_PATCHES (CRYPTEX_MAX_GENERATIONS + 6)
#define POOL_FEW 6		/* patches of each other one */
#define POOL_STRANGE 48
#define POOL_CERTIFICATES 8

/**
 * struct pool - see above
 * @world: its surroundings
 * @second: another signer, whose key is trusted and may come to be revoked
 * @stranger: a signer whose key may come to be trusted
 * @cx: mounted
 * @patches: number of each cryptex's patches
 * @patch: their seals, open files; patch n has the label "gn"
 * @digest: of their manifests
 * @manifest: a patch's manifest, to be spoiled and signed
 * @strange: descriptors that no patch or list is behind, or a wrong one
 * @strangers: number of @strange
 * @costly: number of those of them, the first, whose signature gets verified
 * @certificate: good ones and others
 * @number: of the last list that was made
 * @denied: what the lists of late have said
 * @last_list: a right one, or -1
 * @scattered: no list has what another had
 */
struct pool {
	struct world world;
	struct signer second;
	struct signer stranger;
	struct cryptex cx[POOL_CRYPTEXES];
	unsigned int patches[POOL_CRYPTEXES];
	int patch[POOL_CRYPTEXES][POOL_PATCHES];
	uint8_t digest[POOL_CRYPTEXES][POOL_PATCHES][CRYPTEX_DIGEST_SIZE];
	struct blob manifest;
	int strange[POOL_STRANGE];
	unsigned int strangers;
	unsigned int costly;
	struct blob certificate[POOL_CERTIFICATES];
	uint64_t number;
	struct denials denied;
	int last_list;
	bool scattered;
};

/**
 * pool_init - mount the cryptexes and make all that is kept
 * @p: the pool; the test ends if this fails
 * @r: decides what cannot change later
 *
 * The test has the module to itself.
 */
void pool_init(struct pool *p, struct fuzz_random *r);

/**
 * pool_name - a cryptex's name, now and then of none
 * @p: the pool
 * @r: decides
 */
const char *pool_name(struct pool *p, struct fuzz_random *r);

/**
 * pool_label - a label, now and then of no generation
 * @p: the pool
 * @r: decides
 *
 * Return: text that is good until the next call.
 */
const char *pool_label(struct pool *p, struct fuzz_random *r);

/**
 * pool_seal - a descriptor to stage
 * @p: the pool
 * @r: decides
 * @own: set to true if the caller has to close it
 */
int pool_seal(struct pool *p, struct fuzz_random *r, bool *own);

/**
 * pool_list - a descriptor to revoke by
 * @p: the pool
 * @r: decides
 * @own: set to true if the caller has to close it
 */
int pool_list(struct pool *p, struct fuzz_random *r, bool *own);

/**
 * pool_certificate - something to add to the keyring
 * @p: the pool
 * @r: decides
 */
const struct blob *pool_certificate(struct pool *p, struct fuzz_random *r);

#endif /* _KSFT_FUZZ_POOL_H */
