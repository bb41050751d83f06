// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Every command with every attribute: missing, doubled, too long, too short,
 * of the wrong type, foreign, unknown; and messages whose frame is wrong.
 *
 * Each is refused with its errno and a sentence, and nothing changes.  But for
 * what is wrong a message is one that succeeds.
 */
#include <stdlib.h>

#include <kselftest_harness.h>

#include "list_maker.h"
#include "message.h"
#include "refusal.h"
#include "report.h"

#define TAKES_MAX 2

static const struct command {
	const char *name;
	int number;
	bool dump;
	int takes[TAKES_MAX];	/* 0: none */
} commands[] = {
	{ "get", CRYPTEX_CMD_GET, true, {} },
	{ "stage", CRYPTEX_CMD_STAGE, false, { CRYPTEX_A_SEAL_FD } },
	{ "activate", CRYPTEX_CMD_ACTIVATE, false, { CRYPTEX_A_ITEM } },
	{ "users", CRYPTEX_CMD_USERS, true, {} },
	{ "key-add", CRYPTEX_CMD_KEY_ADD, false, { CRYPTEX_A_CERTIFICATE } },
	{ "retire", CRYPTEX_CMD_RETIRE, false,
	  { CRYPTEX_A_NAME, CRYPTEX_A_LABEL } },
	{ "revoke", CRYPTEX_CMD_REVOKE, false, { CRYPTEX_A_LIST_FD } },
	{ "lock", CRYPTEX_CMD_LOCK, false, {} },
	{ "state", CRYPTEX_CMD_STATE, false, {} },
};

#define for_each_command(c) \
	for ((c) = commands; (c) < commands + ARRAY_SIZE(commands); (c)++)

FIXTURE(table)
{
	struct world world;
	struct cryptex cx;
	struct tree tree;
	struct blob certificate;
	uint32_t seal_fd, list_fd;
	struct message m;
};

FIXTURE_SETUP(table)
{
	struct denials denials = { .number = 1 };
	struct signer another;
	struct blob seal, list;

	world_init(&self->world);
	cryptex_init(&self->cx, &self->world, "t");
	tree_add_text(&self->tree, &self->world, "f", "f");
	cryptex_mount_base(&self->cx, "1", &self->tree);
	cryptex_stage(&self->cx, "2", &self->tree);
	seal = cryptex_seal(&self->cx, "3", &self->tree);
	self->seal_fd = world_seal_file(&self->world, &seal);
	denials_add_floor(&denials, self->cx.name, 1);
	list = list_make(&denials, &self->world.signer);
	self->list_fd = world_seal_file(&self->world, &list);
	signer_init(&another, SIGNER_P256, "added by the table");
	self->certificate = signer_certificate(&another);
}

FIXTURE_TEARDOWN(table)
{
	world_exit(&self->world);
}

/* What a message is made of; each test spoils one part. */
struct payload {
	const void *data;
	size_t size;
};

static void put_item(FIXTURE_DATA(table) *self, int flags)
{
	struct message *m = &self->m;
	struct nlattr *nest = message_put(m, flags | CRYPTEX_A_ITEM, NULL, 0);

	message_put(m, CRYPTEX_A_ITEM_NAME, self->cx.name,
		    strlen(self->cx.name) + 1);
	message_put(m, CRYPTEX_A_ITEM_LABEL, "2", 2);
	message_end_nest(m, nest);
}

/* The right content of an attribute, of those that are no nest. */
static struct payload payload_of(FIXTURE_DATA(table) *self, int type)
{
	switch (type) {
	case CRYPTEX_A_SEAL_FD:
		return (struct payload) { &self->seal_fd, 4 };
	case CRYPTEX_A_LIST_FD:
		return (struct payload) { &self->list_fd, 4 };
	case CRYPTEX_A_NAME:
		return (struct payload) { self->cx.name,
					  strlen(self->cx.name) + 1 };
	case CRYPTEX_A_LABEL:
		return (struct payload) { "2", 2 };
	default:
		return (struct payload) { self->certificate.data,
					  self->certificate.size };
	}
}

static void put_right(FIXTURE_DATA(table) *self, int type)
{
	struct payload payload = payload_of(self, type);

	if (type == CRYPTEX_A_ITEM)
		put_item(self, NLA_F_NESTED);
	else
		message_put(&self->m, type, payload.data, payload.size);
}

