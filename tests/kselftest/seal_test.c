// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Seals that the kernel refuses before it reads what they say, and seals that
 * it understands and that do not fit: each with its errno and its sentence.
 * manifest_test.c is about what lies between.
 */
#include <endian.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <kselftest_harness.h>

#include "refusal.h"
#include "report.h"

FIXTURE(seal)
{
	struct world world;
	struct cryptex cx;
	struct tree tree;
};

FIXTURE_SETUP(seal)
{
	world_init(&self->world);
	cryptex_init(&self->cx, &self->world, "s");
	tree_add_text(&self->tree, &self->world, "f", "f");
	cryptex_mount_base(&self->cx, "1", &self->tree);
	cryptex_stage(&self->cx, "2", &self->tree);
	cryptex_activate(&self->cx, "2");
}

FIXTURE_TEARDOWN(seal)
{
	world_exit(&self->world);
}

static struct identity patch(FIXTURE_DATA(seal) *self, const char *label)
{
	return (struct identity) {
		.name = self->cx.name,
		.label = label,
		.base = self->cx.base,
		.security_epoch = 1,
	};
}

static struct blob sealed(FIXTURE_DATA(seal) *self, const struct identity *id)
{
	struct blob manifest = manifest_make(id, &self->tree);
	struct blob seal = seal_make(&manifest, &self->world.signer);

	free(manifest.data);
	return seal;
}

static bool refused(FIXTURE_DATA(seal) *self, const struct blob *seal,
		    const struct refusal *want)
{
	return stage_seal_refused(&self->cx, seal, want) &
	       mount_seal_refused(&self->cx, seal, want);
}

/* Stage only: a mount of the same would be refused as a patch already. */
static bool identity_refused(FIXTURE_DATA(seal) *self,
			     const struct identity *id,
			     const struct refusal *want)
{
	struct blob seal = sealed(self, id);
	bool ok = stage_seal_refused(&self->cx, &seal, want);

	free(seal.data);
	return ok;
}

static struct refusal cut_at(size_t size, size_t signed_size, size_t whole)
{
	const size_t rest = CRYPTEX_CHECKSUM_SIZE;

	if (!size)
		return (struct refusal) { -EBADMSG, "the file is empty" };
	if (size < CRYPTEX_SEAL_MAGIC_SIZE)
		return (struct refusal) { -EBADMSG, "not a seal: wrong magic" };
	if (size < sizeof(struct cryptex_seal_header))
		return (struct refusal) { -EBADMSG, "ends inside its header" };
	if (size <= signed_size + rest)
		return (struct refusal) { -EBADMSG, "ends before its signature" };
	if (size < whole)
		return (struct refusal) { -EBADMSG, "not a detached PKCS#7" };
	return (struct refusal) { -EINVAL, "" };
}

TEST_F_TIMEOUT(seal, cut_at_every_byte, 600)
{
	struct identity id = patch(self, "3");
	struct blob manifest = manifest_make(&id, &self->tree);
	struct blob seal = seal_make(&manifest, &self->world.signer);
	int fd = world_seal_file(&self->world, &seal);
	size_t size;

	for (size = seal.size; size--;) {
		struct refusal want = cut_at(size, manifest.size, seal.size);

		ASSERT_EQ(0, ftruncate(fd, size));
		EXPECT_TRUE(stage_refused(&self->cx, fd, &want))
			TH_LOG("cut to %zu of %zu bytes", size, seal.size);
	}
	EXPECT_TRUE(mount_refused(&self->cx, "/dev/null", self->world.store,
				  &(struct refusal) { -EINVAL, "not a regular" }));
}

/* What is behind the end counts as well. */
TEST_F(seal, longer)
{
	struct identity id = patch(self, "3");
	struct blob seal = sealed(self, &id);
	struct blob one = { (uint8_t *)"", 1 };
	struct blob longer = blob_join(&seal, &one);

	EXPECT_TRUE(refused(self, &longer, &(struct refusal) {
			    -EBADMSG, "damaged, its checksum differs" }));
}

