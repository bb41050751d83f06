// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/sandbox_rules.h"

/* A thread's stack counts with all of its address space: 8 MiB otherwise. */
#define STACK (512 << 10)

/* Bytes of address space that this process has. */
static uint64_t own_memory(void)
{
	unsigned long long pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");

	if (file && fscanf(file, "%llu", &pages) != 1)
		pages = 0;
	if (file)
		fclose(file);
	return pages * sysconf(_SC_PAGESIZE);
}

static int limit_memory(uint64_t memory, struct cx_error *err)
{
	uint64_t own = own_memory();
	const struct rlimit space = { own + memory, own + memory };
	const struct rlimit stack = { STACK, STACK };

	if (!own)
		return cx_fail(err, -EIO, "/proc/self/statm cannot be read: is /proc mounted?");
	/* Each thread would reserve 64 MiB for a heap of its own. */
	mallopt(M_ARENA_MAX, 1);
	if (setrlimit(RLIMIT_STACK, &stack) || setrlimit(RLIMIT_AS, &space))
		return cx_fail(err, -errno, "memory cannot be limited: %s",
			       strerror(errno));
	return 0;
}

int cx_sandbox_enter(const struct cx_sandbox_rules *rules, struct cx_error *err)
{
	int version, rc = limit_memory(rules->memory, err);

	if (rc)
		return rc;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_DUMPABLE, 0))
		return cx_fail(err, -errno, "privileges cannot be given up: %s",
			       strerror(errno));
	version = cx_sandbox_landlock(rules, err);
	if (version < 0)
		return version;
	rc = cx_sandbox_seccomp(rules, err);
	return rc ? rc : version;
}
