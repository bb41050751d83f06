// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Manifests that break a rule of the format and are properly signed: the
 * kernel's own check, each with its errno and its sentence.
 */
#include <endian.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <kselftest_harness.h>

#include "refusal.h"
#include "report.h"

/*
 * The tree: entry 0 the root, 1 the folder d, 2 and 3 the files f and g, 4 the
 * link l to f, 5 the file d/x; strings d f g l f x.  f and g have the first set
 * of attributes, user.a empty and user.b = xy; l has the second,
 * security.selinux = lab.
 */
#define ENTRIES 6
#define STRINGS 6
#define SET1 22
#define SET2 23

#define HEADER(field) offsetof(struct cryptex_seal_header, field)
#define ENTRY(index, field) \
	(sizeof(struct cryptex_seal_header) + \
	 (index) * sizeof(struct cryptex_seal_entry) + \
	 offsetof(struct cryptex_seal_entry, field))
#define STRING(offset) (ENTRY(ENTRIES, name_off) + (offset))
/* Where a set ends is said before the sets. */
#define SET_END(index) STRING(STRINGS + 4 * (index))
#define SET1_BYTE(offset) (SET_END(2) + (offset))
#define SET2_BYTE(offset) SET1_BYTE(SET1 + (offset))

/**
 * struct spoiled - one field of a good manifest, set to something else
 * @offset: of the field
 * @size: bytes of the field
 * @value: what it is set to
 * @want: how it is refused
 */
