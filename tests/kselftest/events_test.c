// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The events: each with its attributes, numbered without a gap but where one was
 * lost, and none for what changed nothing.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include <kselftest_harness.h>

#include "disk.h"
#include "ksft_events.h"
#include "refusal.h"
#include "remote.h"
#include "report.h"
#include "revoking.h"

#define PATIENCE 10000	/* milliseconds */

FIXTURE(events)
{
	struct world world;
	struct cryptex cx;
	struct tree tree;
	struct client *client;
	struct listener l;
	struct event e;
	uint64_t last;
};

FIXTURE_SETUP(events)
{
	world_init(&self->world);
	self->client = &self->world.client;
	cryptex_init(&self->cx, &self->world, "e");
	tree_add_text(&self->tree, &self->world, "f", "f");
	cryptex_mount_base(&self->cx, "1", &self->tree);
	cryptex_stage(&self->cx, "2", &self->tree);
	/* What drains without ever having been active tells of it too. */
	sleep(1);
	if (listener_open(&self->l))
		die("no events");
	if (client_state(self->client))
		die("no state");
	self->last = self->client->sequence;
}

FIXTURE_TEARDOWN(events)
{
	listener_close(&self->l);
	world_exit(&self->world);
}

static bool next(FIXTURE_DATA(events) *self)
{
	int err = listener_next(&self->l, &self->e, PATIENCE);

	if (err) {
		note("no event: %s", strerror(-err));
		return false;
	}
	if (self->e.sequence != self->last + 1)
		note("event %llu comes after %llu",
		     (unsigned long long)self->e.sequence,
		     (unsigned long long)self->last);
	err = self->e.sequence != self->last + 1;
	self->last = self->e.sequence;
	return !err;
}

/* The next one that is of this kind; those before have the right numbers. */
static bool next_of(FIXTURE_DATA(events) *self, int command)
{
	do {
		if (!next(self))
			return false;
	} while (self->e.command != command);
	return true;
}

/* Has the last one these attributes, and no others? */
#define HAS_JUST(...) has_just(&self->e, (int []) { __VA_ARGS__, 0 })

static bool has_just(const struct event *e, const int *attributes)
{
	uint64_t mask = 1ULL << CRYPTEX_A_SEQUENCE;

	while (*attributes)
		mask |= 1ULL << *attributes++;
	/* Of padding there is as much as there has to be. */
	if ((e->attributes & ~(1ULL << CRYPTEX_A_PAD)) == mask)
		return true;
	note("attributes %#llx, wanted %#llx", (unsigned long long)e->attributes,
	     (unsigned long long)mask);
	return false;
}

static int mount_once(FIXTURE_DATA(events) *self, struct cryptex *cx,
		      struct blob seal)
{
	int fd = world_seal_file(&self->world, &seal);
	char path[32];
	int err;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	err = cryptex_mount(path, self->world.store, cx->dir).err;
	close(fd);
	return err;
}

TEST_F(events, mounted_and_unmounted)
{
	struct cryptex other;

	cryptex_init(&other, &self->world, "other");
	cryptex_mount_base(&other, "7", &self->tree);
	ASSERT_TRUE(next_of(self, CRYPTEX_CMD_MOUNTED_NTF));
	EXPECT_TRUE(HAS_JUST(CRYPTEX_A_NAME, CRYPTEX_A_LABEL, CRYPTEX_A_EPOCH));
	EXPECT_STREQ(other.name, self->e.name);
	EXPECT_STREQ("7", self->e.label);
	EXPECT_EQ(generation_of(&other, "7").epoch, self->e.epoch);
	ASSERT_EQ(0, umount(other.dir));
	ASSERT_TRUE(next_of(self, CRYPTEX_CMD_UNMOUNTED_NTF));
	EXPECT_TRUE(HAS_JUST(CRYPTEX_A_NAME));
	EXPECT_STREQ(other.name, self->e.name);
}

