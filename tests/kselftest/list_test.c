// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Revocation lists that are refused: each with its errno and its sentence, and
 * nothing changes.
 */
#include <endian.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <kselftest_harness.h>

#include "refusal.h"
#include "report.h"
#include "revoking.h"

FIXTURE(list)
{
	struct world world;
	struct cryptex cx;
	struct tree tree;
	struct denials denials;
	struct blob body;
	struct signer other;
};

/* A list that would hit what is active. */
FIXTURE_SETUP(list)
{
	world_init(&self->world);
	cryptex_init(&self->cx, &self->world, "l");
	tree_add_text(&self->tree, &self->world, "f", "f");
	cryptex_mount_base(&self->cx, "1", &self->tree);
	cryptex_stage(&self->cx, "2", &self->tree);
	cryptex_stage(&self->cx, "3", &self->tree);
	cryptex_activate(&self->cx, "2");
	signer_init(&self->other, SIGNER_P256, "other");
	self->denials = denials_next(&self->world);
	denials_add_seal(&self->denials, generation_of(&self->cx, "2").digest);
	denials_add_seal(&self->denials, generation_of(&self->cx, "3").digest);
	denials_add_floor(&self->denials, self->cx.name, 1);
	denials_add_floor(&self->denials, "zebra", 2);
	denials_add_certificate(&self->denials, &self->other);
	self->body = list_body(&self->denials);
}

FIXTURE_TEARDOWN(list)
{
	world_exit(&self->world);
}

#define OURS (&self->world.signer)

static bool is_refused(FIXTURE_DATA(list) *self, int fd,
		       const struct refusal *want)
{
	struct client *c = &self->world.client;
	int err = client_revoke(c, fd);
	bool ok = err == want->err && c->text[0] && strstr(c->text, want->text);

	if (!ok)
		note("wanted %s, \"%s\"; got %s, \"%s\"",
		     strerrorname_np(-want->err), want->text,
		     err ? strerrorname_np(-err) : "success", c->text);
	return ok;
}

static bool fd_refused(FIXTURE_DATA(list) *self, int fd,
		       const struct refusal *want)
{
	struct snapshot before;
	bool ok, same;

	snapshot_take(&before, &self->cx);
	ok = is_refused(self, fd, want);
	same = snapshot_is_as(&before, &self->cx);
	if (!same)
		note("something has changed");
	snapshot_exit(&before);
	return ok && same;
}

/* Frees @list. */
static bool refused(FIXTURE_DATA(list) *self, struct blob list,
		    const struct refusal *want)
{
	int fd = world_seal_file(&self->world, &list);
	bool ok = fd_refused(self, fd, want);

	close(fd);
	free(list.data);
	return ok;
}

static struct blob assembled(FIXTURE_DATA(list) *self, struct blob signature)
{
	struct blob list = seal_assemble(&self->body, &signature);

	free(signature.data);
	return list;
}

static struct blob styled(FIXTURE_DATA(list) *self, const struct style *style)
{
	return assembled(self, signer_sign_as(style, self->body.data,
					      self->body.size));
}

/* It is as good as the others are bad. */
TEST_F(list, nothing_wrong)
{
	struct client *c = &self->world.client;
	struct style plain = { .signers = { OURS } };
	struct blob list = styled(self, &plain);

	EXPECT_EQ(0, client_revoke(c, world_seal_file(&self->world, &list)))
		TH_LOG("%s", c->text);
	EXPECT_EQ(CRYPTEX_F_REVOKED, generation_of(&self->cx, "2").flags);
	EXPECT_EQ(CRYPTEX_F_REVOKED, generation_of(&self->cx, "3").flags);
}

TEST_F(list, a_seal_is_none)
{
	struct blob seal = cryptex_seal(&self->cx, "4", &self->tree);
	const struct refusal alien = {
		-EBADMSG, "not a revocation list: wrong magic"
	};

	EXPECT_TRUE(refused(self, seal, &alien));
}

/* A good signature, of a seal, in a list; and a list's, in a seal. */
TEST_F(list, signature_of_a_seal)
{
	struct blob seal = cryptex_seal(&self->cx, "4", &self->tree);
	struct cryptex_seal_header *h = (void *)seal.data;
	size_t size = le64toh(h->signed_size);
	struct blob signature = signer_sign(OURS, seal.data, size);
	const struct refusal want = { -EKEYREJECTED, "does not match the list" };

	EXPECT_TRUE(refused(self, assembled(self, signature), &want));
	signature = signer_sign(OURS, self->body.data, self->body.size);
	seal = seal_assemble(&(struct blob) { seal.data, size }, &signature);
	EXPECT_TRUE(stage_seal_refused(&self->cx, &seal, &(struct refusal) {
			-EKEYREJECTED, "does not match the seal" }));
}