static const struct spoiled {
	size_t offset;
	size_t size;
	uint64_t value;
	struct refusal want;
} cases[] = {
	{ HEADER(entry_count), 4, 0, { -EBADMSG, "no entries" } },
	{ HEADER(entry_count), 4, 1000001, { -EFBIG, "too many entries" } },
	{ HEADER(entry_count), 4, 0xffffffff, { -EFBIG, "too many entries" } },
	{ HEADER(strings_size), 4, (128 << 20) + 1,
	  { -EFBIG, "string area too large" } },
	{ HEADER(fixes_size), 4, (1 << 20) + 1, { -EFBIG, "fixes too large" } },
	{ HEADER(entry_count), 4, ENTRIES + 1, { -EBADMSG, "do not add up" } },
	{ HEADER(xattr_sets), 4, 4097, { -EFBIG, "too many sets" } },
	{ HEADER(xattr_sets), 4, -1U, { -EFBIG, "too many sets" } },
	{ HEADER(xattrs_size), 4, (4 << 20) + 1,
	  { -EFBIG, "attributes too large" } },
	{ HEADER(xattrs_size), 4, 0, { -EBADMSG, "do not add up" } },
	{ HEADER(strings_size), 4, 5, { -EBADMSG, "do not add up" } },
	{ HEADER(fixes_size), 4, 1, { -EBADMSG, "do not add up" } },
	{ HEADER(flags), 4, 1, { -EBADMSG, "unknown flag" } },
	{ HEADER(flags), 4, 0x80000000, { -EBADMSG, "unknown flag" } },
	{ HEADER(reserved0), 2, 1, { -EBADMSG, "reserved header bytes" } },
	{ HEADER(reserved1), 1, 1, { -EBADMSG, "reserved header bytes" } },
	{ HEADER(reserved1) + 31, 1, 1, { -EBADMSG, "reserved header bytes" } },
	{ HEADER(build_time), 8, 1ULL << 63, { -EBADMSG, "build time" } },
	{ HEADER(name), 1, 'K', { -EBADMSG, "malformed cryptex name" } },
	{ HEADER(name), 1, 0, { -EBADMSG, "malformed cryptex name" } },
	{ HEADER(name), 1, '/', { -EBADMSG, "malformed cryptex name" } },
	{ HEADER(name) + 63, 1, 'x', { -EBADMSG, "malformed cryptex name" } },
	{ HEADER(label), 1, '.', { -EBADMSG, "malformed version label" } },
	{ HEADER(label), 1, 0, { -EBADMSG, "malformed version label" } },
	{ HEADER(label), 4, 0x65736162 /* base */,
	  { -EBADMSG, "malformed version label" } },
	{ HEADER(label) + 63, 1, '1', { -EBADMSG, "malformed version label" } },

	{ ENTRY(0, mode), 2, S_IFREG | 0755, { -EBADMSG, "root is no dir" } },
	{ ENTRY(0, name_len), 2, 1, { -EBADMSG, "root has a name" } },
	{ ENTRY(0, parent), 4, 1, { -EBADMSG, "root has a name" } },
	{ ENTRY(0, first), 4, 2, { -EBADMSG, "children are not the next" } },
	{ ENTRY(0, size), 8, 6, { -EBADMSG, "more children than entries" } },
	{ ENTRY(0, size), 8, -1ULL, { -EBADMSG, "more children than entries" } },
	{ ENTRY(0, size), 8, 3, { -EBADMSG, "children are not the next" } },
	{ ENTRY(1, first), 4, 1, { -EBADMSG, "children are not the next" } },
	{ ENTRY(1, size), 8, 0, { -EBADMSG, "in no directory" } },
	{ ENTRY(5, parent), 4, 0, { -EBADMSG, "parent does not list" } },
	{ ENTRY(5, parent), 4, 5, { -EBADMSG, "in no directory" } },
	{ ENTRY(3, parent), 4, 2, { -EBADMSG, "parent does not list" } },

	{ ENTRY(2, mode), 2, S_IFREG | 04755, { -EBADMSG, "set-id or sticky" } },
	{ ENTRY(2, mode), 2, S_IFREG | 02755, { -EBADMSG, "set-id or sticky" } },
	{ ENTRY(2, mode), 2, S_IFREG | 01755, { -EBADMSG, "set-id or sticky" } },
	{ ENTRY(1, mode), 2, S_IFDIR | 02755, { -EBADMSG, "set-id or sticky" } },
	{ ENTRY(1, mode), 2, S_IFDIR | 01777, { -EBADMSG, "set-id or sticky" } },
	{ ENTRY(2, mode), 2, S_IFCHR | 0644, { -EBADMSG, "a digest on a non" } },
	{ ENTRY(1, mode), 2, S_IFCHR | 0644, { -EBADMSG, "neither directory" } },
	{ ENTRY(1, mode), 2, S_IFBLK | 0644, { -EBADMSG, "neither directory" } },
	{ ENTRY(1, mode), 2, S_IFIFO | 0644, { -EBADMSG, "neither directory" } },
	{ ENTRY(1, mode), 2, S_IFSOCK | 0644, { -EBADMSG, "neither directory" } },
	{ ENTRY(1, mode), 2, 0755, { -EBADMSG, "neither directory" } },
	{ ENTRY(2, reserved), 1, 1, { -EBADMSG, "reserved entry bytes" } },
	{ ENTRY(2, reserved) + 3, 1, 1, { -EBADMSG, "reserved entry bytes" } },
	{ ENTRY(1, digest), 1, 1, { -EBADMSG, "a digest on a non-file" } },
	{ ENTRY(4, digest) + 31, 1, 1, { -EBADMSG, "a digest on a non-file" } },
	{ ENTRY(2, size), 8, 1ULL << 63, { -EBADMSG, "file size out of" } },
	{ ENTRY(2, first), 4, 1, { -EBADMSG, "a file's unused field" } },

	{ ENTRY(2, name_len), 2, 0, { -EBADMSG, "name empty or too long" } },
	{ ENTRY(2, name_len), 2, 256, { -EBADMSG, "name empty or too long" } },
	{ ENTRY(2, name_len), 2, 255, { -EBADMSG, "not the next string" } },
	{ ENTRY(2, name_off), 4, 0, { -EBADMSG, "not the next string" } },
	{ ENTRY(2, name_off), 4, 2, { -EBADMSG, "not the next string" } },
	{ ENTRY(2, name_off), 4, -1U, { -EBADMSG, "not the next string" } },
	{ STRING(1), 1, '/', { -EBADMSG, "no plain path component" } },
	{ STRING(1), 1, '.', { -EBADMSG, "no plain path component" } },
	{ STRING(1), 1, 0, { -EBADMSG, "no plain path component" } },
	{ STRING(1), 1, '\n', { -EBADMSG, "no plain path component" } },
	{ STRING(1), 1, 0x7f, { -EBADMSG, "no plain path component" } },
	{ STRING(1), 1, 'd', { -EBADMSG, "siblings do not ascend" } },
	{ STRING(1), 1, 'z', { -EBADMSG, "siblings do not ascend" } },
	{ STRING(1), 1, 'a', { -EBADMSG, "siblings do not ascend" } },

	{ ENTRY(4, size), 8, 0, { -EBADMSG, "link target empty" } },
	{ ENTRY(4, size), 8, 4096, { -EBADMSG, "link target empty" } },
	{ ENTRY(4, size), 8, -1ULL, { -EBADMSG, "link target empty" } },
	{ ENTRY(4, size), 8, 4, { -EBADMSG, "target is not the next string" } },
	{ ENTRY(4, first), 4, 0, { -EBADMSG, "target is not the next string" } },
	{ STRING(4), 1, '\t', { -EBADMSG, "control character" } },
	{ STRING(4), 1, 0, { -EBADMSG, "control character" } },
	{ ENTRY(4, mode), 2, S_IFLNK | 0755, { -EBADMSG, "mode is not 0777" } },
	{ ENTRY(5, name_len), 2, 0, { -EBADMSG, "name empty or too long" } },

	{ HEADER(xattr_sets), 4, 0, { -EBADMSG, "belong to no set" } },
	{ HEADER(xattr_sets), 4, 14, { -EBADMSG, "more sets of attributes than" } },
	{ SET_END(0), 4, 0, { -EBADMSG, "an empty set" } },
	{ SET_END(1), 4, SET1, { -EBADMSG, "an empty set" } },
	{ SET_END(1), 4, 1, { -EBADMSG, "an empty set" } },
	{ SET_END(0), 4, -1U, { -EBADMSG, "a set exceeds" } },
	{ SET_END(1), 4, SET1 + SET2 + 1, { -EBADMSG, "a set exceeds" } },
	{ SET_END(1), 4, SET1 + SET2 - 1, { -EBADMSG, "belong to no set" } },
	{ SET_END(0), 4, 3, { -EBADMSG, "exceeds its set" } },
	{ SET2_BYTE(0), 1, 255, { -EBADMSG, "exceeds its set" } },
	{ SET2_BYTE(2), 2, 0xffff, { -EBADMSG, "exceeds its set" } },
	{ SET1_BYTE(1), 1, 1, { -EBADMSG, "reserved attribute byte" } },
	{ SET1_BYTE(4), 1, 'U', { -EBADMSG, "a name that is not allowed" } },
	{ SET1_BYTE(9), 1, '/', { -EBADMSG, "a name that is not allowed" } },
	{ SET1_BYTE(9), 1, 0, { -EBADMSG, "a name that is not allowed" } },
	{ SET1_BYTE(9), 1, 0xe4, { -EBADMSG, "a name that is not allowed" } },
	{ SET1_BYTE(0), 1, 5, { -EBADMSG, "a name that is not allowed" } },
	{ SET2_BYTE(13), 1, 'S', { -EBADMSG, "a name that is not allowed" } },
	{ SET1_BYTE(9), 1, 'b', { -EBADMSG, "attributes do not ascend" } },
	{ SET1_BYTE(9), 1, 'c', { -EBADMSG, "attributes do not ascend" } },
	{ ENTRY(2, xattrs), 4, 3, { -EBADMSG, "that is not there" } },
	{ ENTRY(0, xattrs), 4, -1U, { -EBADMSG, "that is not there" } },
	{ ENTRY(4, xattrs), 4, 1, { -EBADMSG, "a link has user attributes" } },
	{ ENTRY(4, xattrs), 4, 0, { -EBADMSG, "that no entry uses" } },
};

