/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Telling files apart by their first bytes. */
#ifndef _MAGIC_H
#define _MAGIC_H

#include "lib/error.h"

/**
 * magic_is - does a file begin so?
 * @path: the file
 * @magic: CRYPTEX_SEAL_MAGIC_SIZE characters
 * @err: filled on failure
 *
 * Return: 1 or 0, or a negative errno if it cannot be read.
 */
int magic_is(const char *path, const char *magic, struct cx_error *err);

#endif /* _MAGIC_H */
