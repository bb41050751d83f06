// SPDX-License-Identifier: LGPL-2.1-or-later
#include "machine.h"

#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

static const struct {
	uint16_t machine;
	const char *name;
	const char *debian;
} machines[] = {
	{ EM_X86_64, "x86_64", "amd64" },
	{ EM_386, "i386", "i386" },
	{ EM_AARCH64, "aarch64", "arm64" },
	{ EM_ARM, "arm", "armhf" },
	{ EM_ARM, "arm", "armel" },
	{ EM_RISCV, "riscv64", "riscv64" },
	{ EM_PPC64, "ppc64", "ppc64el" },
	{ EM_S390, "s390x", "s390x" },
	{ EM_MIPS, "mips", "mips64el" },
	{ EM_LOONGARCH, "loongarch64", "loong64" },
};

#define MACHINE_COUNT	(sizeof(machines) / sizeof(*machines))

const char *machine_name(uint16_t machine)
{
	size_t i;

	for (i = 0; i < MACHINE_COUNT; i++)
		if (machines[i].machine == machine)
			return machines[i].name;
	return machine ? "unknown" : "any";
}

int machine_parse(const char *name)
{
	size_t i;

	if (!strcmp(name, "none") || !strcmp(name, "any"))
		return 0;
	for (i = 0; i < MACHINE_COUNT; i++)
		if (!strcmp(machines[i].name, name))
			return machines[i].machine;
	return -EINVAL;
}

uint16_t machine_of_debian(const char *architecture)
{
	size_t i;

	for (i = 0; i < MACHINE_COUNT; i++)
		if (!strcmp(machines[i].debian, architecture))
			return machines[i].machine;
	return 0;
}
