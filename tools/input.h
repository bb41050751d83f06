/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Inputs of a build: folders and Debian packages, and what of them is taken. */
#ifndef _INPUT_H
#define _INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"
#include "lib/file.h"
#include "tree.h"

/* A larger file is refused before it is read; a container cannot carry it. */
#define INPUT_MAX_FILE	(4ULL << 30)

/**
 * struct globs - a list of patterns
 * @list: of fnmatch(3); "*" matches "/" too
 * @count: how many
 */
struct globs {
	const char **list;
	size_t count;
};

/**
 * struct filter - what is taken of an input
 * @include: a path must match one of these, or lie below one that does; empty
 *	takes everything
 * @exclude: a path that matches one of these, or lies below one that does, is
 *	left out
 */
struct filter {
	struct globs include;
	struct globs exclude;
};

/**
 * globs_add - append a pattern
 * @globs: grows
 * @pattern: kept by reference; a leading "/" or "./" is ignored
 * @err: filled on failure
 *
 * Return: 0 or -ENOMEM.
 */
int globs_add(struct globs *globs, const char *pattern, struct cx_error *err);

/**
 * filter_takes - is a path taken?
 * @filter: the patterns
 * @path: below the input's root
 */
bool filter_takes(const struct filter *filter, const char *path);

/**
 * filter_excludes - is a path left out, with all that is below it?
 * @filter: the patterns
 * @path: below the input's root
 */
bool filter_excludes(const struct filter *filter, const char *path);

/**
 * input_dir - add the content of a folder
 * @tree: grows
 * @dir: the folder
 * @filter: what to take
 * @err: filled on failure, with the path
 *
 * Return: 0, -EPERM (a kind of file that no seal has), -EAGAIN (a file changed
 * meanwhile), -EFBIG, as tree_add(), or what reading gave.
 */
int input_dir(struct tree *tree, const char *dir, const struct filter *filter,
	      struct cx_error *err);

/**
 * struct deb - what a Debian package says about itself
 * @package: its name
 * @version: its version
 * @architecture: "amd64", "all", ...
 * @changelog: its Debian changelog, unpacked; empty if it has none
 */
struct deb {
	char *package;
	char *version;
	char *architecture;
	struct cx_buf changelog;
};

/**
 * input_deb - add the content of a Debian package
 * @tree: grows
 * @path: the .deb
 * @filter: what to take
 * @deb: set on success; the caller frees it with deb_free()
 * @err: filled on failure, with the path
 *
 * Return: 0, -EBADMSG, -EPROTONOSUPPORT (a packing that is not known), -EFBIG, -ENOENT
 * (no such package), as tree_add(), or what reading gave.
 */
int input_deb(struct tree *tree, const char *path, const struct filter *filter,
	      struct deb *deb, struct cx_error *err);

/**
 * deb_free - free the strings
 * @deb: may be all zero
 */
void deb_free(struct deb *deb);

#endif /* _INPUT_H */
