// SPDX-License-Identifier: LGPL-2.1-or-later
#include <linux/netlink.h>

#include "fuzz_message.h"
#include "fuzz_spoil.h"
#include "report.h"

#define MAX_CHANGES 3

/* How often each command comes, in each phase; they need not add up. */
static const struct {
	int command;
	unsigned short weight[3];
} weights[] = {
	{ CRYPTEX_CMD_GET,	{  60,  60,  60 } },
	{ CRYPTEX_CMD_STAGE,	{ 250, 200, 200 } },
	{ CRYPTEX_CMD_ACTIVATE,	{ 400, 350, 350 } },
	{ CRYPTEX_CMD_USERS,	{   4,   4,   4 } },
	{ CRYPTEX_CMD_KEY_ADD,	{  20,  20,  20 } },
	{ CRYPTEX_CMD_RETIRE,	{  60,  60,  60 } },
	{ CRYPTEX_CMD_REVOKE,	{   8,  60,  60 } },
	{ CRYPTEX_CMD_LOCK,	{   0,   0,   1 } },
	{ CRYPTEX_CMD_STATE,	{  60,  60,  60 } },
	{ CRYPTEX_CMD_UNSPEC,	{  20,  20,  20 } },	/* stands for any */
};

#define COMMANDS (sizeof(weights) / sizeof(*weights))

static int pick_command(struct fuzz_random *r, enum fuzz_phase phase)
{
	unsigned int sum = 0;
	size_t i, n;

	for (i = 0; i < COMMANDS; i++)
		sum += weights[i].weight[phase];
	n = fuzz_below(r, sum);
	for (i = 0; n >= weights[i].weight[phase]; i++)
		n -= weights[i].weight[phase];
	return weights[i].command;
}

static void put_descriptor(struct raw_message *m, int type, int fd)
{
	uint32_t number = fd;

	raw_put(m, type, &number, sizeof(number));
}

static void put_item(struct fuzz_random *r, struct pool *p,
		     struct raw_message *m)
{
	size_t nest = raw_nest(m, CRYPTEX_A_ITEM);

	raw_put_string(m, CRYPTEX_A_ITEM_NAME, pool_name(p, r));
	raw_put_string(m, CRYPTEX_A_ITEM_LABEL, pool_label(p, r));
	raw_nest_end(m, nest);
}

/* Mostly to what is there, in no more cryptexes than there are. */
static void put_set(struct fuzz_random *r, struct pool *p,
		    struct raw_message *m)
{
	size_t i, count = 1 + fuzz_below(r, POOL_CRYPTEXES);
	size_t first = fuzz_below(r, POOL_CRYPTEXES), nest;

	if (fuzz_once_in(r, 4)) {
		put_item(r, p, m);
		return;
	}
	for (i = 0; i < count; i++) {
		nest = raw_nest(m, CRYPTEX_A_ITEM);
		raw_put_string(m, CRYPTEX_A_ITEM_NAME,
			       p->cx[(first + i) % POOL_CRYPTEXES].name);
		raw_put_string(m, CRYPTEX_A_ITEM_LABEL, pool_label(p, r));
		raw_nest_end(m, nest);
	}
	if (fuzz_once_in(r, 200))
		for (i = 0; i < CRYPTEX_MAX_ITEMS + 1; i++)
			put_item(r, p, m);
}

static void fill(struct fuzz_random *r, struct pool *p, struct fuzz_message *f)
{
	const struct blob *cert;
	bool own = false;
	int fd = -1;

	switch (f->command) {
	case CRYPTEX_CMD_STAGE:
		fd = pool_seal(p, r, &own);
		put_descriptor(&f->m, CRYPTEX_A_SEAL_FD, fd);
		break;
	case CRYPTEX_CMD_REVOKE:
		fd = pool_list(p, r, &own);
		put_descriptor(&f->m, CRYPTEX_A_LIST_FD, fd);
		break;
	case CRYPTEX_CMD_ACTIVATE:
		put_set(r, p, &f->m);
		break;
	case CRYPTEX_CMD_RETIRE:
		raw_put_string(&f->m, CRYPTEX_A_NAME, pool_name(p, r));
		raw_put_string(&f->m, CRYPTEX_A_LABEL, pool_label(p, r));
		break;
	case CRYPTEX_CMD_KEY_ADD:
		cert = pool_certificate(p, r);
		raw_put(&f->m, CRYPTEX_A_CERTIFICATE, cert->data, cert->size);
		break;
	}
	f->own = own ? fd : -1;
}

static bool is_dump(int command)
{
	return command == CRYPTEX_CMD_GET || command == CRYPTEX_CMD_USERS;
}

static void spoil(struct fuzz_random *r, struct fuzz_message *f)
{
	size_t changes = 1 + fuzz_below(r, MAX_CHANGES);

	f->spoiled = true;
	while (changes-- && fuzz_spoil(r, &f->m))
		;
}

/* Locking is not hit upon by chance: it would end all the rest. */
static void keep_unlocked(struct fuzz_message *f)
{
	uint8_t *command = &f->m.data[NLMSG_HDRLEN];

	if (f->command != CRYPTEX_CMD_LOCK && *command == CRYPTEX_CMD_LOCK)
		*command = CRYPTEX_CMD_STATE;
}

bool fuzz_message_is_dump(const struct fuzz_message *f)
{
	const struct nlmsghdr *head = (const void *)f->m.data;

	return !f->spoiled && is_dump(f->command) &&
	       head->nlmsg_flags & NLM_F_DUMP;
}

void fuzz_message_make(struct fuzz_random *r, struct pool *p,
		       enum fuzz_phase phase, struct fuzz_message *f)
{
	int family = p->world.client.family;

	f->command = pick_command(r, phase);
	f->spoiled = false;
	if (f->command == CRYPTEX_CMD_UNSPEC) {
		f->command = fuzz_next(r) & 0xff;
		f->spoiled = true;
	}
	raw_begin(&f->m, family, f->command,
		  is_dump(f->command) != fuzz_once_in(r, 50) ? NLM_F_DUMP : 0);
	fill(r, p, f);
	/* What was sealed for it alone shall get to where it is looked at. */
	if (fuzz_once_in(r, f->own >= 0 ? 16 : 2))
		spoil(r, f);
	keep_unlocked(f);
}
