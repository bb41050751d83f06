// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Usage: torn_dlopen DIR MICROSECONDS
 *
 * As torn_probe, but with the real dynamic linker.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "torn_probe.h"

static int generation_of(const char *dir, const char *lib)
{
	char path[256];
	int (*generation)(void);
	void *handle;

	snprintf(path, sizeof(path), "%s/%s", dir, lib);
	handle = dlopen(path, RTLD_NOW);
	if (!handle) {
		dprintf(STDERR_FILENO, "# torn_dlopen: %s\n", dlerror());
		_exit(TORN_NOT_OPENED);
	}
	*(void **)&generation = dlsym(handle, "torn_generation");
	if (!generation)
		_exit(TORN_NOT_OPENED);
	return generation();
}

int main(int argc, char **argv)
{
	int a, b;

	if (argc != 3)
		return TORN_WRONG_USE;
	a = generation_of(argv[1], TORN_LIB_A);
	usleep(atoi(argv[2]));
	b = generation_of(argv[1], TORN_LIB_B);
	return torn_judge(a, b);
}