/* Fields that are read before the signature is checked. */
TEST_F(seal, frame)
{
	static const struct {
		size_t offset;
		size_t size;
		uint64_t value;
		struct refusal want;
	} cases[] = {
		{ 0, 1, 'C', { -EBADMSG, "wrong magic" } },
		{ 11, 1, 'L', { -EBADMSG, "wrong magic" } },
		{ 12, 4, 0, { -EPROTONOSUPPORT, "unknown seal format version" } },
		{ 12, 4, 2, { -EPROTONOSUPPORT, "unknown seal format version" } },
		{ 16, 8, 0, { -EBADMSG, "signed part too small" } },
		{ 16, 8, 319, { -EBADMSG, "signed part too small" } },
		{ 16, 8, 1 << 30, { -EBADMSG, "ends before its signature" } },
		{ 16, 8, 1ULL << 31, { -EBADMSG, "ends before its signature" } },
		{ 16, 8, 1ULL << 32, { -EBADMSG, "ends before its signature" } },
		{ 16, 8, 1ULL << 63, { -EBADMSG, "ends before its signature" } },
		{ 16, 8, -1ULL, { -EBADMSG, "ends before its signature" } },
		{ 16, 8, 320, { -EBADMSG, "not a detached PKCS#7" } },
	};
	struct identity id = patch(self, "3");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct blob seal = sealed(self, &id);
		uint64_t value = htole64(cases[i].value);

		memcpy(seal.data + cases[i].offset, &value, cases[i].size);
		EXPECT_TRUE(refused(self, &seal, &cases[i].want));
		free(seal.data);
	}
}

TEST_F(seal, large_signature)
{
	struct identity id = patch(self, "3");
	struct blob manifest = manifest_make(&id, &self->tree);
	struct blob large = { calloc(1, CRYPTEX_SEAL_MAX_SIGNATURE + 1),
			      CRYPTEX_SEAL_MAX_SIGNATURE + 1 };
	struct blob seal = seal_assemble(&manifest, &large);

	EXPECT_TRUE(refused(self, &seal, &(struct refusal) {
			    -EFBIG, "signature too large" }));
}

TEST_F(seal, signature_over_other_bytes)
{
	struct identity id = patch(self, "3"), other = patch(self, "4");
	struct blob manifest = manifest_make(&id, &self->tree);
	struct blob signature, seal;
	struct blob wrong = manifest_make(&other, &self->tree);
	const struct refusal want = { -EKEYREJECTED, "does not match the seal" };

	signature = signer_sign(&self->world.signer, wrong.data, wrong.size);
	seal = seal_assemble(&manifest, &signature);
	EXPECT_TRUE(refused(self, &seal, &want));
	/* Of the same bytes and one more. */
	signature = signer_sign(&self->world.signer, manifest.data,
				manifest.size - 1);
	seal = seal_assemble(&manifest, &signature);
	EXPECT_TRUE(refused(self, &seal, &want));
	/* Of the whole seal: its own signature is not part of it. */
	signature = signer_sign(&self->world.signer, seal.data, seal.size);
	seal = seal_assemble(&manifest, &signature);
	EXPECT_TRUE(refused(self, &seal, &want));
}

TEST_F(seal, flipped_bit_with_a_new_checksum)
{
	struct identity id = patch(self, "3");
	struct blob manifest = manifest_make(&id, &self->tree);
	struct blob signature = signer_sign(&self->world.signer, manifest.data,
					    manifest.size);
	struct blob seal;

	manifest.data[manifest.size - 1] ^= 1;
	seal = seal_assemble(&manifest, &signature);
	EXPECT_TRUE(refused(self, &seal, &(struct refusal) {
			    -EKEYREJECTED, "does not match the seal" }));
}

TEST_F(seal, checksum)
{
	struct identity id = patch(self, "3");
	struct blob seal = sealed(self, &id);

	seal.data[seal.size - 1] ^= 0x80;
	EXPECT_TRUE(refused(self, &seal, &(struct refusal) {
			    -EBADMSG, "damaged, its checksum differs" }));
}

