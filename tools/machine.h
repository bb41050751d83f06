/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names of processor architectures. */
#ifndef _MACHINE_H
#define _MACHINE_H

#include <stdint.h>

/**
 * machine_name - how people call an ELF machine
 * @machine: e_machine; 0 is "any"
 *
 * Return: a constant; "unknown" for one that is not in the table.
 */
const char *machine_name(uint16_t machine);

/**
 * machine_parse - the ELF machine of a name
 * @name: as from machine_name(), or "none" for any
 *
 * Return: e_machine, 0 for any, or -EINVAL.
 */
int machine_parse(const char *name);

/**
 * machine_of_debian - the ELF machine of a Debian architecture
 * @architecture: "amd64", ...
 *
 * Return: e_machine, or 0 for "all" and for what is not in the table.
 */
uint16_t machine_of_debian(const char *architecture);

#endif /* _MACHINE_H */