/* Begin a message with all that its command takes but @without. */
static void begin(FIXTURE_DATA(table) *self, const struct command *c,
		  int without)
{
	int i;

	message_init(&self->m, &self->world.client, c->number,
		     c->dump ? NLM_F_DUMP : 0);
	for (i = 0; i < TAKES_MAX && c->takes[i]; i++)
		if (c->takes[i] != without)
			put_right(self, c->takes[i]);
}

/* Send; is it refused with @err and a sentence, and nothing changed? */
static bool refused(FIXTURE_DATA(table) *self, int err, const char *what,
		    const struct command *c, int type)
{
	struct client *client = &self->world.client;
	struct snapshot before;
	char text[NL_TEXT];
	bool ok, same;
	int got;

	snapshot_take(&before, &self->cx);
	got = message_send(&self->m, client);
	strcpy(text, client->text);
	/* The kernel itself says only this errno of a command it has not got. */
	ok = got == err && (text[0] || err == -EOPNOTSUPP);
	same = snapshot_is_as(&before, &self->cx);
	if (!ok || !same)
		note("%s, %s %d: wanted %s, got %s, \"%s\"%s", c->name, what,
		     type, strerrorname_np(-err),
		     got ? strerrorname_np(-got) : "success", text,
		     same ? "" : ", and something has changed");
	snapshot_exit(&before);
	return ok && same;
}

TEST_F(table, missing)
{
	const struct command *c;
	int i;

	for_each_command(c) {
		for (i = 0; i < TAKES_MAX && c->takes[i]; i++) {
			begin(self, c, c->takes[i]);
			EXPECT_TRUE(refused(self, -EINVAL, "missing", c,
					    c->takes[i]));
		}
	}
}

TEST_F(table, doubled)
{
	const struct command *c;
	int i;

	for_each_command(c) {
		for (i = 0; i < TAKES_MAX && c->takes[i]; i++) {
			begin(self, c, 0);
			put_right(self, c->takes[i]);
			EXPECT_TRUE(refused(self, -EINVAL, "doubled", c,
					    c->takes[i]));
		}
	}
}

/* Too long, too short, and for a text: without its end. */
static const struct wrong_size {
	int type;
	size_t size;
	int err;
} wrong_sizes[] = {
	{ CRYPTEX_A_SEAL_FD, 0, -EINVAL },
	{ CRYPTEX_A_SEAL_FD, 3, -EINVAL },
	{ CRYPTEX_A_SEAL_FD, 5, -EINVAL },
	{ CRYPTEX_A_SEAL_FD, 8, -EINVAL },
	{ CRYPTEX_A_LIST_FD, 0, -EINVAL },
	{ CRYPTEX_A_LIST_FD, 3, -EINVAL },
	{ CRYPTEX_A_LIST_FD, 5, -EINVAL },
	{ CRYPTEX_A_LIST_FD, 8, -EINVAL },
	{ CRYPTEX_A_NAME, 0, -EINVAL },
	{ CRYPTEX_A_NAME, 63, -EINVAL },
	{ CRYPTEX_A_NAME, 64, -EINVAL },
	{ CRYPTEX_A_NAME, 65, -EINVAL },
	{ CRYPTEX_A_NAME, 4096, -EINVAL },
	{ CRYPTEX_A_LABEL, 0, -EINVAL },
	{ CRYPTEX_A_LABEL, 63, -EINVAL },
	{ CRYPTEX_A_LABEL, 64, -EINVAL },
	{ CRYPTEX_A_LABEL, 65, -EINVAL },
	{ CRYPTEX_A_LABEL, 4096, -EINVAL },
	{ CRYPTEX_A_CERTIFICATE, 0, -ERANGE },
	{ CRYPTEX_A_CERTIFICATE, 1, -EBADMSG },
	{ CRYPTEX_A_CERTIFICATE, CRYPTEX_MAX_CERTIFICATE, -EBADMSG },
	{ CRYPTEX_A_CERTIFICATE, CRYPTEX_MAX_CERTIFICATE + 1, -ERANGE },
	{ CRYPTEX_A_ITEM, 0, -EINVAL },
	{ CRYPTEX_A_ITEM, 1, -ERANGE },
	{ CRYPTEX_A_ITEM, 4, -EINVAL },
	{ CRYPTEX_A_ITEM, 4096, -EINVAL },
};