static bool descriptor_refused(FIXTURE_DATA(seal) *self, int fd, int err,
			       const char *text)
{
	return stage_refused(&self->cx, fd, &(struct refusal) { err, text });
}

TEST_F(seal, not_a_seal_file)
{
	struct identity id = patch(self, "3");
	struct blob seal = sealed(self, &id);
	char path[32];
	int good = world_seal_file(&self->world, &seal), pipes[2];
	int huge = memfd_create("huge", 0);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", good);
	ASSERT_EQ(0, pipe(pipes));
	ASSERT_EQ(0, ftruncate(huge, 1LL << 40));
	EXPECT_TRUE(descriptor_refused(self, open("/", O_RDONLY), -EINVAL,
				       "not a regular file"));
	EXPECT_TRUE(descriptor_refused(self, pipes[0], -EINVAL,
				       "not a regular file"));
	EXPECT_TRUE(descriptor_refused(self, open("/dev/zero", O_RDONLY),
				       -EINVAL, "not a regular file"));
	EXPECT_TRUE(descriptor_refused(self, open(path, O_WRONLY), -EBADF,
				       "file not open for reading"));
	EXPECT_TRUE(descriptor_refused(self, open(path, O_PATH), -EBADF,
				       "no such descriptor"));
	EXPECT_TRUE(descriptor_refused(self, 9999, -EBADF,
				       "no such descriptor"));
	EXPECT_TRUE(descriptor_refused(self, -1, -EBADF, "no such descriptor"));
	EXPECT_TRUE(descriptor_refused(self, huge, -EFBIG,
				       "file larger than any seal"));
}

/* Where it stands in the file does not matter. */
TEST_F(seal, offset_of_the_descriptor)
{
	struct identity id = patch(self, "3");
	struct blob seal = sealed(self, &id);
	int fd = world_seal_file(&self->world, &seal);

	ASSERT_EQ(7, lseek(fd, 7, SEEK_SET));
	EXPECT_EQ(0, client_stage(&self->world.client, fd));
	EXPECT_EQ(7, lseek(fd, 0, SEEK_CUR));
}

TEST_F(seal, other_machine)
{
	struct identity id = patch(self, "3");

	id.machine = 183;
	EXPECT_TRUE(identity_refused(self, &id, &(struct refusal) {
			-ENOEXEC, "made for ELF machine 183" }));
}

TEST_F(seal, other_base)
{
	struct identity id = patch(self, "3");
	uint8_t base[CRYPTEX_DIGEST_SIZE];

	memcpy(base, id.base, sizeof(base));
	base[31] ^= 1;
	id.base = base;
	EXPECT_TRUE(identity_refused(self, &id, &(struct refusal) {
			-ESTALE, "made for base" }));
	/* Of another generation of the same cryptex: no chain of patches. */
	id.base = NULL;
	id.label = "other";
	EXPECT_TRUE(identity_refused(self, &id, &(struct refusal) {
			-ESTALE, "made for base" }));
}

TEST_F(seal, label_taken)
{
	struct identity id = patch(self, "2");

	id.fixes = "[]";
	EXPECT_TRUE(identity_refused(self, &id, &(struct refusal) {
			-EEXIST, "another seal with this label" }));
}

TEST_F(seal, not_mounted)
{
	struct identity id = patch(self, "3");

	id.name = "nobody";
	EXPECT_TRUE(identity_refused(self, &id, &(struct refusal) {
			-ENOENT, "no cryptex nobody is mounted" }));
}

TEST_F(seal, lower_security_epoch)
{
	struct identity id = patch(self, "3");

	id.security_epoch = 0;
	EXPECT_TRUE(identity_refused(self, &id, &(struct refusal) {
			-ESTALE, "security epoch 0 is below the base's 1" }));
}

TEST_F(seal, a_patch_is_not_mounted)
{
	struct identity id = patch(self, "3");
	struct blob seal = sealed(self, &id);

	EXPECT_TRUE(mount_seal_refused(&self->cx, &seal, &(struct refusal) {
			-EINVAL, "this seal is a patch" }));
}

TEST_HARNESS_MAIN