TEST_F(events, staged)
{
	cryptex_stage(&self->cx, "3", &self->tree);
	ASSERT_TRUE(next(self));
	ASSERT_EQ(CRYPTEX_CMD_STAGED_NTF, self->e.command);
	EXPECT_TRUE(HAS_JUST(CRYPTEX_A_NAME, CRYPTEX_A_LABEL, CRYPTEX_A_DIGEST));
	EXPECT_STREQ(self->cx.name, self->e.name);
	EXPECT_STREQ("3", self->e.label);
	EXPECT_EQ(0, memcmp(generation_of(&self->cx, "3").digest,
			    self->e.digest, 32));
}

/* One for a whole set, and before who asked has his answer. */
TEST_F(events, activated)
{
	struct item items[] = { { self->cx.name, "2" }, { .label = "2" } };
	struct cryptex b;

	cryptex_init(&b, &self->world, "b");
	cryptex_mount_base(&b, "1", &self->tree);
	cryptex_stage(&b, "2", &self->tree);
	items[1].name = b.name;
	ASSERT_TRUE(next_of(self, CRYPTEX_CMD_STAGED_NTF));
	while (!listener_next(&self->l, &self->e, 1000))
		self->last = self->e.sequence;
	ASSERT_EQ(0, client_activate(self->client, items, 2));
	ASSERT_EQ(0, listener_next(&self->l, &self->e, 0));
	EXPECT_EQ(++self->last, self->e.sequence);
	ASSERT_EQ(CRYPTEX_CMD_ACTIVATED_NTF, self->e.command);
	EXPECT_TRUE(HAS_JUST(CRYPTEX_A_EPOCH, CRYPTEX_A_ITEM));
	EXPECT_EQ(self->client->epoch, self->e.epoch);
	ASSERT_EQ(2, self->e.item_count);
	EXPECT_STREQ("2", self->e.items[0].label);
	EXPECT_STREQ("2", self->e.items[1].label);
	EXPECT_TRUE(!strcmp(self->e.items[0].name, b.name) ||
		    !strcmp(self->e.items[1].name, b.name));
	EXPECT_TRUE(!strcmp(self->e.items[0].name, self->cx.name) ||
		    !strcmp(self->e.items[1].name, self->cx.name));
	/* One that is active already is not among those switched. */
	items[0].label = "1";
	ASSERT_EQ(0, client_activate(self->client, items, 2));
	ASSERT_TRUE(next_of(self, CRYPTEX_CMD_ACTIVATED_NTF));
	ASSERT_EQ(1, self->e.item_count);
	EXPECT_STREQ(self->cx.name, self->e.items[0].name);
	EXPECT_STREQ("1", self->e.items[0].label);
}

TEST_F(events, rejected)
{
	struct signer stranger, ours = self->world.signer;
	struct item item = { self->cx.name, "9" };
	struct tree other = {};
	struct blob seal;

	/* Of one that is not signed nothing is told that it claims. */
	signer_init(&stranger, SIGNER_P256, "stranger");
	self->world.signer = stranger;
	seal = cryptex_seal(&self->cx, "3", &self->tree);
	self->world.signer = ours;
	EXPECT_EQ(-ENOKEY, stage_blob(&self->world, seal));
	ASSERT_TRUE(next(self));
	ASSERT_EQ(CRYPTEX_CMD_REJECTED_NTF, self->e.command);
	EXPECT_TRUE(HAS_JUST(CRYPTEX_A_COMMAND, CRYPTEX_A_ERROR,
			     CRYPTEX_A_REASON));
	EXPECT_EQ(CRYPTEX_CMD_STAGE, self->e.rejected);
	EXPECT_EQ(ENOKEY, self->e.error);
	EXPECT_STREQ(self->client->text, self->e.reason);
	/* Of one that is, which it is. */
	tree_add_text(&other, &self->world, "g", "g");
	EXPECT_EQ(-EEXIST, stage_blob(&self->world,
				      cryptex_seal(&self->cx, "2", &other)));
	ASSERT_TRUE(next(self));
	EXPECT_TRUE(HAS_JUST(CRYPTEX_A_COMMAND, CRYPTEX_A_ERROR,
			     CRYPTEX_A_REASON, CRYPTEX_A_NAME,
			     CRYPTEX_A_LABEL));
	EXPECT_EQ(EEXIST, self->e.error);
	EXPECT_STREQ(self->cx.name, self->e.name);
	EXPECT_STREQ("2", self->e.label);
	/* Another command. */
	EXPECT_EQ(-ENOENT, client_activate(self->client, &item, 1));
	ASSERT_TRUE(next(self));
	EXPECT_EQ(CRYPTEX_CMD_ACTIVATE, self->e.rejected);
	EXPECT_EQ(ENOENT, self->e.error);
	/* A mount. */
	seal = cryptex_seal(&self->cx, "4", &self->tree);
	EXPECT_EQ(-EINVAL, mount_once(self, &self->cx, seal));
	ASSERT_TRUE(next_of(self, CRYPTEX_CMD_REJECTED_NTF));
	EXPECT_EQ(0, self->e.rejected);
	EXPECT_EQ(EINVAL, self->e.error);
	EXPECT_NE(NULL, strstr(self->e.reason, "patch"));
}

