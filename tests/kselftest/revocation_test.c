// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Revoked seals and floors: what is refused from then on, what takes over, and
 * who may go on.  revoked_key_test.c is about keys, list_test.c about lists that
 * are refused.
 */
#include <stdlib.h>
#include <sys/wait.h>

#include <kselftest_harness.h>

#include "refusal.h"
#include "remote.h"
#include "report.h"
#include "revoking.h"

FIXTURE(revocation)
{
	struct world world;
	struct cryptex cx;
	struct tree tree;
	struct client *client;
};

FIXTURE_SETUP(revocation)
{
	world_init(&self->world);
	self->client = &self->world.client;
	cryptex_init(&self->cx, &self->world, "r");
	tree_add_text(&self->tree, &self->world, "f", "f");
	cryptex_mount_base(&self->cx, "1", &self->tree);
}

FIXTURE_TEARDOWN(revocation)
{
	world_exit(&self->world);
}

static const struct refusal revoked = { -EKEYREVOKED, "revoked" };

static uint64_t epoch_now(FIXTURE_DATA(revocation) *self)
{
	if (client_state(self->client))
		die("state: %s", self->client->text);
	return self->client->epoch;
}

static int activate(struct cryptex *cx, const char *label)
{
	struct item item = { cx->name, label };

	return client_activate(&cx->world->client, &item, 1);
}

static bool is_active(struct cryptex *cx, const char *label)
{
	char *link = cryptex_path(cx, "active"), target[64] = {};

	if (readlink(link, target, sizeof(target) - 1) < 0)
		die_errno("%s", link);
	free(link);
	if (strcmp(target, label))
		note("%s is active", target);
	return !strcmp(target, label) &&
	       generation_of(cx, label).flags & CRYPTEX_F_ACTIVE;
}

/* A seal that nobody has staged yet. */
TEST_F(revocation, a_seal_to_come)
{
	struct blob seal = cryptex_seal(&self->cx, "2", &self->tree);
	struct denials d = denials_next(&self->world);
	uint8_t digest[CRYPTEX_DIGEST_SIZE];

	seal_digest(&seal, digest);
	denials_add_seal(&d, digest);
	ASSERT_EQ(0, deny(&self->world, &d)) TH_LOG("%s", self->client->text);
	EXPECT_EQ(d.number, self->client->list_number);
	EXPECT_EQ(epoch_now(self), self->client->epoch);
	EXPECT_TRUE(stage_seal_refused(&self->cx, &seal, &revoked));
	/* The same tree under another label is another seal. */
	cryptex_stage(&self->cx, "3", &self->tree);
}

TEST_F(revocation, a_base_to_come)
{
	struct cryptex other;
	struct denials d = denials_next(&self->world);
	struct blob seal;

	cryptex_init(&other, &self->world, "other");
	seal = cryptex_seal(&other, "1", &self->tree);
	denials_add_seal(&d, other.base);
	ASSERT_EQ(0, deny(&self->world, &d));
	EXPECT_TRUE(mount_seal_refused(&self->cx, &seal, &revoked));
}

TEST_F(revocation, a_staged_generation)
{
	struct blob seal = cryptex_seal(&self->cx, "2", &self->tree);
	uint64_t epoch = epoch_now(self);
	struct snapshot before;

	cryptex_stage(&self->cx, "2", &self->tree);
	ASSERT_EQ(0, deny_label(&self->cx, "2"));
	EXPECT_EQ(epoch, self->client->epoch);
	EXPECT_EQ(CRYPTEX_F_REVOKED, generation_of(&self->cx, "2").flags);
	EXPECT_TRUE(is_active(&self->cx, "1"));
	snapshot_take(&before, &self->cx);
	EXPECT_EQ(-EKEYREVOKED, activate(&self->cx, "2"));
	EXPECT_NE(NULL, strstr(self->client->text, "2 is revoked"));
	EXPECT_TRUE(stage_seal_refused(&self->cx, &seal, &revoked));
	EXPECT_TRUE(snapshot_is_as(&before, &self->cx));
	/* Gone, it does not come back either. */
	ASSERT_EQ(0, client_retire(self->client, self->cx.name, "2"))
		TH_LOG("%s", self->client->text);
	EXPECT_TRUE(stage_seal_refused(&self->cx, &seal, &revoked));
}

TEST_F(revocation, the_base_takes_over)
{
	uint64_t epoch;

	cryptex_stage(&self->cx, "2", &self->tree);
	cryptex_stage(&self->cx, "3", &self->tree);
	epoch = cryptex_activate(&self->cx, "2");
	ASSERT_EQ(0, deny_label(&self->cx, "2"));
	EXPECT_EQ(epoch + 1, self->client->epoch);
	EXPECT_EQ(epoch + 1, epoch_now(self));
	EXPECT_TRUE(is_active(&self->cx, "1"));
	EXPECT_EQ(epoch + 1, generation_of(&self->cx, "1").epoch);
}