FIXTURE(manifest)
{
	struct world world;
	struct cryptex cx;
	struct tree tree;
};

FIXTURE_SETUP(manifest)
{
	struct tree base = {};

	world_init(&self->world);
	cryptex_init(&self->cx, &self->world, "m");
	tree_add_text(&base, &self->world, "f", "base");
	cryptex_mount_base(&self->cx, "1", &base);
	cryptex_stage(&self->cx, "2", &base);
	cryptex_activate(&self->cx, "2");
	tree_add_dir(&self->tree, "d", 0755);
	tree_add_text(&self->tree, &self->world, "f", "patch");
	tree_add_text(&self->tree, &self->world, "g", "g");
	tree_add_link(&self->tree, "l", "f");
	tree_add_text(&self->tree, &self->world, "d/x", "x");
	tree_add_xattr(&self->tree, "f", "user.a", "", 0);
	tree_add_xattr(&self->tree, "f", "user.b", "xy", 2);
	tree_add_xattr(&self->tree, "g", "user.a", "", 0);
	tree_add_xattr(&self->tree, "g", "user.b", "xy", 2);
	tree_add_xattr(&self->tree, "l", "security.selinux", "lab", 3);
}

FIXTURE_TEARDOWN(manifest)
{
	world_exit(&self->world);
}

