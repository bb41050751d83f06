/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an ELF file says about itself. */
#ifndef _ELFFILE_H
#define _ELFFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/**
 * struct elf_facts - what is known of an ELF file
 * @is_elf: it is one; if not, nothing else is set
 * @is_loadable: an executable or a shared object, so its machine counts
 * @is_library: a shared object that is no program
 * @machine: e_machine
 * @soname: of a library, or NULL
 * @exports: "symbol" or "symbol@version", sorted; of a library
 * @export_count: how many
 */
struct elf_facts {
	bool is_elf;
	bool is_loadable;
	bool is_library;
	uint16_t machine;
	char *soname;
	char **exports;
	size_t export_count;
};

/**
 * elf_read_facts - examine a file's bytes
 * @data: the file
 * @size: its bytes
 * @name: of the file, for the error
 * @facts: set on success, also if it is no ELF file; freed by the caller
 * @err: filled on failure; -EBADMSG for an ELF file that is broken
 *
 * Return: 0, -EBADMSG or -ENOMEM.
 */
int elf_read_facts(const void *data, size_t size, const char *name,
		   struct elf_facts *facts, struct cx_error *err);

/**
 * elf_free_facts - free what was found
 * @facts: may be all zero
 */
void elf_free_facts(struct elf_facts *facts);

/**
 * elf_exports - does a library export a symbol?
 * @facts: of the library
 * @symbol: as in @exports
 */
bool elf_exports(const struct elf_facts *facts, const char *symbol);

#endif /* _ELFFILE_H */
