// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Signatures that are no signature of a seal by a trusted key, however near
 * they come, and sizes at which arithmetic breaks: none is accepted.
 */
#include <endian.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/keyctl.h>

#include <kselftest_harness.h>

#include "list_maker.h"
#include "refusal.h"
#include "report.h"

FIXTURE(matrix)
{
	struct world world;
	struct cryptex cx;
	struct tree tree;
	struct blob manifest;
	struct signer stranger;
};

FIXTURE_SETUP(matrix)
{
	struct identity id = { .label = "3", .security_epoch = 1 };

	world_init(&self->world);
	cryptex_init(&self->cx, &self->world, "m");
	tree_add_text(&self->tree, &self->world, "f", "f");
	cryptex_mount_base(&self->cx, "1", &self->tree);
	id.name = self->cx.name;
	id.base = self->cx.base;
	self->manifest = manifest_make(&id, &self->tree);
	signer_init(&self->stranger, SIGNER_P256, "stranger");
}

FIXTURE_TEARDOWN(matrix)
{
	world_exit(&self->world);
}

#define OURS (&self->world.signer)
#define STRANGER (&self->stranger)

static const struct refusal no_key = { -ENOKEY, "made by no trusted key" };
static const struct refusal no_match = { -EKEYREJECTED, "does not match" };
static const struct refusal no_pkcs7 = { -EBADMSG, "not a detached PKCS#7" };

/* Frees @signature. */
static bool refused(FIXTURE_DATA(matrix) *self, struct blob signature,
		    const struct refusal *want)
{
	struct blob seal = seal_assemble(&self->manifest, &signature);
	bool ok = stage_seal_refused(&self->cx, &seal, want) &
		  mount_seal_refused(&self->cx, &seal, want);

	free(seal.data);
	free(signature.data);
	return ok;
}

static bool style_refused(FIXTURE_DATA(matrix) *self, const struct style *style,
			  const struct refusal *want)
{
	return refused(self, signer_sign_as(style, self->manifest.data,
					    self->manifest.size), want);
}

/* Frees @signature. */
static int stage(FIXTURE_DATA(matrix) *self, struct blob signature)
{
	struct blob seal = seal_assemble(&self->manifest, &signature);
	int fd = world_seal_file(&self->world, &seal), err;

	err = client_stage(&self->world.client, fd);
	if (err)
		note("%s", self->world.client.text);
	close(fd);
	free(seal.data);
	free(signature.data);
	return err;
}

static struct blob sign_as(FIXTURE_DATA(matrix) *self, const struct style *style)
{
	return signer_sign_as(style, self->manifest.data, self->manifest.size);
}

/* Keyrings that are not the module's. */

static long add_key(const struct signer *s, int keyring)
{
	struct blob cert = signer_certificate(s);
	long key = syscall(SYS_add_key, "asymmetric", "stranger", cert.data,
			   cert.size, keyring);

	free(cert.data);
	return key;
}

TEST_F(matrix, key_in_a_keyring_of_root)
{
	static const int keyrings[] = {
		KEY_SPEC_THREAD_KEYRING, KEY_SPEC_PROCESS_KEYRING,
		KEY_SPEC_SESSION_KEYRING, KEY_SPEC_USER_KEYRING,
		KEY_SPEC_USER_SESSION_KEYRING,
	};
	const struct style style = { .signers = { STRANGER } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keyrings); i++) {
		ASSERT_LT(0, add_key(STRANGER, keyrings[i]));
		EXPECT_TRUE(style_refused(self, &style, &no_key));
	}
}

/*
 * Into the kernel's own keyrings nobody puts a key at run time that none of
 * theirs has signed; where somebody can, it is no key of ours either.
 */
