// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The commands.  One that failed has changed nothing, one that succeeded has
 * changed all that it was to change; where the answer itself was lost, it is
 * one of the two.
 */
#include <stdlib.h>

#include <linux/netlink.h>

#include "failnth_cases.h"
#include "failnth_rig.h"
#include "report.h"

static struct signer stranger;
static int strangers_patch = -1;

static void put_u32(int type, uint32_t value)
{
	raw_put(&rig.message, type, &value, sizeof(value));
}

static void have_get(void *arg)
{
	(void)arg;
	rig_begin(CRYPTEX_CMD_GET, NLM_F_DUMP);
}

static void have_users(void *arg)
{
	(void)arg;
	rig_begin(CRYPTEX_CMD_USERS, NLM_F_DUMP);
}

static void have_state(void *arg)
{
	(void)arg;
	rig_begin(CRYPTEX_CMD_STATE, 0);
}

static void have_stage(void *arg)
{
	(void)arg;
	if (rig_has(&rig.cx[0], "3"))
		rig_retire(&rig.cx[0], "3");
	rig_drop_caches();
	rig_begin(CRYPTEX_CMD_STAGE, 0);
	put_u32(CRYPTEX_A_SEAL_FD, rig.patch);
}

static void have_retire(void *arg)
{
	(void)arg;
	if (!rig_has(&rig.cx[0], "3") &&
	    client_stage(&rig.world.client, rig.patch))
		die("stage: %s", rig.world.client.text);
	rig_begin(CRYPTEX_CMD_RETIRE, 0);
	raw_put_string(&rig.message, CRYPTEX_A_NAME, rig.cx[0].name);
	raw_put_string(&rig.message, CRYPTEX_A_LABEL, "3");
}

/* To and fro between the bases and the patches. */
static const char *target(void)
{
	return !strcmp(rig.before[0].active, "1") ? "2" : "1";
}

static void have_activate(void *arg)
{
	size_t nest;
	int i;

	(void)arg;
	rig_begin(CRYPTEX_CMD_ACTIVATE, 0);
	for (i = 0; i < RIG_CRYPTEXES; i++) {
		nest = raw_nest(&rig.message, CRYPTEX_A_ITEM);
		raw_put_string(&rig.message, CRYPTEX_A_ITEM_NAME,
			       rig.cx[i].name);
		raw_put_string(&rig.message, CRYPTEX_A_ITEM_LABEL, target());
		raw_nest_end(&rig.message, nest);
	}
}

static void meet_stranger(void)
{
	struct tree t = {};
	struct signer own = rig.world.signer;
	struct blob seal;

	signer_init(&stranger, SIGNER_P256, "stranger");
	rig.world.signer = stranger;
	tree_add_text(&t, &rig.world, "text", "3:text\n");
	seal = cryptex_seal(&rig.cx[1], "3", &t);
	rig.world.signer = own;
	strangers_patch = world_seal_file(&rig.world, &seal);
	free(seal.data);
	tree_exit(&t);
}

static void part_with_stranger(void)
{
	close(strangers_patch);
	strangers_patch = -1;
	signer_exit(&stranger);
}

/* A key stays, so each one that was taken makes way for another. */
static void have_key(void *arg)
{
	struct blob cert;

	(void)arg;
	if (strangers_patch < 0)
		meet_stranger();
	cert = signer_certificate(&stranger);
	rig_begin(CRYPTEX_CMD_KEY_ADD, 0);
	raw_put(&rig.message, CRYPTEX_A_CERTIFICATE, cert.data, cert.size);
	free(cert.data);
}

static bool end(bool right)
{
	rig_end();
	return rig_works() && right;
}

static bool check_same(void *arg, int err)
{
	(void)arg;
	(void)err;
	return end(rig_is_same());
}

/* What is to be said of a change, given whether it is there. */
static bool is_right(bool changed, bool same, int err)
{
	if (changed == !err || (!rig.answer.told && err))
		return changed || same;
	note("%s, but %s", err ? "an error" : "success",
	     changed ? "changed" : "not changed");
	return false;
}

static bool check_stage(void *arg, int err)
{
	bool staged = rig_has(&rig.cx[0], "3");

	(void)arg;
	return end(is_right(staged, staged || rig_is_same(), err));
}

static bool check_retire(void *arg, int err)
{
	bool retired = !rig_has(&rig.cx[0], "3");

	(void)arg;
	return end(is_right(retired, retired || rig_is_same(), err));
}

static bool check_activate(void *arg, int err)
{
	int count = rig_count_active(target());
	bool whole = !count || count == RIG_CRYPTEXES;

	(void)arg;
	if (!whole)
		note("half a switch: %d of %d", count, RIG_CRYPTEXES);
	return end(is_right(count, count || rig_is_same(), err) && whole);
}

static bool is_trusted(void)
{
	struct client *c = &rig.world.client;
	int err = client_stage(c, strangers_patch);

	if (!err)
		rig_retire(&rig.cx[1], "3");
	else if (err != -ENOKEY)
		die("stage: %s (%s)", strerror(-err), c->text);
	return !err;
}

static bool check_key(void *arg, int err)
{
	bool trusted = is_trusted();
	bool right = is_right(trusted, rig_is_same(), err);

	(void)arg;
	if (trusted)
		part_with_stranger();
	return end(right && rig_is_same());
}

const struct sweep netlink_sweeps[] = {
	{ "get", have_get, rig_exchange, check_same, {} },
	{ "users", have_users, rig_exchange, check_same, {} },
	{ "state", have_state, rig_exchange, check_same, {} },
	{}
};

/* EIO: the file could not be read. */
const struct sweep change_sweeps[] = {
	{ "stage", have_stage, rig_exchange, check_stage, { EIO } },
	{ "retire", have_retire, rig_exchange, check_retire, {} },
	{ "activate", have_activate, rig_exchange, check_activate, {} },
	{ "key_add", have_key, rig_exchange, check_key, {} },
	{}
};
