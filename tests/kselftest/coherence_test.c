// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The rules of `current`: what a process gets depends on what it maps.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include <kselftest_harness.h>

#include "fixture.h"
#include "remote.h"
#include "report.h"

/* What does the remote process answer? */
#define EXPECT_ANSWER(want, r, ...) \
	EXPECT_STREQ(want, remote_ask(r, __VA_ARGS__))

/* Which generation does `current` give to it? */
#define EXPECT_CURRENT(want, r, cx) \
	EXPECT_ANSWER(want, r, "link %s/current", (cx)->dir)

#define ASSERT_DONE(r, ...) \
	ASSERT_EQ(0, remote_do(r, __VA_ARGS__)) TH_LOG("%s", (r)->text)

#define ASSERT_MAPPED(r, cx, file) \
	ASSERT_DONE(r, "map %s/%s rx p", (cx)->dir, file)

FIXTURE(coherence)
{
	struct world world;
	struct cryptex a, b;
	struct remote r;
};

FIXTURE_SETUP(coherence)
{
	world_init(&self->world);
	cryptex_init(&self->a, &self->world, "a");
	cryptex_simple(&self->a, 3);
	cryptex_init(&self->b, &self->world, "b");
	cryptex_simple(&self->b, 3);
	remote_start(&self->r);
}

FIXTURE_TEARDOWN(coherence)
{
	remote_stop(&self->r);
	world_exit(&self->world);
}

static void activate_both(FIXTURE_DATA(coherence) *self, const char *a,
			  const char *b)
{
	struct item items[] = { { self->a.name, a }, { self->b.name, b } };
	int err = client_activate(&self->world.client, items, 2);

	if (err)
		die("activate: %s", strerror(-err));
}

TEST_F(coherence, without_mappings_the_active_one)
{
	struct cryptex *a = &self->a;
	struct remote *r = &self->r;

	EXPECT_CURRENT("1", r, a);
	EXPECT_ANSWER("1:text", r, "head %s/current/text", a->dir);
	cryptex_activate(a, "2");
	EXPECT_CURRENT("2", r, a);
	EXPECT_ANSWER("2:text", r, "head %s/current/text", a->dir);
	EXPECT_ANSWER("2", r, "link %s/active", a->dir);
	EXPECT_ANSWER("1", r, "link %s/base", a->dir);
}

TEST_F(coherence, a_descriptor_alone_holds_nothing)
{
	ASSERT_DONE(&self->r, "open %s/current/a", self->a.dir);
	cryptex_activate(&self->a, "2");
	EXPECT_CURRENT("2", &self->r, &self->a);
}

TEST_F(coherence, a_mapping_holds)
{
	struct cryptex *a = &self->a;
	struct remote *r = &self->r;
	char mapping[REMOTE_TEXT];

	ASSERT_MAPPED(r, a, "current/a");
	strcpy(mapping, r->text);
	cryptex_activate(a, "2");
	EXPECT_CURRENT("1", r, a);
	cryptex_activate(a, "3");
	EXPECT_CURRENT("1", r, a);
	EXPECT_ANSWER("1:b", r, "head %s/current/b", a->dir);
	/* active is what others get. */
	EXPECT_ANSWER("3", r, "link %s/active", a->dir);
	ASSERT_MAPPED(r, a, "current/b");
	EXPECT_ANSWER("1:b", r, "word %s", r->text);
	ASSERT_DONE(r, "unmap %s", mapping);
	EXPECT_CURRENT("1", r, a);
}

TEST_F(coherence, a_mapping_of_data_holds)
{
	struct remote *r = &self->r;

	ASSERT_DONE(r, "map %s/current/a r s", self->a.dir);
	cryptex_activate(&self->a, "2");
	EXPECT_CURRENT("1", r, &self->a);
}