TEST_F(matrix, key_for_the_kernel)
{
	const struct style style = { .signers = { STRANGER } };
	FILE *keyrings = popen("awk '$8 == \"keyring\" && $9 ~ /^\\./ && "
			       "$9 != \".cryptex:\" { print $1, $9 }' /proc/keys",
			       "r");
	unsigned int id, tried = 0;
	char name[64];

	ASSERT_NE(NULL, keyrings);
	while (fscanf(keyrings, "%x %63s", &id, name) == 2) {
		tried++;
		if (add_key(STRANGER, id) > 0)
			note("%s takes keys from root", name);
	}
	pclose(keyrings);
	EXPECT_LT(0, tried);
	EXPECT_TRUE(style_refused(self, &style, &no_key));
}

/* The signature of one of the running kernel's modules, by its builtin key. */
static struct blob module_signature(FIXTURE_DATA(matrix) *self)
{
	static const char magic[] = "~Module signature appended~\n";
	struct blob signature = {};
	char command[512], path[128];
	uint8_t *module;
	uint32_t length;
	size_t size;

	snprintf(path, sizeof(path), "%s/module", self->world.dir);
	snprintf(command, sizeof(command),
		 "f=$(find /lib/modules/$(uname -r)/ -name '*.ko*' | head -n 1);"
		 "case $f in *.xz) python3 -c 'import lzma, sys;"
		 "sys.stdout.buffer.write(lzma.open(sys.argv[1]).read())' $f;;"
		 "*) cat $f;; esac >%s", path);
	module = system(command) ? NULL : file_read(path, &size);
	if (!module || size < 64 || memcmp(module + size - 28, magic, 28))
		return signature;
	memcpy(&length, module + size - 32, sizeof(length));
	signature.size = be32toh(length);
	signature.data = malloc(signature.size);
	memcpy(signature.data, module + size - 40 - signature.size,
	       signature.size);
	free(module);
	return signature;
}

/*
 * Only whoever has a builtin key could make a seal with it.  But what was made
 * with one tells which keyrings are searched: a key that is found there does
 * not match, and here it is not found.
 */
TEST_F(matrix, key_that_the_kernel_trusts)
{
	struct blob signature = module_signature(self);

	if (!signature.size)
		SKIP(return, "the running kernel's modules are not signed");
	EXPECT_TRUE(refused(self, signature, &no_key));
}

/* What the same key has signed for another purpose. */

TEST_F(matrix, signature_of_a_list)
{
	struct denials denials = { .number = 1 };
	struct blob list = list_body(&denials), signed_list;
	struct refusal alien = { -EBADMSG, "not a seal: wrong magic" };

	EXPECT_TRUE(refused(self, signer_sign(OURS, list.data, list.size),
			    &no_match));
	signed_list = list_make(&denials, OURS);
	EXPECT_TRUE(stage_seal_refused(&self->cx, &signed_list, &alien));
	EXPECT_TRUE(mount_seal_refused(&self->cx, &signed_list, &alien));
}

TEST_F(matrix, signature_of_other_data)
{
	uint8_t hash[CRYPTEX_DIGEST_SIZE];

	signer_sha256(self->manifest.data, self->manifest.size, hash);
	EXPECT_TRUE(refused(self, signer_sign(OURS, "text", 4), &no_match));
	EXPECT_TRUE(refused(self, signer_sign(OURS, "", 0), &no_match));
	EXPECT_TRUE(refused(self, signer_sign(OURS, hash, sizeof(hash)),
			    &no_match));
}

/* The content's type says what it is for; a seal's is plain data. */
TEST_F(matrix, signature_of_another_type)
{
	static const char * const types[] = {
		"1.2.840.113549.1.9.16.1.4",	/* a time stamp */
		"1.3.6.1.4.1.311.2.1.4",	/* Authenticode */
		"1.2.840.113549.1.9.16.1.1",	/* a receipt */
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		struct style style = { .signers = { OURS }, .type = types[i] };
		struct blob signature = sign_as(self, &style);
		int err = stage(self, signature);

		EXPECT_TRUE(err == -EBADMSG || err == -EKEYREJECTED)
			TH_LOG("%s: %d", types[i], err);
	}
}

