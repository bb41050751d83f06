// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Revocation by floors that rise from call to call: what is active in all three
 * cryptexes is hit, and "safe", which is not, takes over in all or in none.
 */
#include <stdlib.h>

#include "failnth_cases.h"
#include "failnth_rig.h"
#include "list_maker.h"
#include "report.h"

#define SAFE "safe"
#define SAFE_EPOCH 1000000

/* Security epoch of the generations that are active now, and in their label. */
static uint32_t epoch = 1;
static char label[16] = "1";
static int list = -1;

static void stage_one(struct cryptex *cx, const char *name, uint32_t level)
{
	struct identity id = {
		.name = cx->name,
		.label = name,
		.base = cx->base,
		.security_epoch = level,
	};
	struct blob manifest, seal;
	struct tree t = {};
	char text[80];
	int fd;

	snprintf(text, sizeof(text), "%s:text\n", name);
	tree_add_text(&t, &rig.world, "text", text);
	manifest = manifest_make(&id, &t);
	seal = seal_make(&manifest, &rig.world.signer);
	fd = world_seal_file(&rig.world, &seal);
	if (client_stage(&rig.world.client, fd))
		die("stage %s: %s", name, rig.world.client.text);
	close(fd);
	free(manifest.data);
	free(seal.data);
	tree_exit(&t);
}

static void make_list(void)
{
	struct denials d = { .number = epoch };
	struct blob body;
	int i;

	for (i = 0; i < RIG_CRYPTEXES; i++)
		denials_add_floor(&d, rig.cx[i].name, epoch + 1);
	body = list_make(&d, &rig.world.signer);
	if (list >= 0)
		close(list);
	list = world_seal_file(&rig.world, &body);
	free(body.data);
}

/* Something to revoke, above all floors so far. */
static void make_victims(void)
{
	char old[16];
	int i;

	strcpy(old, label);
	snprintf(label, sizeof(label), "r%u", ++epoch);
	for (i = 0; i < RIG_CRYPTEXES; i++) {
		if (!rig_has(&rig.cx[i], SAFE))
			stage_one(&rig.cx[i], SAFE, SAFE_EPOCH);
		stage_one(&rig.cx[i], label, epoch);
		cryptex_activate(&rig.cx[i], label);
		if (old[0] == 'r')
			rig_retire(&rig.cx[i], old);
	}
	make_list();
}

static void have_list(void *arg)
{
	uint32_t number;

	(void)arg;
	if (epoch == 1 || rig_count_active(SAFE))
		make_victims();
	rig_begin(CRYPTEX_CMD_REVOKE, 0);
	number = list;
	raw_put(&rig.message, CRYPTEX_A_LIST_FD, &number, sizeof(number));
}

static bool check_revoke(void *arg, int err)
{
	int hit = rig_count_active(SAFE);
	bool whole = !hit || hit == RIG_CRYPTEXES;
	bool right = hit == (err ? 0 : RIG_CRYPTEXES) || !rig.answer.told;

	(void)arg;
	rig_end();
	if (!whole || !right)
		note("%d of %d switched", hit, RIG_CRYPTEXES);
	if (!hit && !rig_is_same())
		right = false;
	return rig_works() && right && whole;
}

/* EIO: the file could not be read. */
const struct sweep revoke_sweeps[] = {
	{ "revoke", have_list, rig_exchange, check_revoke, { EIO } },
	{}
};
