// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Revoked keys: whatever they have signed counts no more, wherever they stand in
 * a signature, and nothing that is put next to them saves it.
 *
 * On a kernel that has no revocation list of its own.
 */
#include <stdlib.h>

#include <kselftest_harness.h>

#include "refusal.h"
#include "report.h"
#include "revoking.h"

FIXTURE(key)
{
	struct world world;
	struct cryptex cx;
	struct tree tree;
	struct signer second;
	struct blob manifest;
	struct client *client;
};

FIXTURE_SETUP(key)
{
	struct identity id = { .label = "2", .security_epoch = 1 };

	world_init(&self->world);
	self->client = &self->world.client;
	cryptex_init(&self->cx, &self->world, "k");
	tree_add_text(&self->tree, &self->world, "f", "f");
	cryptex_mount_base(&self->cx, "1", &self->tree);
	id.name = self->cx.name;
	id.base = self->cx.base;
	self->manifest = manifest_make(&id, &self->tree);
	signer_init(&self->second, SIGNER_P256, "second");
	world_trust(&self->world, &self->second);
}

FIXTURE_TEARDOWN(key)
{
	world_exit(&self->world);
}

static const struct refusal revoked = {
	-EKEYREVOKED, "made by a revoked key"
};

static struct blob styled(FIXTURE_DATA(key) *self, const struct style *style)
{
	struct blob signature = signer_sign_as(style, self->manifest.data,
					       self->manifest.size);
	struct blob seal = seal_assemble(&self->manifest, &signature);

	free(signature.data);
	return seal;
}

static int stage_styled(FIXTURE_DATA(key) *self, const struct style *style)
{
	return stage_blob(&self->world, styled(self, style));
}

static bool style_refused(FIXTURE_DATA(key) *self, const struct style *style)
{
	struct blob seal = styled(self, style);
	bool ok = stage_seal_refused(&self->cx, &seal, &revoked);

	free(seal.data);
	return ok;
}

static int revoke_key(FIXTURE_DATA(key) *self, const struct signer *signer)
{
	struct denials d = denials_next(&self->world);

	denials_add_certificate(&d, signer);
	return deny(&self->world, &d);
}

static int activate(FIXTURE_DATA(key) *self, const char *label)
{
	struct item item = { self->cx.name, label };

	return client_activate(self->client, &item, 1);
}

TEST_F(key, of_a_seal)
{
	struct style plain = { .signers = { &self->second } };
	struct cryptex other;
	struct blob base;

	cryptex_init(&other, &self->world, "other");
	other.world->signer = self->world.signer;
	ASSERT_EQ(0, stage_styled(self, &plain));
	ASSERT_EQ(0, activate(self, "2"));
	ASSERT_EQ(0, revoke_key(self, &self->second));
	/* What it has signed is hit, and the base has taken over. */
	EXPECT_EQ(CRYPTEX_F_REVOKED, generation_of(&self->cx, "2").flags);
	EXPECT_EQ(CRYPTEX_F_BASE | CRYPTEX_F_ACTIVE,
		  generation_of(&self->cx, "1").flags);
	EXPECT_EQ(-EKEYREVOKED, activate(self, "2"));
	EXPECT_TRUE(style_refused(self, &plain));
	base = seal_make(&self->manifest, &self->second);
	EXPECT_TRUE(mount_seal_refused(&self->cx, &base, &revoked));
	/* Nobody trusts it again, and the other key goes on. */
	base = signer_certificate(&self->second);
	EXPECT_EQ(-EKEYREVOKED,
		  client_key_add(self->client, base.data, base.size));
	EXPECT_STREQ("this certificate is revoked", self->client->text);
	cryptex_stage(&self->cx, "3", &self->tree);
}

TEST_F(key, to_come)
{
	struct signer later;
	struct blob cert;

	signer_init(&later, SIGNER_P256, "later");
	ASSERT_EQ(0, revoke_key(self, &later));
	cert = signer_certificate(&later);
	EXPECT_EQ(-EKEYREVOKED,
		  client_key_add(self->client, cert.data, cert.size));
}