static bool takes(const struct command *c, int type)
{
	return c->takes[0] == type || c->takes[1] == type;
}

TEST_F_TIMEOUT(table, wrong_size, 600)
{
	static char bytes[CRYPTEX_MAX_CERTIFICATE + 1];
	const struct command *c;
	size_t i;

	memset(bytes, 'x', sizeof(bytes));
	for_each_command(c) {
		for (i = 0; i < ARRAY_SIZE(wrong_sizes); i++) {
			const struct wrong_size *w = &wrong_sizes[i];
			int nested = w->type == CRYPTEX_A_ITEM ? NLA_F_NESTED : 0;

			if (!takes(c, w->type))
				continue;
			begin(self, c, w->type);
			message_put(&self->m, nested | w->type, bytes, w->size);
			EXPECT_TRUE(refused(self, w->err, "wrong size", c,
					    w->type))
				TH_LOG("%zu bytes", w->size);
		}
	}
}

/* One attribute in the place of another, and one that is no nest as a nest. */
TEST_F(table, wrong_type)
{
	const struct command *c;
	int i;

	for_each_command(c) {
		for (i = 0; i < TAKES_MAX && c->takes[i]; i++) {
			int type = c->takes[i];
			struct payload payload = payload_of(self, type);

			begin(self, c, type);
			if (type == CRYPTEX_A_ITEM)
				put_item(self, 0);
			else
				message_put(&self->m, NLA_F_NESTED | type,
					    payload.data, payload.size);
			EXPECT_TRUE(refused(self, -EINVAL, "wrong nesting", c,
					    type));
		}
	}
}

/* All attributes that a command does not take, and some that do not exist. */
TEST_F_TIMEOUT(table, foreign, 600)
{
	static const int unknown[] = {
		CRYPTEX_A_MAX + 1, CRYPTEX_A_MAX + 2, 255, NLA_TYPE_MASK,
	};
	const struct command *c;
	size_t i;
	int type;

	for_each_command(c) {
		for (type = 0; type <= CRYPTEX_A_MAX; type++) {
			if (type && takes(c, type))
				continue;
			begin(self, c, 0);
			message_put(&self->m, type, "\1\0\0", 4);
			EXPECT_TRUE(refused(self, -EINVAL, "foreign", c, type));
		}
		for (i = 0; i < ARRAY_SIZE(unknown); i++) {
			begin(self, c, 0);
			message_put(&self->m, unknown[i], "\1\0\0", 4);
			EXPECT_TRUE(refused(self, -EINVAL, "unknown", c,
					    unknown[i]));
		}
	}
}

/* An item's attributes. */
TEST_F(table, inside_an_item)
{
	static const struct {
		int types[3];
		int err;
	} cases[] = {
		{ {}, -EINVAL },
		{ { CRYPTEX_A_ITEM_NAME }, -EINVAL },
		{ { CRYPTEX_A_ITEM_LABEL }, -EINVAL },
		{ { CRYPTEX_A_ITEM_NAME, CRYPTEX_A_ITEM_LABEL,
		    CRYPTEX_A_ITEM_LABEL }, -EINVAL },
		{ { CRYPTEX_A_ITEM_NAME, CRYPTEX_A_ITEM_LABEL,
		    CRYPTEX_A_ITEM_NAME }, -EINVAL },
		{ { CRYPTEX_A_ITEM_NAME, CRYPTEX_A_ITEM_LABEL,
		    CRYPTEX_A_ITEM_MAX + 1 }, -EINVAL },
		{ { CRYPTEX_A_ITEM_NAME, CRYPTEX_A_ITEM_LABEL, 999 }, -EINVAL },
	};
	const struct command *c = &commands[CRYPTEX_CMD_ACTIVATE - 1];
	struct message *m = &self->m;
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct nlattr *nest;

		begin(self, c, CRYPTEX_A_ITEM);
		nest = message_put(m, NLA_F_NESTED | CRYPTEX_A_ITEM, NULL, 0);
		for (k = 0; k < 3 && cases[i].types[k]; k++) {
			const char *text = cases[i].types[k] == CRYPTEX_A_ITEM_NAME ?
						self->cx.name : "2";

			message_put(m, cases[i].types[k], text, strlen(text) + 1);
		}
		message_end_nest(m, nest);
		EXPECT_TRUE(refused(self, cases[i].err, "item, case", c, i));
	}
}