TEST_F(coherence, the_last_unmap_lets_go)
{
	char mapping[REMOTE_TEXT];
	struct remote *r = &self->r;

	ASSERT_MAPPED(r, &self->a, "current/a");
	strcpy(mapping, r->text);
	cryptex_activate(&self->a, "2");
	EXPECT_CURRENT("1", r, &self->a);
	ASSERT_DONE(r, "unmap %s", mapping);
	EXPECT_CURRENT("2", r, &self->a);
}

TEST_F(coherence, fork_keeps)
{
	struct remote *r = &self->r;

	ASSERT_MAPPED(r, &self->a, "current/a");
	cryptex_activate(&self->a, "2");
	ASSERT_DONE(r, "fork");
	EXPECT_CURRENT("1", r, &self->a);
	EXPECT_ANSWER("1:b", r, "head %s/current/b", self->a.dir);
}

TEST_F(coherence, a_thread_is_as_its_process)
{
	struct remote *r = &self->r;

	ASSERT_MAPPED(r, &self->a, "current/a");
	cryptex_activate(&self->a, "2");
	ASSERT_DONE(r, "thread");
	EXPECT_CURRENT("1", r, &self->a);
	ASSERT_MAPPED(r, &self->b, "current/a");
	EXPECT_ANSWER("1:b", r, "head %s/current/b", self->a.dir);
}

TEST_F(coherence, a_thread_without_its_leader_too)
{
	struct remote *r = &self->r;

	ASSERT_MAPPED(r, &self->a, "current/a");
	ASSERT_DONE(r, "leader-exits");
	cryptex_activate(&self->a, "2");
	EXPECT_CURRENT("1", r, &self->a);
}

TEST_F(coherence, exec_of_an_outside_program_gives_new)
{
	struct remote *r = &self->r;
	char agent[4096];

	beside("agent", agent);
	ASSERT_MAPPED(r, &self->a, "current/a");
	cryptex_activate(&self->a, "2");
	EXPECT_CURRENT("1", r, &self->a);
	ASSERT_DONE(r, "exec %s", agent);
	EXPECT_CURRENT("2", r, &self->a);
}

TEST_F(coherence, exec_of_a_program_inside_stays)
{
	struct cryptex *a = &self->a;
	struct remote *r = &self->r;
	char agent[4096];

	beside("agent", agent);
	ASSERT_DONE(r, "exec %s/current/bin/agent", a->dir);
	cryptex_activate(a, "2");
	EXPECT_CURRENT("1", r, a);
	/* A helper program of its own generation. */
	ASSERT_DONE(r, "fork");
	ASSERT_DONE(r, "exec %s/current/bin/agent", a->dir);
	EXPECT_CURRENT("1", r, a);
	EXPECT_ANSWER("1:text", r, "head %s/current/text", a->dir);
	cryptex_activate(a, "3");
	ASSERT_DONE(r, "exec %s/current/bin/agent", a->dir);
	EXPECT_CURRENT("1", r, a);
	/* Once out, it is a new process. */
	ASSERT_DONE(r, "exec %s", agent);
	EXPECT_CURRENT("3", r, a);
	ASSERT_DONE(r, "exec %s/current/bin/agent", a->dir);
	EXPECT_CURRENT("3", r, a);
}

/*
 * What was told in one epoch was active in a later one as well, of which nothing
 * else is remembered: nobody lived in it.
 */
TEST_F(coherence, an_epoch_is_remembered_whole_or_not)
{
	struct cryptex *a = &self->a, *b = &self->b;
	struct remote *r = &self->r;
	char mapping[REMOTE_TEXT];

	ASSERT_MAPPED(r, b, "current/a");
	strcpy(mapping, r->text);
	cryptex_activate(b, "2");
	activate_both(self, "2", "3");
	/* Nobody needs it, so it is forgotten that it was active with a's 1. */
	ASSERT_EQ(0, client_retire(&self->world.client, b->name, "2"));
	ASSERT_MAPPED(r, a, "current/a");
	ASSERT_DONE(r, "unmap %s", mapping);
	EXPECT_CURRENT("1", r, a);
	EXPECT_CURRENT("1", r, b);
	ASSERT_MAPPED(r, b, "current/a");
	EXPECT_CURRENT("1", r, a);
	EXPECT_CURRENT("1", r, b);
}

