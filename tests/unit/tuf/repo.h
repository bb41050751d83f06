/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A repository that a test makes: real keys, real signatures, files in a folder.
 *
 * Every function fails the test if it cannot do its work.
 */
#ifndef _TUF_REPO_H
#define _TUF_REPO_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "lib/tuf/key.h"

#define REPO_KEYS 12
#define KEY(i) (1u << (i))

/* The keys that sign what at the start; the others are spare. */
enum { ROOT_KEY, TIMESTAMP_KEY, SNAPSHOT_KEY, TARGETS_KEY, SPARE };

/**
 * struct repo - the publisher's side
 * @dir: the folder that is served
 * @dirfd: the same, open
 * @pkeys: private keys, of Ed25519
 * @keys: public keys as in metadata
 * @ids: of the keys
 * @root: what is signed next as root.json, and so on; version numbers are set when it
 *	is signed
 * @signers: bits of the keys that sign, by the kind of metadata
 */
struct repo {
	char dir[64];
	int dirfd;
	struct evp_pkey_st *pkeys[REPO_KEYS];
	json_t *keys[REPO_KEYS];
	char ids[REPO_KEYS][CX_TUF_KEYID_LEN + 1];
	json_t *root;
	json_t *timestamp;
	json_t *snapshot;
	json_t *targets;
	unsigned int signers[4];
};

/* Version 1 of all, with consistent snapshots, valid for 30 days; published. */
void repo_make(struct repo *repo);
void repo_free(struct repo *repo);

/* A signed part that says no more than what all have. */
json_t *repo_part(const char *type);
void repo_expire(json_t *part, time_t when);

/* {"keyids": ..., "threshold": ...} for keys by their bits */
json_t *repo_role(const struct repo *repo, unsigned int keys,
		  unsigned int threshold);

/* Set a role of the next root, with its keys. */
void repo_set_role(struct repo *repo, const char *role, unsigned int keys,
		   unsigned int threshold);

/* Signed metadata as bytes; the caller frees them with free(). */
char *repo_sign(const struct repo *repo, const json_t *part, unsigned int keys);
void repo_write(const struct repo *repo, const char *name, const void *data,
		size_t size);
void repo_sign_file(const struct repo *repo, const char *name,
		    const json_t *part, unsigned int keys);

/* The next version of the root; of the targets, and what follows from them; ... */
void repo_publish_root(struct repo *repo);
void repo_publish_targets(struct repo *repo);
void repo_publish_snapshot(struct repo *repo);
void repo_publish_timestamp(struct repo *repo);

/* A target of the next targets, and its file. */
void repo_add_target(const struct repo *repo, json_t *targets, const char *name,
		     const void *data, size_t size);

/*
 * Delegate: @targets trusts @keys for @patterns (one, or several with blanks between).
 * The role's metadata have to be signed by repo_publish_delegated().
 */
void repo_delegate(const struct repo *repo, json_t *targets, const char *role,
		   unsigned int keys, const char *patterns, bool terminating);
void repo_publish_delegated(struct repo *repo, const char *role, json_t *part,
			    unsigned int keys);

#endif /* _TUF_REPO_H */
