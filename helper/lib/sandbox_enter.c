// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <malloc.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "lib/process.h"
#include "lib/sandbox_rules.h"

/* A thread's stack counts with all of its address space: 8 MiB otherwise. */
#define STACK (512 << 10)

static int limit_memory(uint64_t memory, struct cx_error *err)
{
	uint64_t own = cx_own_memory();
	int rc;

	if (!own)
		return cx_fail(err, -EIO, "/proc/self/statm cannot be read: is /proc mounted?");
	/* Each thread would reserve 64 MiB for a heap of its own. */
	mallopt(M_ARENA_MAX, 1);
	rc = cx_limit(RLIMIT_STACK, STACK);
	if (!rc)
		rc = cx_limit(RLIMIT_AS, own + memory);
	return rc ? cx_fail(err, rc, "memory cannot be limited: %s",
			    strerror(-rc)) : 0;
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
