/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tree of one generation, as it grows from the inputs. */
#ifndef _TREE_H
#define _TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cryptex/seal.h>

#include "lib/error.h"
#include "lib/file.h"
#include "spool.h"

/**
 * struct node - a directory, regular file or symbolic link
 * @name: one path component, "" for the root
 * @path: whole path below the root
 * @mode: type and permissions
 * @parent: the directory that holds it; NULL for the root
 * @children: directory: sorted as the seal wants siblings
 * @count: directory: number of @children
 * @room: directory: space in @children
 * @content: file: where its bytes are
 * @digest: file: fs-verity digest, after tree_measure()
 * @target: link: where it points
 * @mtime: seconds since 1970 UTC; of inputs only, the seal has one time for all
 * @xattrs: its set of extended attributes, as the seal has it; empty for none
 * @index: number of the entry, while a manifest is written
 * @xattr_set: number of its set, 0 for none, while a manifest is written
 */
struct node {
	char *name;
	char *path;
	mode_t mode;
	struct node *parent;
	struct node **children;
	size_t count;
	size_t room;
	struct blob content;
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	char *target;
	int64_t mtime;
	struct cx_buf xattrs;
	uint32_t index;
	uint32_t xattr_set;
};

/**
 * struct tree - a tree and the copies of its files
 * @root: the root directory, mode 0755
 * @spool: holds the contents
 * @entries: number of nodes, the root included
 */
struct tree {
	struct node *root;
	struct spool *spool;
	uint32_t entries;
};

/**
 * tree_init - an empty tree
 * @tree: set on success; the caller frees it
 * @spool: outlives the tree
 * @err: filled on failure
 *
 * Return: 0 or -ENOMEM.
 */
int tree_init(struct tree *tree, struct spool *spool, struct cx_error *err);

/**
 * tree_free - free the nodes
 * @tree: may be all zero
 */
void tree_free(struct tree *tree);

/**
 * tree_add - add a node, and the directories that lead to it
 * @tree: grows
 * @path: below the root, without leading, trailing or double slash
 * @mode: type and permissions
 * @mtime: seconds since 1970 UTC
 * @node: set on success; the caller adds content or target
 * @err: filled on failure: a bad name, a set-id bit, a device, or -EEXIST if
 *	something else than two directories is there twice
 *
 * Return: 0; -EINVAL, -ENAMETOOLONG, -ENOTDIR, -EEXIST, -EPERM or -EFBIG for what no
 * seal can hold; or -ENOMEM.
 */
int tree_add(struct tree *tree, const char *path, mode_t mode, int64_t mtime,
	     struct node **node, struct cx_error *err);

/**
 * tree_set_target - say where a link points
 * @node: a link
 * @target: refused if absolute, too long, or leaving the tree
 * @err: filled on failure
 *
 * Return: 0, -EINVAL, or -ENOMEM.
 */
int tree_set_target(struct node *node, const char *target,
		    struct cx_error *err);

/**
 * tree_find - find a node by its path
 * @tree: a tree
 * @path: below the root, "" for the root
 *
 * Return: the node, or NULL.
 */
struct node *tree_find(const struct tree *tree, const char *path);

/**
 * tree_prune - drop directories in which there is nothing
 * @tree: shrinks
 */
void tree_prune(struct tree *tree);

/**
 * typedef tree_visitor - called for each node, a directory before its children
 * @node: the node
 * @ctx: the caller's
 * @err: filled on failure
 *
 * Return: 0, or a negative errno, which ends the walk.
 */
typedef int (*tree_visitor)(struct node *node, void *ctx, struct cx_error *err);

/**
 * tree_walk - visit each node in a fixed order
 * @tree: a tree
 * @visit: called for each
 * @ctx: for @visit
 * @err: filled on failure
 *
 * Return: 0, or what @visit returned.
 */
int tree_walk(const struct tree *tree, tree_visitor visit, void *ctx,
	      struct cx_error *err);

/**
 * tree_measure - compute the digests of all files
 * @tree: a tree
 * @err: filled on failure
 *
 * Return: 0, or why a content cannot be read or measured.
 */
int tree_measure(struct tree *tree, struct cx_error *err);

#endif /* _TREE_H */
