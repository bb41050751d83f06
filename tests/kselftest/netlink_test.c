// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The commands GET, STAGE and ACTIVATE, and what the policies refuse.
 * users_test.c is about USERS, keyring_test.c about KEY_ADD, privilege_test.c
 * about who may.
 */
#include <fcntl.h>
#include <stdlib.h>

#include <linux/netlink.h>

#include <kselftest_harness.h>

#include "refusal.h"
#include "report.h"

FIXTURE(netlink)
{
	struct world world;
	struct cryptex a, b;
	struct client *client;
	struct tree tree;
};

FIXTURE_SETUP(netlink)
{
	world_init(&self->world);
	self->client = &self->world.client;
	tree_add_text(&self->tree, &self->world, "f", "f");
	tree_add_link(&self->tree, "l", "f");
	cryptex_init(&self->a, &self->world, "a");
	cryptex_mount_base(&self->a, "1", &self->tree);
	cryptex_stage(&self->a, "2", &self->tree);
	cryptex_init(&self->b, &self->world, "b");
	cryptex_mount_base(&self->b, "1", &self->tree);
	cryptex_stage(&self->b, "2", &self->tree);
}

FIXTURE_TEARDOWN(netlink)
{
	world_exit(&self->world);
}

TEST_F(netlink, get)
{
	struct generation *list;

	ASSERT_EQ(2, client_get(self->client, self->a.name, &list));
	EXPECT_STREQ("1", list[0].label);
	EXPECT_EQ(CRYPTEX_F_BASE | CRYPTEX_F_ACTIVE, list[0].flags);
	EXPECT_EQ(0, memcmp(self->a.base, list[0].digest, 32));
	EXPECT_FALSE(HAS(&list[0], CRYPTEX_A_BASE_DIGEST));
	EXPECT_TRUE(HAS(&list[0], CRYPTEX_A_EPOCH));
	EXPECT_EQ(1, list[0].security_epoch);
	EXPECT_EQ(MANIFEST_BUILD_TIME, list[0].build_time);
	EXPECT_EQ(3, list[0].entries);
	EXPECT_EQ(1, list[0].sealed_bytes);
	EXPECT_STREQ("2", list[1].label);
	EXPECT_EQ(0, list[1].flags);
	EXPECT_EQ(0, memcmp(self->a.base, list[1].base_digest, 32));
	EXPECT_NE(0, memcmp(self->a.base, list[1].digest, 32));
	EXPECT_FALSE(HAS(&list[1], CRYPTEX_A_EPOCH));
	free(list);
	cryptex_activate(&self->a, "2");
	ASSERT_EQ(2, client_get(self->client, self->a.name, &list));
	EXPECT_EQ(CRYPTEX_F_BASE, list[0].flags);
	EXPECT_EQ(CRYPTEX_F_ACTIVE, list[1].flags);
	EXPECT_TRUE(HAS(&list[1], CRYPTEX_A_EPOCH));
	EXPECT_EQ(self->client->epoch, 0);
}

TEST_F(netlink, users_of_a_generation)
{
	struct generation *list;
	char *path = cryptex_path(&self->a, "1/f");
	int fd = open(path, O_RDONLY);

	ASSERT_EQ(2, client_get(self->client, self->a.name, &list));
	EXPECT_LE(1, list[0].users);
	EXPECT_EQ(0, list[1].users);
	close(fd);
}

/* Names so long that the dump does not fit into one datagram. */
#define LONG_NAME "with-a-name-that-is-rather-long"
#define LONG_LABEL "%d-with-a-label-that-is-long-for-more-than-one-message"

TEST_F_TIMEOUT(netlink, as_many_generations_as_there_may_be, 600)
{
	struct generation *list;
	struct cryptex cx;
	struct blob seal;
	char label[64];
	int i, count;

	cryptex_init(&cx, &self->world, LONG_NAME);
	cryptex_mount_base(&cx, "1", &self->tree);
	for (i = 2; i <= CRYPTEX_MAX_GENERATIONS; i++) {
		snprintf(label, sizeof(label), LONG_LABEL, i);
		cryptex_stage(&cx, label, &self->tree);
	}
	seal = cryptex_seal(&cx, "one-too-many", &self->tree);
	EXPECT_TRUE(stage_seal_refused(&cx, &seal, &(struct refusal) {
			-ENOSPC, "64 generations are staged" }));
	count = client_get(self->client, cx.name, &list);
	ASSERT_EQ(CRYPTEX_MAX_GENERATIONS, count);
	EXPECT_FALSE(self->client->interrupted);
	/* Two with content, one that ends it. */
	EXPECT_LT(2, self->client->messages);
	EXPECT_STREQ("1", list[0].label);
	for (i = 2; i <= CRYPTEX_MAX_GENERATIONS; i++) {
		snprintf(label, sizeof(label), LONG_LABEL, i);
		EXPECT_STREQ(label, list[i - 1].label);
	}
	/* What is staged already needs no room. */
	cryptex_stage(&cx, label, &self->tree);
	cryptex_activate(&cx, label);
}