TEST_F(revocation, the_newest_takes_over_from_the_base)
{
	struct denials d;

	cryptex_stage(&self->cx, "2", &self->tree);
	cryptex_stage(&self->cx, "3", &self->tree);
	cryptex_stage(&self->cx, "4", &self->tree);
	cryptex_activate(&self->cx, "2");
	cryptex_activate(&self->cx, "1");
	d = denials_next(&self->world);
	denials_add_seal(&d, self->cx.base);
	denials_add_seal(&d, generation_of(&self->cx, "4").digest);
	ASSERT_EQ(0, deny(&self->world, &d));
	EXPECT_TRUE(is_active(&self->cx, "3"));
	EXPECT_EQ(CRYPTEX_F_BASE | CRYPTEX_F_REVOKED,
		  generation_of(&self->cx, "1").flags);
	EXPECT_EQ(-EKEYREVOKED, activate(&self->cx, "1"));
}

TEST_F(revocation, nothing_is_left_to_take_over)
{
	uint64_t epoch = epoch_now(self);

	ASSERT_EQ(0, deny_label(&self->cx, "1"));
	EXPECT_EQ(epoch, self->client->epoch);
	EXPECT_EQ(CRYPTEX_F_BASE | CRYPTEX_F_ACTIVE | CRYPTEX_F_REVOKED,
		  generation_of(&self->cx, "1").flags);
	/* The next one that is good is what is waited for. */
	cryptex_stage(&self->cx, "2", &self->tree);
	EXPECT_EQ(0, activate(&self->cx, "2"));
}

TEST_F(revocation, sets_in_one_epoch)
{
	struct denials d;
	struct cryptex b;
	uint64_t epoch;

	cryptex_init(&b, &self->world, "b");
	cryptex_mount_base(&b, "1", &self->tree);
	cryptex_stage(&b, "2", &self->tree);
	cryptex_stage(&self->cx, "2", &self->tree);
	cryptex_activate(&b, "2");
	epoch = cryptex_activate(&self->cx, "2");
	d = denials_next(&self->world);
	denials_add_seal(&d, generation_of(&self->cx, "2").digest);
	denials_add_seal(&d, generation_of(&b, "2").digest);
	ASSERT_EQ(0, deny(&self->world, &d));
	EXPECT_EQ(epoch + 1, self->client->epoch);
	EXPECT_EQ(epoch + 1, generation_of(&self->cx, "1").epoch);
	EXPECT_EQ(epoch + 1, generation_of(&b, "1").epoch);
}

/* An activation of a set, one of which is revoked, does nothing. */
TEST_F(revocation, sets_are_all_or_none)
{
	struct item items[2] = { { .label = "2" }, { .label = "2" } };
	struct snapshot before;
	struct cryptex b;

	cryptex_init(&b, &self->world, "b");
	cryptex_mount_base(&b, "1", &self->tree);
	cryptex_stage(&b, "2", &self->tree);
	cryptex_stage(&self->cx, "2", &self->tree);
	items[0].name = self->cx.name;
	items[1].name = b.name;
	ASSERT_EQ(0, deny_label(&b, "2"));
	snapshot_take(&before, &self->cx);
	EXPECT_EQ(-EKEYREVOKED, client_activate(self->client, items, 2));
	EXPECT_TRUE(snapshot_is_as(&before, &self->cx));
}

/* Who lives in it goes on; nobody else comes in. */
TEST_F(revocation, opening)
{
	const char *dir = self->world.dir;
	struct remote in, out;
	struct cryptex cx;

	cryptex_init(&cx, &self->world, "o");
	cryptex_simple(&cx, 2);
	cryptex_activate(&cx, "2");
	remote_start(&in);
	remote_start(&out);
	ASSERT_EQ(0, remote_do(&in, "map %s/o/current/a rx p", dir));
	ASSERT_EQ(0, deny_label(&cx, "2"));
	EXPECT_STREQ("2", remote_ask(&in, "link %s/o/current", dir));
	EXPECT_EQ(0, remote_do(&in, "open %s/o/current/b", dir));
	EXPECT_EQ(0, remote_do(&in, "map %s/o/current/b rx p", dir));
	EXPECT_EQ(0, remote_do(&in, "open %s/o/2/text", dir));
	EXPECT_STREQ("1", remote_ask(&out, "link %s/o/current", dir));
	EXPECT_EQ(-EKEYREVOKED, remote_do(&out, "open %s/o/2/a", dir));
	EXPECT_EQ(-EKEYREVOKED, remote_do(&out, "exec %s/o/2/bin/agent", dir));
	EXPECT_EQ(0, remote_do(&out, "open %s/o/current/a", dir));
	/* Mapping another generation is not living in this one. */
	EXPECT_EQ(0, remote_do(&out, "map %s/o/current/a rx p", dir));
	EXPECT_EQ(-EKEYREVOKED, remote_do(&out, "open %s/o/2/a", dir));
	/* A child of the first is as it is. */
	ASSERT_EQ(0, remote_do(&in, "fork"));
	EXPECT_EQ(0, remote_do(&in, "open %s/o/2/b", dir));
	remote_stop(&in);
	remote_stop(&out);
}