/* Which comes first does not matter to netlink, nor here. */
TEST_F(table, order)
{
	struct client *c = &self->world.client;
	struct message *m = &self->m;
	struct nlattr *nest;

	message_init(m, c, CRYPTEX_CMD_ACTIVATE, 0);
	nest = message_put(m, NLA_F_NESTED | CRYPTEX_A_ITEM, NULL, 0);
	message_put(m, CRYPTEX_A_ITEM_LABEL, "2", 2);
	message_put(m, CRYPTEX_A_ITEM_NAME, self->cx.name,
		    strlen(self->cx.name) + 1);
	message_end_nest(m, nest);
	EXPECT_EQ(0, message_send(m, c)) TH_LOG("%s", c->text);
	cryptex_activate(&self->cx, "1");
	message_init(m, c, CRYPTEX_CMD_RETIRE, 0);
	put_right(self, CRYPTEX_A_LABEL);
	put_right(self, CRYPTEX_A_NAME);
	EXPECT_EQ(0, message_send(m, c)) TH_LOG("%s", c->text);
}

/* Attributes whose lengths lie. */
TEST_F_TIMEOUT(table, lengths, 600)
{
	const struct command *c;
	size_t i;

	for_each_command(c) {
		for (i = 1; i < 4; i++) {
			begin(self, c, 0);
			memset(self->m.body + self->m.size, 1, i);
			self->m.size += i;
			EXPECT_TRUE(refused(self, -EINVAL, "trailing bytes", c, i));
		}
		for (i = 0; i < NLA_HDRLEN; i++) {
			begin(self, c, 0);
			message_put(&self->m, CRYPTEX_A_NAME, "", 1)->nla_len = i;
			EXPECT_TRUE(refused(self, -EINVAL, "length of header", c, i));
		}
		begin(self, c, 0);
		message_put(&self->m, CRYPTEX_A_NAME, "x", 2)->nla_len = 64;
		EXPECT_TRUE(refused(self, -EINVAL, "length beyond the end", c, 64));
	}
}

/* The frame: who asks for a dump, reserved bits, commands that are none. */
TEST_F_TIMEOUT(table, frame, 600)
{
	static const int no_commands[] = {
		CRYPTEX_CMD_UNSPEC, CRYPTEX_CMD_MAX + 1, 255,
	};
	const struct command *c;
	size_t i;
	int event;

	for_each_command(c) {
		begin(self, c, 0);
		self->m.head.nlmsg_flags ^= NLM_F_DUMP;
		EXPECT_TRUE(refused(self, -EOPNOTSUPP, "other way", c, 0));
		begin(self, c, 0);
		self->m.genl.reserved = 1;
		EXPECT_TRUE(refused(self, -EINVAL, "reserved", c, 1));
		begin(self, c, 0);
		self->m.head.nlmsg_flags |= NLM_F_CREATE;
		EXPECT_TRUE(refused(self, -EINVAL, "flags", c, NLM_F_CREATE));
	}
	for (event = CRYPTEX_CMD_STATE + 1; event <= CRYPTEX_CMD_MAX; event++) {
		begin(self, commands, 0);
		self->m.genl.cmd = event;
		EXPECT_TRUE(refused(self, -EOPNOTSUPP, "event", commands, event));
	}
	for (i = 0; i < ARRAY_SIZE(no_commands); i++) {
		begin(self, commands, 0);
		self->m.genl.cmd = no_commands[i];
		EXPECT_TRUE(refused(self, -EOPNOTSUPP, "no command", commands,
				    no_commands[i]));
	}
}

/* What all the others spoil.  `lock` would be in force for those to come. */
TEST_F(table, nothing_wrong)
{
	const struct command *c;

	for_each_command(c) {
		if (c->number == CRYPTEX_CMD_LOCK)
			continue;
		if (c->number == CRYPTEX_CMD_RETIRE)
			cryptex_activate(&self->cx, "1");
		begin(self, c, 0);
		EXPECT_EQ(0, message_send(&self->m, &self->world.client))
			TH_LOG("%s: %s", c->name, self->world.client.text);
	}
}

TEST_HARNESS_MAIN