/* Revoking an issued key leaves its sisters; revoking the authority does not. */
TEST_F(key, issued)
{
	struct signer leaf, sister;
	struct style one = { .signers = { &leaf }, .certificates = true };
	struct style other = { .signers = { &sister }, .certificates = true };

	signer_init_issued(&leaf, &self->second, "leaf");
	signer_init_issued(&sister, &self->second, "sister");
	ASSERT_EQ(0, stage_styled(self, &one));
	ASSERT_EQ(0, revoke_key(self, &leaf));
	EXPECT_EQ(CRYPTEX_F_REVOKED, generation_of(&self->cx, "2").flags);
	EXPECT_TRUE(style_refused(self, &one));
	ASSERT_EQ(0, client_retire(self->client, self->cx.name, "2"));
	ASSERT_EQ(0, stage_styled(self, &other));
	EXPECT_EQ(0, generation_of(&self->cx, "2").flags);
	ASSERT_EQ(0, revoke_key(self, &self->second));
	EXPECT_EQ(CRYPTEX_F_REVOKED, generation_of(&self->cx, "2").flags);
	EXPECT_TRUE(style_refused(self, &one));
	EXPECT_TRUE(style_refused(self, &other));
}

/* One that is trusted next to it does not help. */
TEST_F(key, of_one_of_two_signers)
{
	struct style both = { .signers = { &self->world.signer, &self->second } };
	struct style reversed = {
		.signers = { &self->second, &self->world.signer }
	};

	ASSERT_EQ(0, stage_styled(self, &both));
	ASSERT_EQ(0, revoke_key(self, &self->second));
	EXPECT_EQ(CRYPTEX_F_REVOKED, generation_of(&self->cx, "2").flags);
	EXPECT_TRUE(style_refused(self, &both));
	EXPECT_TRUE(style_refused(self, &reversed));
}

/*
 * Who signed is not signed itself: on its way a seal can be given further
 * signatures.  One that does not match, by a key that is not trusted here, is
 * passed over; it must not keep that key, or any other, from being revoked.
 */

static void revoke_in_spite_of(struct __test_metadata *_metadata,
			       FIXTURE_DATA(key) *self,
			       const struct style *style,
			       const struct signer *key)
{
	struct denials d;

	ASSERT_EQ(0, stage_styled(self, style)) TH_LOG("%s", self->client->text);
	ASSERT_EQ(0, stage_blob(&self->world,
				seal_at(&self->cx, "3", 1, &self->tree,
					&self->second)));
	d = denials_next(&self->world);
	denials_add_certificate(&d, key);
	denials_add_certificate(&d, &self->second);
	EXPECT_EQ(0, deny(&self->world, &d)) TH_LOG("%s", self->client->text);
	EXPECT_EQ(CRYPTEX_F_REVOKED, generation_of(&self->cx, "3").flags);
}

TEST_F(key, in_spite_of_a_spoiled_signature)
{
	struct signer leaf;
	struct style style = {
		.signers = { &self->world.signer, &leaf }, .spoiled = 2,
	};

	signer_init_issued(&leaf, &self->second, "leaf");
	revoke_in_spite_of(_metadata, self, &style, &leaf);
}

/* Some kernels do not even take such a seal. */
TEST_F(key, in_spite_of_an_unknown_algorithm)
{
	struct signer stranger, somebody;
	struct style style = {
		.signers = { &self->world.signer, &stranger }, .rare = 2,
	};
	int err;

	signer_init(&stranger, SIGNER_P256, "stranger");
	signer_init(&somebody, SIGNER_P256, "somebody");
	err = stage_styled(self, &style);
	if (err) {
		EXPECT_EQ(-ENOPKG, err);
		return;
	}
	revoke_in_spite_of(_metadata, self, &style, &somebody);
}

/* Lists. */

TEST_F(key, of_a_list)
{
	struct denials d;
	struct snapshot before;
	struct signer stranger;

	signer_init(&stranger, SIGNER_P256, "stranger");
	snapshot_take(&before, &self->cx);
	d = denials_next(&self->world);
	EXPECT_EQ(-ENOKEY, deny_as(&self->world, &d, &stranger));
	EXPECT_TRUE(snapshot_is_as(&before, &self->cx));
	/* A key may revoke itself, as its last word. */
	denials_add_certificate(&d, &self->second);
	EXPECT_EQ(0, deny_as(&self->world, &d, &self->second));
	snapshot_take(&before, &self->cx);
	d = denials_next(&self->world);
	EXPECT_EQ(-EKEYREVOKED, deny_as(&self->world, &d, &self->second));
	EXPECT_STREQ(revoked.text, strstr(self->client->text, "made by"));
	EXPECT_TRUE(snapshot_is_as(&before, &self->cx));
	/* Also by the list that the other key has signed now. */
	EXPECT_EQ(0, deny(&self->world, &d));
}

TEST_HARNESS_MAIN
