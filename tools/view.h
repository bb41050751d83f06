/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What `cryptex-publish show` has found, and its two ways to tell it. */
#ifndef _VIEW_H
#define _VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "contents.h"
#include "lib/error.h"
#include "lib/fixes.h"

/**
 * struct view - what a container or a seal file says
 * @contents: the seal, and for a container its objects
 * @is_container: false for a seal file, whose @contents has no objects
 * @is_verified: the signature was checked against certificates
 * @key_id: of the signer, hex; empty if not signed
 * @fixes: parsed
 * @files: number of regular files
 * @links: number of symbolic links
 * @directories: number of directories, without the root
 * @bytes: content of all regular files
 */
struct view {
	struct contents contents;
	bool is_container;
	bool is_verified;
	char key_id[129];
	struct cx_fixes fixes;
	uint32_t files;
	uint32_t links;
	uint32_t directories;
	uint64_t bytes;
};

/**
 * view_print - tell it to people, on standard output
 * @view: what to tell
 * @with_files: list the tree as well
 * @err: filled on failure
 *
 * Return: 0 or -ENOMEM.
 */
int view_print(const struct view *view, bool with_files, struct cx_error *err);

/**
 * view_print_json - tell it to programs, on standard output
 * @view: what to tell
 * @with_files: list the tree as well
 * @err: filled on failure
 *
 * Return: 0 or -EIO.
 */
int view_print_json(const struct view *view, bool with_files,
		    struct cx_error *err);

#endif /* _VIEW_H */