TEST_F(events, revoked)
{
	cryptex_activate(&self->cx, "2");
	ASSERT_EQ(0, deny_label(&self->cx, "2"));
	ASSERT_TRUE(next_of(self, CRYPTEX_CMD_REVOKED_NTF));
	EXPECT_TRUE(HAS_JUST(CRYPTEX_A_LIST_NUMBER, CRYPTEX_A_ITEM));
	EXPECT_EQ(self->client->list_number, self->e.list_number);
	ASSERT_EQ(1, self->e.item_count);
	EXPECT_STREQ(self->cx.name, self->e.items[0].name);
	EXPECT_STREQ("2", self->e.items[0].label);
	/* And what took over. */
	ASSERT_TRUE(next_of(self, CRYPTEX_CMD_ACTIVATED_NTF));
	EXPECT_EQ(self->client->epoch, self->e.epoch);
	ASSERT_EQ(1, self->e.item_count);
	EXPECT_STREQ("1", self->e.items[0].label);
}

TEST_F(events, drained_and_retired)
{
	char *path = cryptex_path(&self->cx, "current/f");
	int fd;

	cryptex_activate(&self->cx, "2");
	fd = open(path, O_RDONLY);
	ASSERT_LE(0, fd);
	cryptex_activate(&self->cx, "1");
	close(fd);
	do {
		ASSERT_TRUE(next_of(self, CRYPTEX_CMD_DRAINED_NTF));
	} while (strcmp(self->e.label, "2"));
	EXPECT_TRUE(HAS_JUST(CRYPTEX_A_NAME, CRYPTEX_A_LABEL));
	EXPECT_STREQ(self->cx.name, self->e.name);
	ASSERT_EQ(0, client_retire(self->client, self->cx.name, "2"));
	ASSERT_TRUE(next_of(self, CRYPTEX_CMD_RETIRED_NTF));
	EXPECT_TRUE(HAS_JUST(CRYPTEX_A_NAME, CRYPTEX_A_LABEL));
	EXPECT_STREQ(self->cx.name, self->e.name);
	EXPECT_STREQ("2", self->e.label);
}

/* A file below a folder, so that its path is more than a name. */
TEST_F(events, corrupted)
{
	char page[4096], path[OBJECT_PATH], *file;
	struct tree t = {};

	snprintf(page, sizeof(page), "corrupted %d", getpid());
	tree_add_dir(&t, "d", 0755);
	tree_add_data(&t, &self->world, "d/bad", 0644, page, sizeof(page));
	object_path(self->world.store, t.nodes[1].digest, path);
	cryptex_stage(&self->cx, "3", &t);
	disk_flip(path, 5, self->world.dir);
	file = cryptex_path(&self->cx, "3/d/bad");
	EXPECT_EQ(-1, read(open(file, O_RDONLY), page, sizeof(page)));
	EXPECT_EQ(EIO, errno);
	ASSERT_TRUE(next_of(self, CRYPTEX_CMD_CORRUPTED_NTF));
	EXPECT_TRUE(HAS_JUST(CRYPTEX_A_NAME, CRYPTEX_A_LABEL, CRYPTEX_A_PATH));
	EXPECT_STREQ(self->cx.name, self->e.name);
	EXPECT_STREQ("3", self->e.label);
	EXPECT_STREQ("d/bad", self->e.path);
}

