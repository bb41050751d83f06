// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The guard behind the rules of `current`: however a process comes by files of
 * two generations of a cryptex, it never has code of both.
 */
#include <stdlib.h>

#include <kselftest_harness.h>

#include "fixture.h"
#include "remote.h"
#include "report.h"

#define ASSERT_DONE(r, ...) \
	ASSERT_EQ(0, remote_do(r, __VA_ARGS__)) TH_LOG("%s", (r)->text)

FIXTURE(guard)
{
	struct world world;
	struct cryptex cx;
	struct remote r;
	const char *dir;
};

FIXTURE_SETUP(guard)
{
	world_init(&self->world);
	cryptex_init(&self->cx, &self->world, "g");
	cryptex_simple(&self->cx, 2);
	remote_start(&self->r);
	self->dir = self->cx.dir;
}

FIXTURE_TEARDOWN(guard)
{
	remote_stop(&self->r);
	world_exit(&self->world);
}

TEST_F(guard, code_of_two_generations)
{
	ASSERT_DONE(&self->r, "map %s/1/a rx p", self->dir);
	EXPECT_EQ(-ESTALE, remote_do(&self->r, "map %s/2/a rx p", self->dir));
	EXPECT_EQ(-ESTALE, remote_do(&self->r, "map %s/2/b x s", self->dir));
	ASSERT_DONE(&self->r, "map %s/1/b rx p", self->dir);
}

TEST_F(guard, after_the_last_unmap)
{
	char mapping[REMOTE_TEXT];

	ASSERT_DONE(&self->r, "map %s/1/a rx p", self->dir);
	strcpy(mapping, self->r.text);
	EXPECT_EQ(-ESTALE, remote_do(&self->r, "map %s/2/a rx p", self->dir));
	ASSERT_DONE(&self->r, "unmap %s", mapping);
	ASSERT_DONE(&self->r, "map %s/2/a rx p", self->dir);
	EXPECT_EQ(-ESTALE, remote_do(&self->r, "map %s/1/a rx p", self->dir));
}

/* Data can be had of both, but does not turn into code. */
TEST_F(guard, data_of_another_generation)
{
	char mapping[REMOTE_TEXT];

	ASSERT_DONE(&self->r, "map %s/1/a rx p", self->dir);
	ASSERT_DONE(&self->r, "map %s/2/a r p", self->dir);
	strcpy(mapping, self->r.text);
	EXPECT_STREQ("2:a", remote_ask(&self->r, "word %s", mapping));
	EXPECT_EQ(-EACCES, remote_do(&self->r, "protect %s rx", mapping));
	EXPECT_EQ(-EACCES, remote_do(&self->r, "protect %s x", mapping));
	/* Not after a copy on write either, nor in a child. */
	ASSERT_DONE(&self->r, "protect %s rw", mapping);
	EXPECT_EQ(-EACCES, remote_do(&self->r, "protect %s rx", mapping));
	ASSERT_DONE(&self->r, "fork");
	EXPECT_EQ(-EACCES, remote_do(&self->r, "protect %s rx", mapping));
	EXPECT_EQ(-ESTALE, remote_do(&self->r, "map %s/2/b rx p", self->dir));
}

/* The other way round: what is data now could be made code later. */
TEST_F(guard, code_after_data)
{
	ASSERT_DONE(&self->r, "map %s/1/a r p", self->dir);
	EXPECT_EQ(-ESTALE, remote_do(&self->r, "map %s/2/a rx p", self->dir));
}

TEST_F(guard, descriptors_in_flight)
{
	char old[REMOTE_TEXT], new[REMOTE_TEXT];

	ASSERT_DONE(&self->r, "open %s/current/a", self->dir);
	strcpy(old, self->r.text);
	cryptex_activate(&self->cx, "2");
	ASSERT_DONE(&self->r, "open %s/current/b", self->dir);
	strcpy(new, self->r.text);
	ASSERT_DONE(&self->r, "mapfd %s rx p", old);
	EXPECT_EQ(-ESTALE, remote_do(&self->r, "mapfd %s rx p", new));
	/* It is in the old one now, by what it maps. */
	EXPECT_STREQ("1", remote_ask(&self->r, "link %s/current", self->dir));
}

TEST_F(guard, program_and_library)
{
	ASSERT_DONE(&self->r, "exec %s/1/bin/agent", self->dir);
	EXPECT_EQ(-ESTALE, remote_do(&self->r, "map %s/2/a rx p", self->dir));
	ASSERT_DONE(&self->r, "map %s/1/a rx p", self->dir);
	/* A new program is a new address space. */
	ASSERT_DONE(&self->r, "exec %s/2/bin/agent", self->dir);
	EXPECT_EQ(-ESTALE, remote_do(&self->r, "map %s/1/a rx p", self->dir));
	ASSERT_DONE(&self->r, "map %s/2/a rx p", self->dir);
}

TEST_F(guard, threads_share_it)
{
	ASSERT_DONE(&self->r, "map %s/1/a rx p", self->dir);
	ASSERT_DONE(&self->r, "thread");
	EXPECT_EQ(-ESTALE, remote_do(&self->r, "map %s/2/a rx p", self->dir));
}

/* Another cryptex is another matter. */
TEST_F(guard, generations_of_two_cryptexes)
{
	struct cryptex other;

	cryptex_init(&other, &self->world, "h");
	cryptex_simple(&other, 2);
	ASSERT_DONE(&self->r, "map %s/1/a rx p", self->dir);
	ASSERT_DONE(&self->r, "map %s/2/a rx p", other.dir);
	EXPECT_EQ(-ESTALE, remote_do(&self->r, "map %s/1/a rx p", other.dir));
}

TEST_HARNESS_MAIN