TEST_F(coherence, rollback)
{
	struct cryptex *a = &self->a;
	struct remote old, new;

	cryptex_activate(a, "2");
	ASSERT_MAPPED(&self->r, a, "current/a");
	cryptex_activate(a, "1");
	EXPECT_CURRENT("2", &self->r, a);
	remote_start(&old);
	EXPECT_CURRENT("1", &old, a);
	ASSERT_MAPPED(&old, a, "current/a");
	cryptex_activate(a, "2");
	remote_start(&new);
	EXPECT_CURRENT("2", &self->r, a);
	EXPECT_CURRENT("1", &old, a);
	EXPECT_CURRENT("2", &new, a);
	remote_stop(&old);
	remote_stop(&new);
}

TEST_F(coherence, ping_pong)
{
	struct cryptex *a = &self->a;
	int i;

	ASSERT_MAPPED(&self->r, a, "current/a");
	for (i = 0; i < 100; i++) {
		cryptex_activate(a, i % 2 ? "1" : "2");
		EXPECT_CURRENT("1", &self->r, a);
		EXPECT_ANSWER("1:b", &self->r, "head %s/current/b", a->dir);
	}
}

TEST_F_TIMEOUT(coherence, ping_pong_with_a_set, 600)
{
	int i;

	ASSERT_MAPPED(&self->r, &self->a, "current/a");
	for (i = 0; i < 50; i++) {
		activate_both(self, "2", "2");
		EXPECT_CURRENT("1", &self->r, &self->a);
		EXPECT_CURRENT("1", &self->r, &self->b);
		activate_both(self, "1", "1");
		EXPECT_CURRENT("1", &self->r, &self->b);
	}
}

TEST_F(coherence, a_set_is_one_epoch)
{
	struct remote *r = &self->r;
	struct remote new;

	ASSERT_MAPPED(r, &self->a, "current/a");
	activate_both(self, "2", "2");
	EXPECT_CURRENT("1", r, &self->a);
	EXPECT_CURRENT("1", r, &self->b);
	remote_start(&new);
	EXPECT_CURRENT("2", &new, &self->a);
	EXPECT_CURRENT("2", &new, &self->b);
	ASSERT_MAPPED(&new, &self->b, "current/a");
	activate_both(self, "3", "3");
	EXPECT_CURRENT("2", &new, &self->a);
	EXPECT_CURRENT("1", r, &self->b);
	remote_stop(&new);
}

/*
 * Which generation of b does a process get that maps one of a, taken by its
 * label?  Each epoch is a pair of active generations.
 */
static const struct epoch_case {
	const char *name;
	const char *epochs[5];	/* "ab", from the second on; 11 is the first */
	const char *mapped;	/* of a */
	const char *b;
} epoch_cases[] = {
	{ "set", { "22" }, "1", "1" },
	{ "set, new", { "22" }, "2", "2" },
	{ "b first", { "12", "22" }, "1", "2" },
	{ "a first", { "21", "22" }, "1", "1" },
	{ "a first, new", { "21", "22" }, "2", "2" },
	{ "newest of several", { "12", "13", "23" }, "1", "3" },
	{ "b goes on", { "22", "23" }, "1", "1" },
	{ "rolled back", { "22", "11" }, "2", "2" },
	{ "back and forth", { "22", "11", "22" }, "1", "1" },
	{ "came back with another", { "22", "13", "22" }, "1", "3" },
	{ "three", { "22", "33" }, "2", "2" },
	{ "three, oldest", { "22", "33" }, "1", "1" },
	{ "crossed", { "12", "21", "33" }, "1", "2" },
	{ "crossed, other", { "12", "21", "33" }, "2", "1" },
	{ "active again", { "21", "12" }, "1", "2" },
	{ "long", { "22", "13", "31", "23", "32" }, "1", "3" },
};