static int stage_at(FIXTURE_DATA(revocation) *self, const char *label,
		    uint32_t security_epoch)
{
	return stage_blob(&self->world, seal_at(&self->cx, label, security_epoch,
						&self->tree,
						&self->world.signer));
}

static int set_floor(FIXTURE_DATA(revocation) *self, uint32_t floor)
{
	struct denials d = denials_next(&self->world);

	denials_add_floor(&d, self->cx.name, floor);
	return deny(&self->world, &d);
}

TEST_F(revocation, floor)
{
	ASSERT_EQ(0, stage_at(self, "2", 1));
	ASSERT_EQ(0, stage_at(self, "3", 2));
	EXPECT_FALSE(!!(generation_of(&self->cx, "1").attributes &
			1ULL << CRYPTEX_A_FLOOR));
	/* What is active is below it, and a better one is there. */
	ASSERT_EQ(0, set_floor(self, 2));
	EXPECT_TRUE(is_active(&self->cx, "3"));
	EXPECT_EQ(2, generation_of(&self->cx, "1").floor);
	EXPECT_EQ(-ESTALE, activate(&self->cx, "2"));
	EXPECT_NE(NULL, strstr(self->client->text, "below the floor 2"));
	EXPECT_EQ(-ESTALE, activate(&self->cx, "1"));
	EXPECT_EQ(-ESTALE, stage_at(self, "4", 1));
	EXPECT_NE(NULL, strstr(self->client->text, "below the floor 2"));
	EXPECT_EQ(0, stage_at(self, "5", 2));
	EXPECT_EQ(0, activate(&self->cx, "5"));
	/* None of them is revoked. */
	EXPECT_EQ(0, generation_of(&self->cx, "2").flags);
}

TEST_F(revocation, a_floor_only_rises)
{
	struct denials d;

	ASSERT_EQ(0, set_floor(self, 3));
	EXPECT_EQ(3, generation_of(&self->cx, "1").floor);
	ASSERT_EQ(0, set_floor(self, 2));
	EXPECT_EQ(3, generation_of(&self->cx, "1").floor);
	d = denials_next(&self->world);
	ASSERT_EQ(0, deny(&self->world, &d));
	EXPECT_EQ(3, generation_of(&self->cx, "1").floor);
	EXPECT_EQ(-ESTALE, stage_at(self, "2", 2));
	ASSERT_EQ(0, set_floor(self, 4));
	EXPECT_EQ(4, generation_of(&self->cx, "1").floor);
	EXPECT_EQ(-ESTALE, stage_at(self, "2", 3));
	EXPECT_EQ(0, stage_at(self, "2", 4));
	/* With nothing better there the active one stays. */
	EXPECT_TRUE(is_active(&self->cx, "1"));
}

/* Also of a cryptex that comes later: its base is mounted, a patch is not. */
TEST_F(revocation, a_floor_for_a_cryptex_to_come)
{
	struct denials d = denials_next(&self->world);
	struct cryptex later;

	cryptex_init(&later, &self->world, "later");
	denials_add_floor(&d, later.name, 2);
	ASSERT_EQ(0, deny(&self->world, &d));
	cryptex_mount_base(&later, "1", &self->tree);
	EXPECT_EQ(2, generation_of(&later, "1").floor);
	EXPECT_EQ(-ESTALE, stage_blob(&self->world,
				      seal_at(&later, "2", 1, &self->tree,
					      &self->world.signer)));
	EXPECT_EQ(0, stage_blob(&self->world,
				seal_at(&later, "3", 2, &self->tree,
					&self->world.signer)));
}

/* Numbers: what a list has said stays; an older one says nothing. */
TEST_F(revocation, lists_add_up)
{
	struct blob seal = cryptex_seal(&self->cx, "2", &self->tree);
	struct denials first = denials_next(&self->world), next, other;
	uint8_t digest[CRYPTEX_DIGEST_SIZE];

	seal_digest(&seal, digest);
	denials_add_seal(&first, digest);
	ASSERT_EQ(0, deny(&self->world, &first));
	/* The same list again changes nothing. */
	ASSERT_EQ(0, deny(&self->world, &first));
	EXPECT_EQ(first.number, self->client->list_number);
	/* Another of the same number is refused, as is an older one. */
	other = first;
	denials_add_floor(&other, self->cx.name, 7);
	EXPECT_EQ(-ESTALE, deny(&self->world, &other));
	EXPECT_NE(NULL, strstr(self->client->text, "not newer"));
	next = denials_next(&self->world);
	ASSERT_EQ(0, deny(&self->world, &next));
	EXPECT_EQ(-ESTALE, deny(&self->world, &first));
	EXPECT_TRUE(stage_seal_refused(&self->cx, &seal, &revoked));
	EXPECT_FALSE(!!(generation_of(&self->cx, "1").attributes &
			1ULL << CRYPTEX_A_FLOOR));
}

TEST_HARNESS_MAIN
