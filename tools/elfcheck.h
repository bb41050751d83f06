/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Is the content for one machine, and can a patch take its base's place? */
#ifndef _ELFCHECK_H
#define _ELFCHECK_H

#include <stdint.h>

#include "lib/error.h"
#include "tree.h"

/**
 * elfcheck_machine - the machine that a tree is for
 * @tree: with contents
 * @wanted: e_machine that each program and library must have; 0 for whichever
 *	they have, if all have the same
 * @machine: set to it on success; 0 if there is none
 * @err: filled on failure: names two files that differ
 *
 * Return: 0, -ENOEXEC (no one machine for all), -EBADMSG (a broken ELF file), -ENOMEM,
 * or why the spool cannot be read.
 */
int elfcheck_machine(const struct tree *tree, uint16_t wanted,
		     uint16_t *machine, struct cx_error *err);

/**
 * elfcheck_abi - does a patch still offer what its base offers?
 * @base: the base's tree
 * @patch: the patch's tree
 * @err: filled on failure; -ENOTUNIQ: the ABI is broken, and the sentence names
 *	the library and up to five symbols
 *
 * Each library of the base must be in the patch, at its path or with its SONAME
 * in the same folder, have the same SONAME, and export every symbol and version
 * that it exported.
 *
 * Return: 0, -ENOTUNIQ, -EBADMSG (a broken ELF file), -ENOMEM, or why the spool cannot
 * be read.
 */
int elfcheck_abi(const struct tree *base, const struct tree *patch,
		 struct cx_error *err);

#endif /* _ELFCHECK_H */
