// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * CRYPTEX_CMD_LOCK.  One test: what it closes stays closed until the module
 * goes.
 */
#include <sys/mount.h>
#include <stdlib.h>

#include <kselftest_harness.h>

#include "ksft_events.h"
#include "refusal.h"
#include "report.h"
#include "revoking.h"

static struct mount_result mount_at(struct world *w, const struct blob *seal,
				    const char *dir)
{
	int fd = world_seal_file(w, seal);
	struct mount_result result;
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	result = cryptex_mount(path, w->store, dir);
	close(fd);
	return result;
}

TEST(lock)
{
	struct cryptex a, b, again;
	struct mount_result result;
	struct tree tree = {};
	struct blob seal, cert;
	struct signer another;
	struct listener l;
	struct denials d;
	struct client *c;
	struct event e;
	struct world w;

	world_init(&w);
	c = &w.client;
	tree_add_text(&tree, &w, "f", "f");
	cryptex_init(&a, &w, "a");
	cryptex_init(&b, &w, "b");
	cryptex_mount_base(&a, "1", &tree);
	cryptex_mount_base(&b, "1", &tree);
	ASSERT_EQ(0, client_state(c));
	ASSERT_FALSE(HAS(c, CRYPTEX_A_LOCKED));
	ASSERT_EQ(0, listener_open(&l));
	ASSERT_EQ(0, client_lock(c)) TH_LOG("%s", c->text);
	ASSERT_EQ(0, client_state(c));
	EXPECT_TRUE(HAS(c, CRYPTEX_A_LOCKED));
	ASSERT_EQ(0, listener_next(&l, &e, 0));
	EXPECT_EQ(CRYPTEX_CMD_LOCKED_NTF, e.command);
	/* Once more changes nothing, and tells of nothing. */
	EXPECT_EQ(0, client_lock(c));
	EXPECT_EQ(-ETIME, listener_next(&l, &e, 0));

	/* No keys. */
	signer_init(&another, SIGNER_P256, "another");
	cert = signer_certificate(&another);
	EXPECT_EQ(-EPERM, client_key_add(c, cert.data, cert.size));
	EXPECT_STREQ("locked: no further keys", c->text);
	seal = seal_at(&a, "2", 1, &tree, &another);
	EXPECT_TRUE(stage_seal_refused(&a, &seal, &(struct refusal) {
			-ENOKEY, "made by no trusted key" }));

	/* No further cryptexes; one that is mounted, once more. */
	cryptex_init(&again, &w, "further");
	seal = cryptex_seal(&again, "1", &tree);
	result = mount_at(&w, &seal, again.dir);
	EXPECT_EQ(-EPERM, result.err);
	EXPECT_NE(NULL, strstr(result.text, "locked: no further cryptexes"));
	again = a;
	memset(again.base, 0, sizeof(again.base));
	seal = cryptex_seal(&again, "1", &tree);
	result = mount_at(&w, &seal, w.dir);
	EXPECT_EQ(0, result.err) TH_LOG("%s", result.text);
	EXPECT_EQ(0, umount(w.dir));
	EXPECT_EQ(0, umount(a.dir));
	result = mount_at(&w, &seal, a.dir);
	EXPECT_EQ(-EPERM, result.err) TH_LOG("%s", result.text);

	/* All else goes on. */
	cryptex_stage(&b, "2", &tree);
	cryptex_activate(&b, "2");
	cryptex_activate(&b, "1");
	EXPECT_EQ(0, client_retire(c, b.name, "2"));
	d = denials_next(&w);
	denials_add_floor(&d, b.name, 2);
	EXPECT_EQ(0, deny(&w, &d));
	world_exit(&w);
}

TEST_HARNESS_MAIN