/* Content that comes with the signature: which one would count? */
TEST_F(matrix, attached_content)
{
	struct style style = { .signers = { OURS }, .attached = true };

	EXPECT_TRUE(style_refused(self, &style, &no_pkcs7));
	EXPECT_TRUE(refused(self, signer_sign_as(&style, "other", 5), &no_pkcs7));
}

/* Signers. */

TEST_F(matrix, no_signer)
{
	const struct style none = {};
	struct blob cert = signer_certificate(OURS);

	EXPECT_TRUE(style_refused(self, &none, &no_pkcs7));
	EXPECT_TRUE(refused(self, signer_certificates_only(OURS), &no_pkcs7));
	/* A certificate alone is not even that. */
	EXPECT_TRUE(refused(self, cert, &no_pkcs7));
}

/* One that is trusted and matches is enough, whoever else has signed. */
TEST_F_TIMEOUT(matrix, two_signers, 600)
{
	struct style strangers = { .signers = { STRANGER, STRANGER } };
	struct style both = { .signers = { OURS, STRANGER } };
	struct style reversed = { .signers = { STRANGER, OURS } };
	struct signer second;

	EXPECT_TRUE(style_refused(self, &strangers, &no_key));
	EXPECT_EQ(0, stage(self, sign_as(self, &both)));
	EXPECT_EQ(0, stage(self, sign_as(self, &reversed)));
	signer_init(&second, SIGNER_RSA2048, "second");
	world_trust(&self->world, &second);
	both.signers[1] = &second;
	EXPECT_EQ(0, stage(self, sign_as(self, &both)));
}

/* A stranger's next to one of ours over other data. */
TEST_F(matrix, two_signers_of_other_data)
{
	struct style both = { .signers = { OURS, STRANGER } };
	struct style reversed = { .signers = { STRANGER, OURS } };

	EXPECT_TRUE(refused(self, signer_sign_as(&both, "text", 4), &no_match));
	EXPECT_TRUE(refused(self, signer_sign_as(&reversed, "text", 4),
			    &no_match));
}

/* What a trusted key says of another key is believed, and of nobody else's. */
TEST_F(matrix, issued_certificates)
{
	struct style style = { .certificates = true };
	struct signer issued, forged;

	signer_init_issued(&issued, OURS, "issued");
	signer_init_issued(&forged, STRANGER, "forged");
	style.signers[0] = &forged;
	EXPECT_TRUE(style_refused(self, &style, &no_key));
	style.signers[0] = STRANGER;
	EXPECT_TRUE(style_refused(self, &style, &no_key));
	style.signers[0] = &issued;
	style.certificates = false;
	EXPECT_TRUE(style_refused(self, &style, &no_key));
	style.certificates = true;
	EXPECT_EQ(0, stage(self, sign_as(self, &style)));
}

/* Attributes that are signed along do not weaken it. */
TEST_F(matrix, signed_attributes)
{
	struct style style = { .signers = { OURS }, .attributes = true };

	EXPECT_TRUE(refused(self, signer_sign_as(&style, "text", 4), &no_match));
	EXPECT_EQ(0, stage(self, sign_as(self, &style)));
}

/* The signature alone cut at every byte; the checksum is made anew. */
TEST_F_TIMEOUT(matrix, signature_cut_at_every_byte, 600)
{
	struct blob whole = signer_sign(OURS, self->manifest.data,
					self->manifest.size);
	struct blob cut = whole;

	for (cut.size = 1; cut.size < whole.size; cut.size++) {
		struct blob seal = seal_assemble(&self->manifest, &cut);

		EXPECT_TRUE(stage_seal_refused(&self->cx, &seal, &no_pkcs7))
			TH_LOG("cut to %zu of %zu bytes", cut.size, whole.size);
		free(seal.data);
	}
	EXPECT_EQ(0, stage(self, whole));
}

