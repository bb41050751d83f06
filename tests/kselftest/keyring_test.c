// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The module's own keyring: who may sign, and what is no key.
 *
 * run_all.sh loads the module anew for each program, so the keyring is empty
 * when this one starts; the harness runs tests without a fixture first.
 */
#include <stdlib.h>

#include <kselftest_harness.h>

#include "refusal.h"
#include "report.h"

FIXTURE(keyring)
{
	struct world world;
	struct cryptex cx;
	struct tree tree;
};

FIXTURE_SETUP(keyring)
{
	world_init(&self->world);
	cryptex_init(&self->cx, &self->world, "k");
	tree_add_text(&self->tree, &self->world, "f", "f");
	cryptex_mount_base(&self->cx, "1", &self->tree);
}

FIXTURE_TEARDOWN(keyring)
{
	world_exit(&self->world);
}

static bool is_keyring_empty(void)
{
	return !system("grep -q ' \\.cryptex: empty$' /proc/keys");
}

/* With no key at all nothing is trusted, not even the kernel's own keys. */
TEST(empty_keyring)
{
	struct mount_result result;
	struct cryptex cx;
	struct tree t = {};
	struct world w;
	struct blob seal;
	char path[32];

	if (!is_keyring_empty())
		SKIP(return, "the keyring has keys: load the module anew");
	world_init_untrusted(&w);
	cryptex_init(&cx, &w, "e");
	tree_add_text(&t, &w, "f", "f");
	seal = cryptex_seal(&cx, "1", &t);
	snprintf(path, sizeof(path), "/proc/self/fd/%d",
		 world_seal_file(&w, &seal));
	result = cryptex_mount(path, w.store, cx.dir);
	EXPECT_EQ(-ENOKEY, result.err);
	EXPECT_NE(NULL, strstr(result.text, "made by no trusted key"));
	world_trust(&w, &w.signer);
	result = cryptex_mount(path, w.store, cx.dir);
	EXPECT_EQ(0, result.err) TH_LOG("%s", result.text);
	EXPECT_FALSE(is_keyring_empty());
	world_exit(&w);
}

TEST_F(keyring, an_unknown_key)
{
	const struct refusal want = { -ENOKEY, "made by no trusted key" };
	struct signer trusted = self->world.signer;
	struct blob seal;

	signer_init(&self->world.signer, SIGNER_P256, "stranger");
	seal = cryptex_seal(&self->cx, "2", &self->tree);
	EXPECT_TRUE(stage_seal_refused(&self->cx, &seal, &want));
	EXPECT_TRUE(mount_seal_refused(&self->cx, &seal, &want));
	/* It was for the key alone. */
	world_trust(&self->world, &self->world.signer);
	cryptex_stage(&self->cx, "2", &self->tree);
	self->world.signer = trusted;
	cryptex_stage(&self->cx, "3", &self->tree);
}

/* The same name does not make it the same key. */
TEST_F(keyring, a_key_of_the_same_name)
{
	const struct refusal want = { -ENOKEY, "made by no trusted key" };
	struct blob seal;

	signer_init(&self->world.signer, SIGNER_P256, "cryptex kselftest");
	seal = cryptex_seal(&self->cx, "2", &self->tree);
	EXPECT_TRUE(stage_seal_refused(&self->cx, &seal, &want));
}

TEST_F(keyring, rsa)
{
	signer_init(&self->world.signer, SIGNER_RSA2048, "rsa");
	world_trust(&self->world, &self->world.signer);
	cryptex_stage(&self->cx, "2", &self->tree);
}

TEST_F(keyring, adding_again_changes_nothing)
{
	int i;

	for (i = 0; i < 3; i++)
		world_trust(&self->world, &self->world.signer);
	cryptex_stage(&self->cx, "2", &self->tree);
}

static int add_bytes(FIXTURE_DATA(keyring) *self, const void *data, size_t size)
{
	return client_key_add(&self->world.client, data, size);
}

TEST_F(keyring, not_a_certificate)
{
	static const char text[] = "-----BEGIN CERTIFICATE-----\n";
	struct client *c = &self->world.client;
	struct blob cert = signer_certificate(&self->world.signer);
	struct blob twice = blob_join(&cert, &cert);
	size_t size;

	EXPECT_EQ(-EBADMSG, add_bytes(self, text, sizeof(text)));
	EXPECT_STREQ("certificate: not one X.509 certificate in DER", c->text);
	EXPECT_EQ(-EBADMSG, add_bytes(self, twice.data, twice.size));
	for (size = 1; size < cert.size; size++) {
		EXPECT_EQ(-EBADMSG, add_bytes(self, cert.data, size))
			TH_LOG("%zu of %zu bytes", size, cert.size);
	}
	/* A private key is none, nor is a signature. */
	twice = signer_sign(&self->world.signer, text, sizeof(text));
	EXPECT_EQ(-EBADMSG, add_bytes(self, twice.data, twice.size));
}

TEST_F(keyring, a_damaged_certificate)
{
	struct blob cert = signer_certificate(&self->world.signer);

	/* The last byte is the self-signature's. */
	cert.data[cert.size - 1] ^= 1;
	EXPECT_EQ(-EBADMSG, add_bytes(self, cert.data, cert.size));
}

TEST_F(keyring, sizes_that_the_policy_forbids)
{
	char huge[CRYPTEX_MAX_CERTIFICATE + 1] = {};

	EXPECT_EQ(-ERANGE, add_bytes(self, huge, 0));
	EXPECT_EQ(-ERANGE, add_bytes(self, huge, sizeof(huge)));
	EXPECT_EQ(-EBADMSG, add_bytes(self, huge, sizeof(huge) - 1));
}

/* Nobody else, not even root, can write to it. */
TEST_F(keyring, keyctl_cannot_add)
{
	struct blob cert = signer_certificate(&self->world.signer);
	char path[128];

	snprintf(path, sizeof(path), "%s/cert", self->world.dir);
	file_write(path, cert.data, cert.size);
	ASSERT_EQ(0, system("command -v keyctl >/dev/null"));
	EXPECT_EQ(0, system("id=$(awk '$9 == \".cryptex:\" { print \"0x\" $1 }' /proc/keys);"
			    "test -n \"$id\" && keyctl show $id >/dev/null"));
	ASSERT_EQ(0, chdir(self->world.dir));
	EXPECT_NE(0, system("id=$(awk '$9 == \".cryptex:\" { print \"0x\" $1 }' /proc/keys);"
			    "keyctl padd asymmetric x $id <cert 2>/dev/null"));
	EXPECT_NE(0, system("id=$(awk '$9 == \".cryptex:\" { print \"0x\" $1 }' /proc/keys);"
			    "keyctl clear $id 2>/dev/null"));
}

TEST_HARNESS_MAIN
