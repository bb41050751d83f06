/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mounting the file system type "cryptex", and asking what is mounted. */
#ifndef _CX_MOUNTFS_H
#define _CX_MOUNTFS_H

#include <stdbool.h>

#include "lib/error.h"

/**
 * cx_mountfs_mount - mount a base; the kernel verifies its seal
 * @store: absolute path of the store
 * @seal: absolute path of the base's seal
 * @mountpoint: an existing folder
 * @err: filled on failure, with what the kernel wrote to the mount's log
 *
 * Return: 0; -ENODEV if the module is not loaded, -EPERM without
 * CAP_SYS_ADMIN, or what the module refused the seal with (the list of STAGE in
 * linux/cryptex.h).
 */
int cx_mountfs_mount(const char *store, const char *seal,
		     const char *mountpoint, struct cx_error *err);

/**
 * cx_mountfs_umount - take a mount away
 * @mountpoint: where it is
 * @err: filled on failure
 *
 * Return: 0, -EBUSY while a process uses it, or another negative errno.
 */
int cx_mountfs_umount(const char *mountpoint, struct cx_error *err);

/**
 * cx_mountfs_source - what is mounted as a cryptex at a place
 * @mountpoint: absolute, without symbolic links
 * @source: set to the path of the base's seal, to be freed; NULL if no cryptex
 *	is mounted there
 * @err: filled on failure; -EIO: the list of mounts cannot be read to its end
 *
 * Looks at this process's mount namespace.
 *
 * Return: 0 or a negative errno.
 */
int cx_mountfs_source(const char *mountpoint, char **source,
		      struct cx_error *err);

/**
 * cx_is_mount_root - is the top of a mount here?
 * @path: a folder
 *
 * Return: false also if @path does not exist.
 */
bool cx_is_mount_root(const char *path);

#endif
