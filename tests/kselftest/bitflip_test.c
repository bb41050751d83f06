// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Every bit of a small seal, flipped one at a time: every one refused.
 *
 * A flipped bit that changes nothing but the wrapper of the signature still
 * counts: what is accepted has to be what was signed, to the bit.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <kselftest_harness.h>

#include "fixture.h"
#include "report.h"

#define TIMEOUT 1200

FIXTURE(bitflip)
{
	struct world world;
	struct signer signer;
	struct cryptex cx;
	struct blob seal;
	size_t signed_size;
	int fd;
};

FIXTURE_VARIANT(bitflip)
{
	enum signer_type signer;
};

FIXTURE_VARIANT_ADD(bitflip, p256)
{
	.signer = SIGNER_P256,
};

FIXTURE_VARIANT_ADD(bitflip, rsa2048)
{
	.signer = SIGNER_RSA2048,
};

static struct blob make_patch(struct cryptex *cx, struct signer *signer,
			      size_t *signed_size)
{
	struct identity id = {
		.name = cx->name,
		.label = "2",
		.base = cx->base,
		.security_epoch = 1,
	};
	struct tree t = {};
	struct blob manifest, seal;

	tree_add_text(&t, cx->world, "f", "two");
	manifest = manifest_make(&id, &t);
	seal = seal_make(&manifest, signer);
	*signed_size = manifest.size;
	free(manifest.data);
	tree_exit(&t);
	return seal;
}

FIXTURE_SETUP(bitflip)
{
	struct tree t = {};

	world_init(&self->world);
	signer_init(&self->signer, variant->signer, "bitflip");
	world_trust(&self->world, &self->signer);
	cryptex_init(&self->cx, &self->world, "flip");
	tree_add_text(&t, &self->world, "f", "one");
	cryptex_mount_base(&self->cx, "1", &t);
	self->seal = make_patch(&self->cx, &self->signer, &self->signed_size);
	self->fd = memfd_create("seal", MFD_CLOEXEC);
	ASSERT_EQ(self->seal.size,
		  write(self->fd, self->seal.data, self->seal.size));
}

FIXTURE_TEARDOWN(bitflip)
{
	world_exit(&self->world);
}

static void flip(int fd, const struct blob *seal, size_t bit)
{
	uint8_t byte = seal->data[bit / 8] ^ 1 << bit % 8;

	if (pwrite(fd, &byte, 1, bit / 8) != 1)
		die_errno("flip");
}

static void unflip(int fd, const struct blob *seal, size_t bit)
{
	if (pwrite(fd, &seal->data[bit / 8], 1, bit / 8) != 1)
		die_errno("unflip");
}

/* Is this an errno that the contract has for a damaged seal? */
static bool is_refusal(int err)
{
	return err == -EBADMSG || err == -EPROTONOSUPPORT || err == -EFBIG ||
	       err == -ENOPKG || err == -ENOKEY || err == -EKEYREJECTED;
}

/* What happened to the eight flips of one byte. */
struct outcome {
	uint8_t accepted;	/* a mask of bits */
	uint8_t odd;		/* refused, but not as the contract says */
};

static void try_bit(FIXTURE_DATA(bitflip) *self, size_t bit,
		    struct outcome *outcome)
{
	struct client *c = &self->world.client;
	int err;

	flip(self->fd, &self->seal, bit);
	err = client_stage(c, self->fd);
	unflip(self->fd, &self->seal, bit);
	if (!err) {
		outcome->accepted |= 1 << bit % 8;
	} else if (!is_refusal(err) || !c->text[0]) {
		outcome->odd |= 1 << bit % 8;
		note("byte %zu bit %zu: %s, \"%s\"", bit / 8, bit % 8,
		     strerror(-err), c->text);
	}
}

static void print_byte(const FIXTURE_DATA(bitflip) *self, size_t byte,
		       uint8_t accepted)
{
	size_t in_signature = byte - self->signed_size;

	if (byte < self->signed_size)
		note("accepted: manifest byte %zu, bits 0x%02x", byte, accepted);
	else
		note("accepted: signature byte %zu (0x%02x), bits 0x%02x",
		     in_signature, self->seal.data[byte], accepted);
}

/* For whoever has to find out which field it is: openssl asn1parse. */
static void print_signature(const FIXTURE_DATA(bitflip) *self)
{
	size_t i;

	fprintf(stderr, "# signature: ");
	for (i = self->signed_size; i < self->seal.size; i++)
		fprintf(stderr, "%02x", self->seal.data[i]);
	fprintf(stderr, "\n");
}

TEST_F_TIMEOUT(bitflip, every_bit, TIMEOUT)
{
	size_t byte, bit, accepted = 0, odd = 0;
	struct generation *list = NULL;

	for (byte = 0; byte < self->seal.size; byte++) {
		struct outcome outcome = {};

		for (bit = byte * 8; bit < byte * 8 + 8; bit++)
			try_bit(self, bit, &outcome);
		if (outcome.accepted)
			print_byte(self, byte, outcome.accepted);
		accepted += __builtin_popcount(outcome.accepted);
		odd += __builtin_popcount(outcome.odd);
	}
	note("%zu bytes, %zu of them signed: %zu bits flipped, %zu accepted",
	     self->seal.size, self->signed_size, self->seal.size * 8, accepted);
	if (accepted)
		print_signature(self);
	EXPECT_EQ(0, accepted);
	EXPECT_EQ(0, odd);
	/* Nothing came of them, and the seal itself is good. */
	EXPECT_EQ(accepted ? 2 : 1,
		  client_get(&self->world.client, self->cx.name, &list));
	free(list);
	EXPECT_EQ(0, client_stage(&self->world.client, self->fd))
		TH_LOG("%s", self->world.client.text);
}

/* The checksum finds damage; against malice there is only the signature. */
static int stage_with_new_checksum(FIXTURE_DATA(bitflip) *self, size_t bit)
{
	const size_t body = self->seal.size - CRYPTEX_CHECKSUM_SIZE;
	uint8_t sum[CRYPTEX_CHECKSUM_SIZE];

	flip(self->fd, &self->seal, bit);
	self->seal.data[bit / 8] ^= 1 << bit % 8;
	signer_sha256(self->seal.data, body, sum);
	self->seal.data[bit / 8] ^= 1 << bit % 8;
	if (pwrite(self->fd, sum, sizeof(sum), body) != sizeof(sum))
		die_errno("checksum");
	return client_stage(&self->world.client, self->fd);
}

TEST_F_TIMEOUT(bitflip, every_bit_of_the_manifest_with_a_new_checksum, TIMEOUT)
{
	size_t bit, accepted = 0, odd = 0, bits = self->signed_size * 8;

	for (bit = 0; bit < bits; bit++) {
		int err = stage_with_new_checksum(self, bit);

		accepted += !err;
		/* What is read behind the signature was not to be read. */
		odd += !is_refusal(err);
		unflip(self->fd, &self->seal, bit);
	}
	note("%zu bits flipped, %zu accepted, %zu not refused for the signature",
	     bits, accepted, odd);
	EXPECT_EQ(0, accepted);
	EXPECT_EQ(0, odd);
}

TEST_HARNESS_MAIN