TEST_F(list, signatures)
{
	const struct refusal no_key = { -ENOKEY, "made by no trusted key" };
	const struct refusal no_match = { -EKEYREJECTED, "does not match" };
	const struct refusal no_pkcs7 = { -EBADMSG, "not a detached PKCS#7" };
	struct style stranger = { .signers = { &self->other } };
	struct style attached = { .signers = { OURS }, .attached = true };
	struct style spoiled = { .signers = { OURS }, .spoiled = 1 };
	struct style nobody = {};

	EXPECT_TRUE(refused(self, styled(self, &stranger), &no_key));
	EXPECT_TRUE(refused(self, styled(self, &attached), &no_pkcs7));
	EXPECT_TRUE(refused(self, styled(self, &spoiled), &no_match));
	EXPECT_TRUE(refused(self, styled(self, &nobody), &no_pkcs7));
	EXPECT_TRUE(refused(self, assembled(self, signer_certificates_only(OURS)),
			    &no_pkcs7));
	EXPECT_TRUE(refused(self, assembled(self, signer_sign(OURS, "", 0)),
			    &no_match));
}

static struct refusal cut_at(size_t size, size_t signed_size)
{
	if (!size)
		return (struct refusal) { -EBADMSG, "the file is empty" };
	if (size < 12)
		return (struct refusal) { -EBADMSG, "wrong magic" };
	if (size < sizeof(struct cryptex_revocation_header))
		return (struct refusal) { -EBADMSG, "ends inside its header" };
	if (size <= signed_size + CRYPTEX_CHECKSUM_SIZE)
		return (struct refusal) { -EBADMSG, "ends before its signature" };
	return (struct refusal) { -EBADMSG, "not a detached PKCS#7" };
}

TEST_F_TIMEOUT(list, cut_at_every_byte, 600)
{
	struct blob list = seal_make(&self->body, OURS);
	int fd = world_seal_file(&self->world, &list);
	struct snapshot before;
	size_t size = list.size;

	snapshot_take(&before, &self->cx);
	while (size--) {
		struct refusal want = cut_at(size, self->body.size);

		ASSERT_EQ(0, ftruncate(fd, size));
		EXPECT_TRUE(is_refused(self, fd, &want))
			TH_LOG("cut to %zu of %zu bytes", size, list.size);
	}
	EXPECT_TRUE(snapshot_is_as(&before, &self->cx));
}

/* One bit of each byte, in turn; the checksum is made anew. */
TEST_F_TIMEOUT(list, flipped_at_every_byte, 600)
{
	struct blob signature = signer_sign(OURS, self->body.data,
					    self->body.size);
	size_t i;

	for (i = 0; i < self->body.size; i++) {
		struct client *c = &self->world.client;
		struct blob list;
		int fd, err;

		self->body.data[i] ^= 1 << i % 8;
		list = seal_assemble(&self->body, &signature);
		self->body.data[i] ^= 1 << i % 8;
		fd = world_seal_file(&self->world, &list);
		err = client_revoke(c, fd);
		EXPECT_TRUE(err == -EBADMSG || err == -EPROTONOSUPPORT ||
			    err == -EKEYREJECTED || err == -EFBIG)
			TH_LOG("byte %zu: %d, %s", i, err, c->text);
		EXPECT_NE(0, c->text[0]);
		close(fd);
		free(list.data);
	}
	EXPECT_EQ(0, generation_of(&self->cx, "3").flags);
}

TEST_F(list, checksum)
{
	struct blob list = seal_make(&self->body, OURS);

	list.data[list.size - 1] ^= 1;
	EXPECT_TRUE(refused(self, list, &(struct refusal) {
			-EBADMSG, "damaged, its checksum differs" }));
}

#define HEADER(field) offsetof(struct cryptex_revocation_header, field)
#define SEALS sizeof(struct cryptex_revocation_header)
#define FLOORS (SEALS + 2 * CRYPTEX_DIGEST_SIZE)
#define FLOOR(field) (FLOORS + offsetof(struct cryptex_revocation_floor, field))
#define CERTIFICATE (FLOORS + 2 * sizeof(struct cryptex_revocation_floor))