TEST_F(netlink, stage_twice)
{
	struct blob seal = cryptex_seal(&self->a, "3", &self->tree);
	int fd = world_seal_file(&self->world, &seal);
	struct client *c = self->client;
	uint8_t digest[32];
	struct state before;

	ASSERT_EQ(0, client_stage(c, fd));
	EXPECT_STREQ(self->a.name, c->name);
	EXPECT_STREQ("3", c->label);
	memcpy(digest, c->digest, sizeof(digest));
	state_take(&before, &self->a);
	EXPECT_EQ(3, before.count);
	ASSERT_EQ(0, client_stage(c, fd));
	EXPECT_STREQ("3", c->label);
	EXPECT_EQ(0, memcmp(digest, c->digest, sizeof(digest)));
	EXPECT_TRUE(state_is_as(&before, &self->a));
}

/* Also of the base itself. */
TEST_F(netlink, stage_the_base)
{
	struct cryptex again;
	struct blob seal;

	cryptex_init(&again, &self->world, "a");
	seal = cryptex_seal(&again, "1", &self->tree);
	EXPECT_EQ(0, client_stage(self->client,
				  world_seal_file(&self->world, &seal)));
	EXPECT_STREQ("1", self->client->label);
}

TEST_F(netlink, epochs_rise_by_one)
{
	uint64_t first = cryptex_activate(&self->a, "2");
	struct item both[] = { { self->a.name, "1" }, { self->b.name, "2" } };

	EXPECT_EQ(first, cryptex_activate(&self->a, "2"));
	EXPECT_EQ(first, cryptex_activate(&self->b, "1"));
	EXPECT_EQ(first + 1, cryptex_activate(&self->a, "1"));
	EXPECT_EQ(first + 2, cryptex_activate(&self->a, "2"));
	ASSERT_EQ(0, client_activate(self->client, both, 2));
	EXPECT_EQ(first + 3, self->client->epoch);
	ASSERT_EQ(0, client_activate(self->client, both, 2));
	EXPECT_EQ(first + 3, self->client->epoch);
}

static bool activation_refused(FIXTURE_DATA(netlink) *self,
			       const struct item *items, size_t count, int err,
			       const char *text)
{
	struct state a, b;
	int got;
	bool ok;

	state_take(&a, &self->a);
	state_take(&b, &self->b);
	got = client_activate(self->client, items, count);
	ok = got == err && strstr(self->client->text, text);
	if (!ok)
		note("%s, \"%s\"", strerror(-got), self->client->text);
	return ok && state_is_as(&a, &self->a) && state_is_as(&b, &self->b);
}

TEST_F(netlink, all_or_none)
{
	const char *a = self->a.name, *b = self->b.name;

	EXPECT_TRUE(activation_refused(self, (struct item []) {
			{ a, "2" }, { b, "9" } }, 2, -ENOENT,
			"has no generation 9"));
	EXPECT_TRUE(activation_refused(self, (struct item []) {
			{ b, "9" }, { a, "2" } }, 2, -ENOENT,
			"has no generation 9"));
	EXPECT_TRUE(activation_refused(self, (struct item []) {
			{ a, "2" }, { "nobody", "1" } }, 2, -ENOENT,
			"no cryptex nobody is mounted"));
	EXPECT_TRUE(activation_refused(self, (struct item []) {
			{ a, "2" }, { a, "1" } }, 2, -EINVAL,
			"is named twice"));
	EXPECT_TRUE(activation_refused(self, (struct item []) {
			{ a, "2" }, { b, "2" }, { a, "2" } }, 3, -EINVAL,
			"is named twice"));
	EXPECT_TRUE(activation_refused(self, NULL, 0, -EINVAL,
			"nothing to activate"));
	EXPECT_TRUE(activation_refused(self, (struct item []) {
			{ a, "" } }, 1, -ENOENT, "has no generation"));
	EXPECT_TRUE(activation_refused(self, (struct item []) {
			{ a, "current" } }, 1, -ENOENT, "has no generation"));
}

/* What was refused leaves nothing behind that the next one would take along. */
TEST_F(netlink, a_refusal_is_forgotten)
{
	struct item bad[] = { { self->a.name, "2" }, { self->b.name, "9" } };
	struct state a;

	state_take(&a, &self->a);
	EXPECT_EQ(-ENOENT, client_activate(self->client, bad, 2));
	cryptex_activate(&self->b, "2");
	EXPECT_TRUE(state_is_as(&a, &self->a));
	cryptex_activate(&self->a, "2");
}

TEST_F(netlink, more_items_than_may_be)
{
	struct item *items = calloc(CRYPTEX_MAX_ITEMS + 1, sizeof(*items));
	size_t i;

	for (i = 0; i <= CRYPTEX_MAX_ITEMS; i++)
		items[i] = (struct item) { self->a.name, "2" };
	/* Of one cryptex the second is one too many already. */
	EXPECT_TRUE(activation_refused(self, items, CRYPTEX_MAX_ITEMS + 1,
				       -EINVAL, "is named twice"));
}

