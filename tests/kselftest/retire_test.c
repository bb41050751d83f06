// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * CRYPTEX_CMD_RETIRE: what keeps a generation, and that it is gone afterwards.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <kselftest_harness.h>

#include "ksft_events.h"
#include "refusal.h"
#include "remote.h"
#include "report.h"
#include "revoking.h"

FIXTURE(retire)
{
	struct world world;
	struct cryptex cx;
	struct client *client;
	struct remote r;
};

FIXTURE_SETUP(retire)
{
	world_init(&self->world);
	self->client = &self->world.client;
	cryptex_init(&self->cx, &self->world, "x");
	cryptex_simple(&self->cx, 3);
	remote_start(&self->r);
}

FIXTURE_TEARDOWN(retire)
{
	remote_stop(&self->r);
	world_exit(&self->world);
}

static bool retire_refused(FIXTURE_DATA(retire) *self, struct cryptex *cx,
			   const char *label, int want, const char *text)
{
	struct snapshot before;
	char told[NL_TEXT];
	bool ok, same;
	int err;

	snapshot_take(&before, cx);
	err = client_retire(self->client, cx->name, label);
	strcpy(told, self->client->text);
	ok = err == want && strstr(told, text);
	same = snapshot_is_as(&before, cx);
	if (!ok || !same)
		note("wanted \"%s\"; got %s, \"%s\"%s", text,
		     err ? strerrorname_np(-err) : "success", told,
		     same ? "" : ", and something has changed");
	snapshot_exit(&before);
	return ok && same;
}

static int retire(FIXTURE_DATA(retire) *self, const char *label)
{
	int err = client_retire(self->client, self->cx.name, label);

	if (err)
		note("retire %s: %s", label, self->client->text);
	return err;
}

TEST_F(retire, what_is_not_there)
{
	struct cryptex nobody;

	EXPECT_TRUE(retire_refused(self, &self->cx, "9", -ENOENT,
				   "has no generation 9"));
	nobody = self->cx;
	strcpy(nobody.name, "nobody");
	EXPECT_EQ(-ENOENT, client_retire(self->client, "nobody", "1"));
	EXPECT_STREQ("no cryptex nobody is mounted", self->client->text);
}

TEST_F(retire, the_base)
{
	EXPECT_TRUE(retire_refused(self, &self->cx, "1", -EBUSY,
				   "this is the base"));
	cryptex_activate(&self->cx, "2");
	EXPECT_TRUE(retire_refused(self, &self->cx, "1", -EBUSY,
				   "this is the base"));
}

TEST_F(retire, the_active_one)
{
	cryptex_activate(&self->cx, "2");
	EXPECT_TRUE(retire_refused(self, &self->cx, "2", -EBUSY,
				   "this is the active generation"));
	cryptex_activate(&self->cx, "1");
	EXPECT_EQ(0, retire(self, "2"));
}

TEST_F(retire, one_in_use)
{
	char *a = cryptex_path(&self->cx, "2/a");
	char *b = cryptex_path(&self->cx, "2/b");
	int first = open(a, O_RDONLY), second = open(b, O_RDONLY);

	ASSERT_LE(0, first);
	ASSERT_LE(0, second);
	EXPECT_TRUE(retire_refused(self, &self->cx, "2", -EBUSY,
				   "in use: 2 of its files are open or mapped"));
	close(first);
	EXPECT_TRUE(retire_refused(self, &self->cx, "2", -EBUSY,
				   "in use: 1 of its files are open or mapped"));
	ASSERT_EQ(0, remote_do(&self->r, "map %s/2/a rx p", self->cx.dir));
	close(second);
	EXPECT_TRUE(retire_refused(self, &self->cx, "2", -EBUSY,
				   "in use: 1 of its files are open or mapped"));
	ASSERT_EQ(0, remote_do(&self->r, "unmap %s", self->r.text));
	EXPECT_EQ(0, retire(self, "2"));
}

TEST_F(retire, one_that_somebody_stands_in)
{
	static const char * const folders[] = { "2", "2/bin" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(folders); i++) {
		char *path = cryptex_path(&self->cx, folders[i]);
		int fd = open(path, O_PATH | O_DIRECTORY);

		ASSERT_LE(0, fd);
		EXPECT_TRUE(retire_refused(self, &self->cx, "2", -EBUSY,
					   "a folder of it is"));
		close(fd);
	}
	EXPECT_EQ(0, retire(self, "2"));
}

