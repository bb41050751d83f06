/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Makes manifests and seals in memory.
 *
 * Written from the format's description, not with the code of the publisher:
 * two makers that agree tell more about a format than one.
 */
#ifndef _KSFT_SEAL_MAKER_H
#define _KSFT_SEAL_MAKER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cryptex/seal.h>

#include "signer.h"

/**
 * struct node - a directory, file or link of a tree
 * @path: from the tree's root, without a slash at its start
 * @mode: type and permissions
 * @size: bytes of content, of a file
 * @target: of a link, else NULL
 * @digest: fs-verity digest, of a file
 * @xattrs: its set of extended attributes, as the manifest has it
 * @parent: set by manifest_make(): index of its directory's entry
 * @xattr_set: set by manifest_make(): number of its set, 0 for none
 */
struct node {
	char *path;
	mode_t mode;
	uint64_t size;
	char *target;
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	struct blob xattrs;
	uint32_t parent;
	uint32_t xattr_set;
};

/**
 * struct tree - what a generation holds, in any order; zeroed when empty
 * @nodes: all but the root
 * @count: number of @nodes
 */
struct tree {
	struct node *nodes;
	size_t count;
};

void tree_add_dir(struct tree *t, const char *path, mode_t permissions);
void tree_add_link(struct tree *t, const char *path, const char *target);
void tree_add_file(struct tree *t, const char *path, mode_t permissions,
		   uint64_t size, const uint8_t *digest);
/**
 * find_node - a node by its path; the test ends if there is none
 * @t: the tree
 * @path: of the node
 */
struct node *find_node(struct tree *t, const char *path);

/**
 * tree_add_xattr - give a node an extended attribute
 * @t: has the node
 * @path: the node
 * @name: the attribute; a node's ascend in the order of the calls
 * @value: its value
 * @size: bytes of @value
 */
void tree_add_xattr(struct tree *t, const char *path, const char *name,
		    const void *value, uint16_t size);
void tree_exit(struct tree *t);

/**
 * struct identity - what a seal's header says
 * @name: the cryptex
 * @label: the generation
 * @base: digest of the base's manifest, NULL for a base
 * @security_epoch: as in the header
 * @machine: as in the header, 0 for any
 * @fixes: JSON text, NULL for none
 */
struct identity {
	const char *name;
	const char *label;
	const uint8_t *base;
	uint32_t security_epoch;
	uint16_t machine;
	const char *fixes;
};

#define MANIFEST_BUILD_TIME 1700000000

/**
 * manifest_make - the canonical manifest of a tree
 * @id: what the header says
 * @t: put into the order of the entries
 *
 * Return: the caller frees the data, and may spoil it first.
 */
struct blob manifest_make(const struct identity *id, struct tree *t);

/**
 * manifest_entry - an entry within a manifest, to look at or to spoil
 * @manifest: from manifest_make()
 * @index: the entry's
 */
struct cryptex_seal_entry *manifest_entry(const struct blob *manifest,
					  uint32_t index);

/**
 * seal_make - a manifest with a signature behind it
 * @manifest: whose @signed_size is not looked at
 * @signer: who signs it
 *
 * Return: the caller frees the data.
 */
struct blob seal_make(const struct blob *manifest, const struct signer *signer);

/**
 * seal_assemble - a manifest, any signature, and the checksum over both
 * @manifest: as in seal_make()
 * @signature: what stands in the signature's place
 *
 * Return: the caller frees the data.
 */
struct blob seal_assemble(const struct blob *manifest,
			  const struct blob *signature);

/**
 * blob_join - two blobs behind one another
 * @a: the first
 * @b: the second
 *
 * Return: the caller frees the data.
 */
struct blob blob_join(const struct blob *a, const struct blob *b);

#endif /* _KSFT_SEAL_MAKER_H */
