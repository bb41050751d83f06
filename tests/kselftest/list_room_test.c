// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * As many lists as there may be.  A program of its own, since they stay.
 */
#include <kselftest_harness.h>

#include "refusal.h"
#include "report.h"
#include "revoking.h"

/* Each list revokes a seal of its own; the last ones, all of some before. */
static void add(struct denials *d, uint8_t which)
{
	uint8_t digest[CRYPTEX_DIGEST_SIZE] = { which };

	denials_add_seal(d, digest);
}

TEST(as_many_lists_as_there_may_be)
{
	struct snapshot before;
	struct tree tree = {};
	struct cryptex cx;
	struct denials d;
	struct world w;
	int i;

	world_init(&w);
	cryptex_init(&cx, &w, "r");
	tree_add_text(&tree, &w, "f", "f");
	cryptex_mount_base(&cx, "1", &tree);
	for (i = 0; i < CRYPTEX_MAX_LISTS; i++) {
		d = denials_next(&w);
		add(&d, i);
		ASSERT_EQ(0, deny(&w, &d)) TH_LOG("list %d: %s", i, w.client.text);
	}
	snapshot_take(&before, &cx);
	d = denials_next(&w);
	add(&d, 100);
	denials_add_seal(&d, cx.base);
	EXPECT_EQ(-ENOSPC, deny(&w, &d));
	EXPECT_NE(NULL, strstr(w.client.text, "16 lists are in force"));
	EXPECT_TRUE(snapshot_is_as(&before, &cx));
	EXPECT_EQ(CRYPTEX_F_BASE | CRYPTEX_F_ACTIVE,
		  generation_of(&cx, "1").flags);
	/* It replaces what it has all of, and makes room by that. */
	add(&d, 7);
	EXPECT_EQ(0, deny(&w, &d)) TH_LOG("%s", w.client.text);
	d = denials_next(&w);
	for (i = 0; i < CRYPTEX_MAX_LISTS; i++)
		add(&d, i);
	EXPECT_EQ(0, deny(&w, &d));
	for (i = 0; i < CRYPTEX_MAX_LISTS - 2; i++) {
		d = denials_next(&w);
		add(&d, 200 + i);
		EXPECT_EQ(0, deny(&w, &d)) TH_LOG("list %d: %s", i, w.client.text);
	}
	d = denials_next(&w);
	add(&d, 99);
	EXPECT_EQ(-ENOSPC, deny(&w, &d));
	world_exit(&w);
}

TEST_HARNESS_MAIN