/* The manifest cut, signed and framed anew: the parser is all that is left. */
TEST_F_TIMEOUT(matrix, manifest_cut_at_every_byte, 600)
{
	const struct refusal want = { -EBADMSG, "" };
	struct blob cut = self->manifest;
	struct cryptex_seal_header *h = (void *)cut.data;

	while (--cut.size >= sizeof(*h)) {
		struct blob seal;

		h->signed_size = htole64(cut.size);
		seal = seal_make(&cut, OURS);
		EXPECT_TRUE(stage_seal_refused(&self->cx, &seal, &want))
			TH_LOG("cut to %zu bytes", cut.size);
		free(seal.data);
	}
}

/* Sizes. */

/* A good seal's bytes in a file of @size bytes, which claims @signed_size. */
static int sparse(FIXTURE_DATA(matrix) *self, off_t size, uint64_t signed_size)
{
	struct cryptex_seal_header *h = (void *)self->manifest.data;
	struct blob seal;
	int fd;

	h->signed_size = htole64(signed_size);
	seal = seal_make(&self->manifest, OURS);
	fd = world_seal_file(&self->world, &seal);
	if (ftruncate(fd, size))
		die_errno("a file of %lld bytes", (long long)size);
	free(seal.data);
	return fd;
}

TEST_F(matrix, sizes)
{
	static const struct {
		off_t size;
		uint64_t signed_size;
		struct refusal want;
	} cases[] = {
		{ 1LL << 31, 1ULL << 30, { -EFBIG, "larger than any seal" } },
		{ (1LL << 31) - 1, 1ULL << 31, { -EFBIG, "larger than any seal" } },
		{ 1LL << 31, 1ULL << 31, { -EFBIG, "larger than any seal" } },
		{ (1LL << 31) + 1, 1ULL << 31, { -EFBIG, "larger than any seal" } },
		{ (1LL << 32) - 1, 1ULL << 31, { -EFBIG, "larger than any seal" } },
		{ 1LL << 32, 400, { -EFBIG, "larger than any seal" } },
		{ (1LL << 32) + 400, 400, { -EFBIG, "larger than any seal" } },
		{ (1LL << 32) + 400, 1ULL << 32, { -EFBIG, "larger than any seal" } },
		{ 4096, 1ULL << 31, { -EBADMSG, "ends before its signature" } },
		{ 4096, 1ULL << 32, { -EBADMSG, "ends before its signature" } },
		{ 4096, (1ULL << 32) + 400, { -EBADMSG, "ends before its signature" } },
		{ 4096, 1ULL << 63, { -EBADMSG, "ends before its signature" } },
		{ 4096, -1ULL, { -EBADMSG, "ends before its signature" } },
		{ 4096, -32ULL, { -EBADMSG, "ends before its signature" } },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		int fd = sparse(self, cases[i].size, cases[i].signed_size);
		char path[32];

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		EXPECT_TRUE(stage_refused(&self->cx, fd, &cases[i].want))
			TH_LOG("case %zu", i);
		EXPECT_TRUE(mount_refused(&self->cx, path, self->world.store,
					  &cases[i].want))
			TH_LOG("case %zu", i);
		close(fd);
	}
}

/* Counts in a header that is signed, whose products and sums overflow. */
TEST_F(matrix, counts)
{
	static const uint32_t values[] = {
		0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff,
	};
	static const size_t fields[] = {
		offsetof(struct cryptex_seal_header, entry_count),
		offsetof(struct cryptex_seal_header, strings_size),
		offsetof(struct cryptex_seal_header, fixes_size),
	};
	const struct refusal want = { -EFBIG, "too" };
	size_t f, v;

	for (f = 0; f < ARRAY_SIZE(fields); f++) {
		for (v = 0; v < ARRAY_SIZE(values); v++) {
			uint32_t value = htole32(values[v]), good;
			void *field = self->manifest.data + fields[f];
			struct blob seal;

			memcpy(&good, field, sizeof(good));
			memcpy(field, &value, sizeof(value));
			seal = seal_make(&self->manifest, OURS);
			EXPECT_TRUE(stage_seal_refused(&self->cx, &seal, &want));
			memcpy(field, &good, sizeof(good));
			free(seal.data);
		}
	}
}

TEST_HARNESS_MAIN
