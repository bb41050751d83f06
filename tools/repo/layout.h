/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where things are in a repository; see Documentation/repository.rst. */
#ifndef _REPO_LAYOUT_H
#define _REPO_LAYOUT_H

#include <stdint.h>

#include <cryptex/seal.h>

#define DIR_METADATA	"metadata"
#define DIR_TARGETS	"targets"
#define DIR_OBJECTS	"objects"
#define DIR_DELTAS	"deltas"

/* The publisher's own: the lock, unfinished files, a root that waits for keys. */
#define DIR_PRIVATE	".publish"
#define DIR_TEMP	DIR_PRIVATE "/tmp"
#define FILE_LOCK	DIR_PRIVATE "/lock"
#define FILE_DRAFT	DIR_PRIVATE "/root.json"

#define TARGET_LIST	"revocations.list"	/* as a target */
#define SUFFIX_SEAL	".seal"
#define SUFFIX_INDEX	".index"

#define HEX_SIZE	(2 * CRYPTEX_DIGEST_SIZE + 1)

/**
 * struct place - a path below the repository's folder
 * @path: NUL-terminated
 */
struct place {
	char path[512];
};

/**
 * place_object - an object as a zstd frame
 * @digest: its fs-verity digest
 */
struct place place_object(const uint8_t digest[CRYPTEX_DIGEST_SIZE]);

/**
 * place_delta - what makes one object of another
 * @digest: of the object that it makes
 * @old: of the object that it is for
 */
struct place place_delta(const uint8_t digest[CRYPTEX_DIGEST_SIZE],
			 const uint8_t old[CRYPTEX_DIGEST_SIZE]);

/**
 * place_target - a target's file
 * @target: its name
 * @sha256: of its content, hex
 */
struct place place_target(const char *target, const char *sha256);

/**
 * place_metadata - a role's file
 * @role: its name
 * @version: 0 for timestamp.json, the only one without
 */
struct place place_metadata(const char *role, unsigned long long version);

#endif /* _REPO_LAYOUT_H */
