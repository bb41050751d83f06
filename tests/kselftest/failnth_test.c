// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Every allocation of every call fails once: first the first one, then the
 * second, until the call gets by without a fault.  It needs a kernel with fault
 * injection, see config.
 */
#include <stdlib.h>

#include <kselftest_harness.h>

#include "failnth.h"
#include "failnth_cases.h"
#include "failnth_rig.h"
#include "leaks.h"
#include "module.h"

#define LIMIT 3000	/* seconds */

/* A test of calls on the rig, of which each is told by itself. */
#define SWEEP_ALL(list)							\
	do {								\
		const struct sweep *s;					\
									\
		for (s = list; s->name; s++)				\
			EXPECT_TRUE(sweep_run(s, NULL))			\
				TH_LOG("%s", s->name);			\
	} while (0)

/* The harness keeps to the order of fixtures, not to that of their tests. */
FIXTURE(before)
{
	bool possible;
};

FIXTURE_SETUP(before)
{
	self->possible = leaks_begin();
}

FIXTURE_TEARDOWN(before)
{
}

TEST_F_TIMEOUT(before, leaks_begin, LIMIT)
{
	if (!self->possible)
		SKIP(return, "this kernel has no kmemleak");
}

/* The module is loaded, and nothing is mounted. */
FIXTURE(bare)
{
	const char *lacking;
};

FIXTURE_SETUP(bare)
{
	int file = module_open();

	self->lacking = file < 0 ? "the module was not built beside this test" :
				   failnth_init();
	if (file >= 0)
		close(file);
}

FIXTURE_TEARDOWN(bare)
{
	if (!self->lacking && !module_is_loaded())
		module_load();
}

TEST_F_TIMEOUT(bare, module, LIMIT)
{
	if (self->lacking)
		SKIP(return, "%s", self->lacking);
	/*
	 * Before it comes to the module, the kernel warns of its own failure to
	 * list tracepoints; and 6.12 leaks a slab cache's name when there is no
	 * memory for its entry in sysfs.
	 */
	failnth_only_modules();
	failnth_spare("sysfs_slab_add");
	SWEEP_ALL(module_sweeps);
}

TEST_F_TIMEOUT(bare, lock, LIMIT)
{
	if (self->lacking)
		SKIP(return, "%s", self->lacking);
	SWEEP_ALL(lock_sweeps);
}

FIXTURE(sweep)
{
	const char *lacking;
};

FIXTURE_SETUP(sweep)
{
	self->lacking = failnth_init();
	if (!self->lacking)
		rig_init();
}

FIXTURE_TEARDOWN(sweep)
{
	if (!self->lacking)
		rig_exit();
}

#define TEST_SWEEP(name, list)						\
	TEST_F_TIMEOUT(sweep, name, LIMIT)				\
	{								\
		if (self->lacking)					\
			SKIP(return, "%s", self->lacking);		\
		SWEEP_ALL(list);					\
	}

TEST_SWEEP(mounting, mount_sweeps)
TEST_SWEEP(files, file_sweeps)
TEST_SWEEP(asking, netlink_sweeps)
TEST_SWEEP(changing, change_sweeps)
TEST_SWEEP(revoking, revoke_sweeps)

FIXTURE(after)
{
	char *leaks;
};

FIXTURE_SETUP(after)
{
}

FIXTURE_TEARDOWN(after)
{
	free(self->leaks);
}

TEST_F_TIMEOUT(after, leaks_end, LIMIT)
{
	if (access("/sys/kernel/debug/kmemleak", W_OK))
		SKIP(return, "this kernel has no kmemleak");
	self->leaks = leaks_end();
	EXPECT_STREQ("", self->leaks);
}

TEST_HARNESS_MAIN