static struct blob make(FIXTURE_DATA(manifest) *self, const char *label,
			const uint8_t *base, const char *fixes)
{
	struct identity id = {
		.name = self->cx.name,
		.label = label,
		.base = base,
		.security_epoch = 1,
		.fixes = fixes,
	};

	return manifest_make(&id, &self->tree);
}

/* Signs and frees the manifest. */
static bool refused(FIXTURE_DATA(manifest) *self, struct blob manifest,
		    const struct refusal *want)
{
	struct blob seal = seal_make(&manifest, &self->world.signer);
	bool ok = stage_seal_refused(&self->cx, &seal, want) &
		  mount_seal_refused(&self->cx, &seal, want);

	free(manifest.data);
	free(seal.data);
	return ok;
}

TEST_F_TIMEOUT(manifest, spoiled_fields, 600)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct blob manifest = make(self, "3", self->cx.base, NULL);
		uint64_t value = htole64(cases[i].value);

		memcpy(manifest.data + cases[i].offset, &value, cases[i].size);
		EXPECT_TRUE(refused(self, manifest, &cases[i].want))
			TH_LOG("case %zu: byte %zu = 0x%llx, \"%s\"", i,
			       cases[i].offset,
			       (unsigned long long)cases[i].value,
			       cases[i].want.text);
	}
}

/* Else a case above might be refused for what it has not spoiled. */
TEST_F(manifest, not_spoiled)
{
	cryptex_stage(&self->cx, "3", &self->tree);
	cryptex_activate(&self->cx, "3");
}

TEST_F(manifest, without_a_digest)
{
	const struct refusal want = { -EBADMSG, "a file has no digest" };
	struct blob manifest = make(self, "3", self->cx.base, NULL);

	memset(manifest_entry(&manifest, 2)->digest, 0, CRYPTEX_DIGEST_SIZE);
	EXPECT_TRUE(refused(self, manifest, &want));
}

TEST_F(manifest, a_base_with_fixes)
{
	const struct refusal want = { -EBADMSG, "a base lists no fixes" };

	EXPECT_TRUE(refused(self, make(self, "3", NULL, "[]"), &want));
}

TEST_F(manifest, labels_that_the_root_has)
{
	const struct refusal want = { -EBADMSG, "malformed version label" };
	static const char *const labels[] = { "base", "active", "current" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(labels); i++) {
		EXPECT_TRUE(refused(self, make(self, labels[i], self->cx.base,
					       NULL), &want));
	}
}

/* What root could gain by, were it taken from a manifest */
TEST_F(manifest, attributes_that_are_not_for_a_seal)
{
	const struct refusal want = { -EBADMSG, "a name that is not allowed" };
	static const char *const names[] = {
		"security.capability", "security.ima", "security.evm",
		"security.selinux2", "security.", "trusted.overlay.redirect",
		"system.posix_acl_access", "user.", "user", "",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		tree_add_xattr(&self->tree, "d/x", names[i], "1", 1);
		EXPECT_TRUE(refused(self, make(self, "3", self->cx.base, NULL),
				    &want))
			TH_LOG("%s", names[i]);
		find_node(&self->tree, "d/x")->xattrs.size = 0;
	}
}

TEST_F(manifest, sets_that_do_not_ascend)
{
	const struct refusal want = { -EBADMSG, "sets of attributes do not" };
	struct blob manifest = make(self, "3", self->cx.base, NULL);
	uint32_t end = htole32(SET2);
	uint8_t swapped[SET1 + SET2];

	memcpy(swapped, manifest.data + SET2_BYTE(0), SET2);
	memcpy(swapped + SET2, manifest.data + SET1_BYTE(0), SET1);
	memcpy(manifest.data + SET1_BYTE(0), swapped, sizeof(swapped));
	memcpy(manifest.data + SET_END(0), &end, sizeof(end));
	EXPECT_TRUE(refused(self, manifest, &want));
}

TEST_F(manifest, strings_that_no_entry_uses)
{
	const struct refusal want = { -EBADMSG, "strings that no entry uses" };
	struct cryptex_seal_header *h;
	struct blob manifest;

	/* Without attributes the fixes can become the end of the strings. */
	find_node(&self->tree, "f")->xattrs.size = 0;
	find_node(&self->tree, "g")->xattrs.size = 0;
	find_node(&self->tree, "l")->xattrs.size = 0;
	manifest = make(self, "3", self->cx.base, "[]");
	h = (void *)manifest.data;
	h->strings_size = htole32(STRINGS + 2);
	h->fixes_size = 0;
	EXPECT_TRUE(refused(self, manifest, &want));
}

TEST_HARNESS_MAIN