static int send_raw(struct client *c, int command, int type, const void *data,
		    size_t size)
{
	struct nl_msg *msg = client_new(c, command, 0);

	client_add(msg, type, data, size);
	return client_send(c, msg);
}

static const char zeros[256];

TEST_F(netlink, policies)
{
	static const struct {
		int command, type;
		size_t size;
		int err;
	} cases[] = {
		{ CRYPTEX_CMD_STAGE, CRYPTEX_A_SEAL_FD, 1, -EINVAL },
		{ CRYPTEX_CMD_STAGE, CRYPTEX_A_SEAL_FD, 8, -EINVAL },
		{ CRYPTEX_CMD_STAGE, CRYPTEX_A_NAME, 4, -EINVAL },
		{ CRYPTEX_CMD_STAGE, CRYPTEX_A_MAX + 1, 4, -EINVAL },
		{ CRYPTEX_CMD_STAGE, 999, 4, -EINVAL },
		{ CRYPTEX_CMD_ACTIVATE, CRYPTEX_A_SEAL_FD, 4, -EINVAL },
		{ CRYPTEX_CMD_ACTIVATE, CRYPTEX_A_ITEM, 0, -EINVAL },
		{ CRYPTEX_CMD_KEY_ADD, CRYPTEX_A_NAME, 4, -EINVAL },
		{ CRYPTEX_CMD_GET, CRYPTEX_A_NAME, 4, -EOPNOTSUPP },
		{ CRYPTEX_CMD_USERS, CRYPTEX_A_NAME, 4, -EOPNOTSUPP },
		{ CRYPTEX_CMD_MAX + 1, CRYPTEX_A_NAME, 4, -EOPNOTSUPP },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(cases[i].err,
			  send_raw(self->client, cases[i].command,
				   cases[i].type, zeros, cases[i].size))
			TH_LOG("case %zu: %s", i, self->client->text);
	}
}

TEST_F(netlink, missing_attributes)
{
	static const int commands[] = {
		CRYPTEX_CMD_STAGE, CRYPTEX_CMD_ACTIVATE, CRYPTEX_CMD_KEY_ADD,
	};
	struct client *c = self->client;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		EXPECT_EQ(-EINVAL, client_send(c, client_new(c, commands[i], 0)));
	}
}

/* An attribute of a nest, put together by hand: header, bytes, padding. */
static size_t put(char *to, int type, const char *text, size_t size)
{
	struct nlattr head = { NLA_HDRLEN + size, type };

	memcpy(to, &head, sizeof(head));
	memcpy(to + NLA_HDRLEN, text, size);
	return NLA_ALIGN(NLA_HDRLEN + size);
}

static int send_item(FIXTURE_DATA(netlink) *self, int flags, const char *name,
		     size_t name_size, const char *label, size_t label_size)
{
	char nest[512] = {};
	size_t size = 0;

	if (name)
		size += put(nest, CRYPTEX_A_ITEM_NAME, name, name_size);
	if (label)
		size += put(nest + size, CRYPTEX_A_ITEM_LABEL, label, label_size);
	return send_raw(self->client, CRYPTEX_CMD_ACTIVATE,
			flags | CRYPTEX_A_ITEM, nest, size);
}

TEST_F(netlink, malformed_items)
{
	const char *name = self->a.name;
	size_t size = strlen(name) + 1;
	struct state before;
	char longer[128];

	state_take(&before, &self->a);
	memset(longer, 'x', sizeof(longer));
	EXPECT_EQ(-EINVAL, send_item(self, NLA_F_NESTED, name, size, NULL, 0));
	EXPECT_STREQ("an item needs a cryptex and a label",
		     self->client->text);
	EXPECT_EQ(-EINVAL, send_item(self, NLA_F_NESTED, NULL, 0, "2", 2));
	/* Not marked as a nest. */
	EXPECT_EQ(-EINVAL, send_item(self, 0, name, size, "2", 2));
	/* Without its end. */
	EXPECT_EQ(-EINVAL, send_item(self, NLA_F_NESTED, name, size, "2", 1));
	EXPECT_EQ(-EINVAL, send_item(self, NLA_F_NESTED, name, size, "", 0));
	longer[63] = 0;
	EXPECT_EQ(-ENOENT, send_item(self, NLA_F_NESTED, name, size, longer, 64));
	longer[63] = 'x', longer[64] = 0;
	EXPECT_EQ(-EINVAL, send_item(self, NLA_F_NESTED, name, size, longer, 65));
	EXPECT_EQ(-EINVAL, send_item(self, NLA_F_NESTED, longer, 65, "2", 2));
	EXPECT_TRUE(state_is_as(&before, &self->a));
	/* And what is well formed. */
	EXPECT_EQ(0, send_item(self, NLA_F_NESTED, name, size, "2", 2));
}

TEST_HARNESS_MAIN