/* Signed lists that break a rule of the format. */
TEST_F(list, rules)
{
	static const struct {
		size_t offset;
		size_t size;
		uint64_t value;
		struct refusal want;
	} cases[] = {
		{ HEADER(version), 4, 2, { -EPROTONOSUPPORT, "unknown" } },
		{ HEADER(version), 4, 0, { -EPROTONOSUPPORT, "unknown" } },
		{ HEADER(number), 8, 0, { -EBADMSG, "number is 0" } },
		{ HEADER(issued), 8, 1ULL << 63, { -EBADMSG, "time of issue" } },
		{ HEADER(seal_count), 4, 65537, { -EFBIG, "too many seals" } },
		{ HEADER(seal_count), 4, 0xffffffff, { -EFBIG, "too many seals" } },
		{ HEADER(floor_count), 4, 4097, { -EFBIG, "too many floors" } },
		{ HEADER(floor_count), 4, 0x80000000, { -EFBIG, "too many floors" } },
		{ HEADER(certificate_count), 4, 65,
		  { -EFBIG, "too many certificates" } },
		{ HEADER(certificate_count), 4, 0, { -EBADMSG, "" } },
		{ HEADER(certificate_count), 4, 2, { -EBADMSG, "" } },
		{ HEADER(seal_count), 4, 1, { -EBADMSG, "" } },
		{ HEADER(floor_count), 4, 1, { -EFBIG, "certificate too large" } },
		{ HEADER(reserved), 1, 1, { -EBADMSG, "reserved" } },
		{ HEADER(reserved) + 43, 1, 1, { -EBADMSG, "reserved" } },
		{ SEALS, 8, -1ULL, { -EBADMSG, "do not ascend" } },
		{ FLOOR(name), 1, '/', { -EBADMSG, "malformed cryptex name" } },
		{ FLOOR(name), 1, 0, { -EBADMSG, "malformed cryptex name" } },
		{ FLOOR(name), 2, 'z' | 'z' << 8, { -EBADMSG, "do not ascend" } },
		{ FLOOR(security_epoch), 4, 0, { -EBADMSG, "forbids nothing" } },
		{ FLOOR(reserved), 1, 1, { -EBADMSG, "reserved" } },
		{ CERTIFICATE, 4, 0, { -EBADMSG, "an empty certificate" } },
		{ CERTIFICATE, 4, 16385, { -EFBIG, "certificate too large" } },
		{ CERTIFICATE, 4, 0xffffffff, { -EFBIG, "certificate too large" } },
		{ CERTIFICATE, 4, 4000, { -EBADMSG, "exceeds" } },
		{ CERTIFICATE, 4, 4, { -EBADMSG, "belong to nothing" } },
		{ CERTIFICATE + 4, 1, 0, { -EBADMSG, "X.509" } },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t value = htole64(cases[i].value), good;
		void *field = self->body.data + cases[i].offset;

		memcpy(&good, field, cases[i].size);
		memcpy(field, &value, cases[i].size);
		EXPECT_TRUE(refused(self, seal_make(&self->body, OURS),
				    &cases[i].want))
			TH_LOG("case %zu", i);
		memcpy(field, &good, cases[i].size);
	}
}

TEST_F(list, files)
{
	const struct refusal no_file = { -EINVAL, "not a regular file" };
	const struct refusal no_fd = { -EBADF, "no such descriptor" };
	const struct refusal large = { -EFBIG, "larger than any list" };
	struct blob list = seal_make(&self->body, OURS);
	int fd = world_seal_file(&self->world, &list);
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	EXPECT_TRUE(fd_refused(self, open("/", O_RDONLY), &no_file));
	EXPECT_TRUE(fd_refused(self, open("/dev/zero", O_RDONLY), &no_file));
	EXPECT_TRUE(fd_refused(self, open(path, O_PATH), &no_fd));
	EXPECT_TRUE(fd_refused(self, -1, &no_fd));
	EXPECT_TRUE(fd_refused(self, 9999, &no_fd));
	EXPECT_TRUE(fd_refused(self, open(path, O_WRONLY), &(struct refusal) {
			-EBADF, "not open for reading" }));
	ASSERT_EQ(0, ftruncate(fd, 1LL << 31));
	EXPECT_TRUE(fd_refused(self, fd, &large));
	ASSERT_EQ(0, ftruncate(fd, 1LL << 32));
	EXPECT_TRUE(fd_refused(self, fd, &large));
	ASSERT_EQ(0, ftruncate(fd, (1LL << 32) + list.size));
	EXPECT_TRUE(fd_refused(self, fd, &large));
}

TEST_HARNESS_MAIN
