/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Grafting a cryptex into the dynamic linker's search: a drop-in of
 * ld.so.conf.d that names the library folders under `current`, and ldconfig.
 */
#ifndef _CX_GRAFT_H
#define _CX_GRAFT_H

#include <stdbool.h>

#include <cryptex/seal.h>

#include "lib/error.h"
#include "lib/file.h"

#define CX_GRAFT_DIR	"/etc/ld.so.conf.d"

/**
 * cx_graft_text - what the drop-in of a base says
 * @base: its parsed seal
 * @mountpoint: absolute; see cx_mountpoint_ok()
 * @text: set on success: one line for each folder that holds a lib*.so*; size
 *	0 if there is none; the caller frees it with cx_buf_free()
 * @err: filled on failure; -EINVAL for a folder that ld.so.conf cannot name
 */
int cx_graft_text(const struct cryptex_seal *base, const char *mountpoint,
		  struct cx_buf *text, struct cx_error *err);

/**
 * cx_graft_write - put the drop-in of a cryptex in place, crash-safely
 * @dir: the folder of drop-ins, %CX_GRAFT_DIR
 * @name: the cryptex
 * @text: from cx_graft_text()
 * @err: filled on failure
 *
 * Return: 1 if the drop-in changed, 0 if it was there already, or a negative
 * errno.
 */
int cx_graft_write(const char *dir, const char *name, const struct cx_buf *text,
		   struct cx_error *err);

/**
 * cx_graft_remove - take the drop-in of a cryptex away
 * @dir: the folder of drop-ins
 * @name: the cryptex
 * @err: filled on failure
 *
 * Return: 1 if it was there, 0 if not, or a negative errno.
 */
int cx_graft_remove(const char *dir, const char *name, struct cx_error *err);

/**
 * cx_graft_pending - is the dynamic linker's cache older than a drop-in?
 * @dir: the folder of drop-ins
 * @name: the cryptex
 *
 * So it is if the machine stopped between the two.
 */
bool cx_graft_pending(const char *dir, const char *name);

/**
 * cx_graft_refresh - make the dynamic linker's cache follow the drop-ins
 * @err: filled on failure, with what ldconfig said
 */
int cx_graft_refresh(struct cx_error *err);

#endif /* _CX_GRAFT_H */