TEST_F(events, key_added)
{
	struct signer another;

	signer_init(&another, SIGNER_P256, "added for an event");
	world_trust(&self->world, &another);
	ASSERT_TRUE(next(self));
	ASSERT_EQ(CRYPTEX_CMD_KEY_ADDED_NTF, self->e.command);
	EXPECT_TRUE(HAS_JUST(CRYPTEX_A_KEY));
	EXPECT_NE(NULL, strstr(self->e.key, "added for an event"));
}

TEST_F(events, none_where_nothing_changed)
{
	struct blob seal = cryptex_seal(&self->cx, "2", &self->tree);
	struct generation *list;
	struct user *users;

	EXPECT_EQ(0, stage_blob(&self->world, seal));
	cryptex_activate(&self->cx, "1");
	client_get(self->client, NULL, &list);
	client_users(self->client, NULL, &users);
	ASSERT_EQ(0, client_state(self->client));
	EXPECT_EQ(self->last, self->client->sequence);
	EXPECT_EQ(-ETIME, listener_next(&self->l, &self->e, 0));
}

/* They are numbered also while nobody listens. */
TEST_F(events, without_a_listener)
{
	listener_close(&self->l);
	cryptex_stage(&self->cx, "3", &self->tree);
	ASSERT_EQ(0, listener_open(&self->l));
	cryptex_stage(&self->cx, "4", &self->tree);
	ASSERT_EQ(0, listener_next(&self->l, &self->e, PATIENCE));
	EXPECT_EQ(self->last + 2, self->e.sequence);
	EXPECT_STREQ("4", self->e.label);
}

TEST_F(events, without_a_gap)
{
	int i;

	for (i = 0; i < 300; i++) {
		struct item item = { self->cx.name, i % 3 ? "1" : "9" };

		if (i % 3 == 1)
			item.label = "2";
		client_activate(self->client, &item, 1);
		while (!listener_next(&self->l, &self->e, 0)) {
			EXPECT_EQ(++self->last, self->e.sequence);
			self->last = self->e.sequence;
		}
	}
	ASSERT_EQ(0, client_state(self->client));
	while (self->last < self->client->sequence) {
		ASSERT_TRUE(next(self));
	}
}

/* Who does not keep up is told so, sees how many he missed, and goes on. */
TEST_F(events, a_gap)
{
	struct item nobody = { self->cx.name, "9" };
	int small = 1, i, told = 0, err;
	uint64_t end;

	ASSERT_EQ(0, setsockopt(self->l.fd, SOL_SOCKET, SO_RCVBUF, &small,
				sizeof(small)));
	for (i = 0; i < 100; i++)
		client_activate(self->client, &nobody, 1);
	ASSERT_EQ(0, client_state(self->client));
	end = self->client->sequence;
	EXPECT_LE(self->last + 100, end);
	/* The kernel tells of the loss first. */
	EXPECT_EQ(-ENOBUFS, listener_next(&self->l, &self->e, 0));
	while (!(err = listener_next(&self->l, &self->e, 0))) {
		EXPECT_EQ(++self->last, self->e.sequence);
		told++;
	}
	EXPECT_EQ(-ETIME, err);
	EXPECT_LT(told, 100);
	client_activate(self->client, &nobody, 1);
	ASSERT_EQ(0, listener_next(&self->l, &self->e, PATIENCE));
	EXPECT_LT(self->last + 1, self->e.sequence);
	EXPECT_LE(end + 1, self->e.sequence);
}

TEST_HARNESS_MAIN
