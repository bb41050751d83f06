// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Loading a library.  libcrypto.so.3 is linked so that it is never unloaded, so
 * each time is in a new process, which counts by itself.
 */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jobs.h"

/* By its path, as a program that the dynamic linker's cache leads here. */
static void load(const char *dir, const char *library)
{
	char path[PATH_MAX];
	void *handle;

	snprintf(path, sizeof(path), "%s/%s", dir, library);
	handle = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
	if (!handle)
		bench_die("%s", dlerror());
	dlclose(handle);
}

static void in_child(const struct dlopen_arg *arg, uint64_t *counted)
{
	uint64_t start;

	if (arg->before)
		load(arg->dir, arg->before);
	start = bench_now();
	load(arg->dir, arg->library);
	if (arg->library2)
		load(arg->dir, arg->library2);
	*counted = bench_now() - start;
}

uint64_t job_dlopen(void *arg)
{
	static uint64_t *counted;
	int status;
	pid_t pid;

	if (!counted)
		counted = mmap(NULL, sizeof(*counted), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counted == MAP_FAILED)
		bench_die("mmap: %s", strerror(errno));
	*counted = 0;
	pid = fork();
	if (!pid) {
		in_child(arg, counted);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status || !*counted)
		bench_die("a process that loads a library failed");
	return *counted;
}