/*
 * A process maps a file of one cryptex in an epoch in which another one had a
 * generation that nobody uses: through `current` it would get that one.
 */
TEST_F(retire, one_that_an_older_epoch_needs)
{
	struct item next[2] = { { self->cx.name, "3" }, { .label = "2" } };
	struct cryptex b;

	cryptex_init(&b, &self->world, "b");
	cryptex_simple(&b, 2);
	cryptex_activate(&self->cx, "2");
	ASSERT_EQ(0, remote_do(&self->r, "map %s/current/a rx p", b.dir));
	next[1].name = b.name;
	ASSERT_EQ(0, client_activate(self->client, next, 2));
	EXPECT_TRUE(retire_refused(self, &self->cx, "2", -EBUSY,
				   "a process of an older epoch would get it"));
	EXPECT_STREQ("2", remote_ask(&self->r, "link %s/current", self->cx.dir));
	remote_stop(&self->r);
	EXPECT_EQ(0, retire(self, "2"));
	remote_start(&self->r);
}

/* Its folder is gone, it makes room, and it can come again. */
TEST_F(retire, and_stage_again)
{
	char *path = cryptex_path(&self->cx, "2/a");
	struct generation *list;
	struct stat st;
	int i;

	for (i = 0; i < 3; i++) {
		struct tree t = {};

		ASSERT_EQ(0, stat(path, &st));
		ASSERT_EQ(0, retire(self, "2"));
		EXPECT_EQ(-1, stat(path, &st));
		EXPECT_EQ(ENOENT, errno);
		ASSERT_EQ(2, client_get(self->client, self->cx.name, &list));
		EXPECT_STREQ("1", list[0].label);
		EXPECT_STREQ("3", list[1].label);
		EXPECT_TRUE(retire_refused(self, &self->cx, "2", -ENOENT,
					   "has no generation 2"));
		tree_add_text(&t, &self->world, "a", "a");
		cryptex_stage(&self->cx, "2", &t);
		tree_exit(&t);
	}
	cryptex_activate(&self->cx, "2");
	EXPECT_STREQ("2", remote_ask(&self->r, "link %s/current", self->cx.dir));
}

TEST_F_TIMEOUT(retire, to_make_room, 600)
{
	struct tree t = {};
	struct blob seal;
	char label[16];
	int i;

	tree_add_text(&t, &self->world, "f", "f");
	for (i = 4; i <= CRYPTEX_MAX_GENERATIONS; i++) {
		snprintf(label, sizeof(label), "%d", i);
		cryptex_stage(&self->cx, label, &t);
	}
	seal = cryptex_seal(&self->cx, "more", &t);
	EXPECT_TRUE(stage_seal_refused(&self->cx, &seal, &(struct refusal) {
			-ENOSPC, "64 generations are staged" }));
	EXPECT_EQ(0, retire(self, "17"));
	EXPECT_EQ(0, stage_blob(&self->world, seal));
}

/* The other way round than asking: one is told when the last use is over. */
TEST_F(retire, when_it_has_drained)
{
	struct listener l;
	struct event e;

	ASSERT_EQ(0, listener_open(&l));
	cryptex_activate(&self->cx, "2");
	ASSERT_EQ(0, remote_do(&self->r, "map %s/current/a rx p", self->cx.dir));
	cryptex_activate(&self->cx, "1");
	/* Staged ones that nobody used tell of it as well. */
	while (!listener_next(&l, &e, 2000)) {
		EXPECT_FALSE(e.command == CRYPTEX_CMD_DRAINED_NTF &&
			     !strcmp(e.label, "2"));
	}
	EXPECT_TRUE(retire_refused(self, &self->cx, "2", -EBUSY, "in use: 1"));
	remote_stop(&self->r);
	do {
		ASSERT_EQ(0, listener_next(&l, &e, 10000));
	} while (e.command != CRYPTEX_CMD_DRAINED_NTF);
	EXPECT_STREQ(self->cx.name, e.name);
	EXPECT_STREQ("2", e.label);
	EXPECT_EQ(0, retire(self, "2"));
	remote_start(&self->r);
}

TEST_HARNESS_MAIN