static void play(FIXTURE_DATA(coherence) *self, const struct epoch_case *c)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(c->epochs) && c->epochs[i]; i++) {
		const char a[] = { c->epochs[i][0], 0 };
		const char b[] = { c->epochs[i][1], 0 };

		activate_both(self, a, b);
	}
}

/* A process in each generation of a keeps all epochs from being forgotten. */
TEST_F_TIMEOUT(coherence, the_newest_epoch_that_fits, 600)
{
	struct remote keep[3];
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(epoch_cases); i++) {
		const struct epoch_case *c = &epoch_cases[i];

		for (k = 0; k < 3; k++) {
			remote_start(&keep[k]);
			ASSERT_DONE(&keep[k], "map %s/%zu/a rx p", self->a.dir,
				    k + 1);
		}
		activate_both(self, "3", "3");
		activate_both(self, "1", "1");
		play(self, c);
		k = atoi(c->mapped) - 1;
		EXPECT_CURRENT(c->b, &keep[k], &self->b)
			TH_LOG("case \"%s\"", c->name);
		EXPECT_CURRENT(c->mapped, &keep[k], &self->a)
			TH_LOG("case \"%s\"", c->name);
		for (k = 0; k < 3; k++)
			remote_stop(&keep[k]);
	}
}

TEST_F(coherence, both_mapped_decide_together)
{
	struct remote *r = &self->r;

	ASSERT_MAPPED(r, &self->a, "current/a");
	ASSERT_MAPPED(r, &self->b, "current/a");
	cryptex_activate(&self->b, "2");
	cryptex_activate(&self->a, "2");
	/* a alone would allow b 2. */
	EXPECT_CURRENT("1", r, &self->a);
	EXPECT_CURRENT("1", r, &self->b);
}

TEST_F(coherence, started_by_label_it_stays)
{
	struct remote *r = &self->r;

	ASSERT_MAPPED(r, &self->a, "3/a");
	EXPECT_CURRENT("3", r, &self->a);
	EXPECT_CURRENT("1", r, &self->b);
	cryptex_activate(&self->a, "2");
	EXPECT_CURRENT("3", r, &self->a);
}

/* With nobody in an old generation nothing is looked at; then someone comes. */
TEST_F(coherence, after_all_have_gone)
{
	struct cryptex *a = &self->a;
	struct remote old;

	remote_start(&old);
	ASSERT_MAPPED(&old, a, "current/a");
	cryptex_activate(a, "2");
	remote_stop(&old);
	usleep(300000);
	EXPECT_CURRENT("2", &self->r, a);
	ASSERT_MAPPED(&self->r, a, "1/a");
	EXPECT_CURRENT("1", &self->r, a);
	EXPECT_ANSWER("1:b", &self->r, "head %s/current/b", a->dir);
}

TEST_F(coherence, other_mounts_see_a_switch_at_once)
{
	struct cryptex *a = &self->a;
	struct remote *r = &self->r;
	char *bound;

	ASSERT_GT(asprintf(&bound, "%s/bound", self->world.dir), 0);
	ASSERT_EQ(0, mkdir(bound, 0755));
	ASSERT_DONE(r, "unshare m");
	ASSERT_DONE(r, "bind %s %s", a->dir, bound);
	EXPECT_ANSWER("1", r, "link %s/current", bound);
	cryptex_activate(a, "2");
	EXPECT_ANSWER("2", r, "link %s/current", bound);
	EXPECT_CURRENT("2", r, a);
	/* What is mapped through one path counts for the other. */
	ASSERT_DONE(r, "map %s/current/a rx p", bound);
	cryptex_activate(a, "3");
	EXPECT_ANSWER("2", r, "link %s/current", bound);
	EXPECT_CURRENT("2", r, a);
	free(bound);
}

TEST_HARNESS_MAIN
