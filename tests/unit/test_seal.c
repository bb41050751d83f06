// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The seal parser: each rule of the format is broken once, in an otherwise
 * correct seal, and must be refused with its own words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <endian.h>
#include <sys/stat.h>
#include <cmocka.h>

#include <cryptex/seal.h>

#define STRINGS	"binlibreadmetoola.sob.soa.so"
#define FIXES	"[]"
#define SIG	"signature"

enum { ROOT, BIN, LIB, README, TOOL, A_SO, B_SO, ENTRIES };

/* A seal of this tree: bin/tool, lib/a.so, lib/b.so -> a.so, readme */
struct sample {
	struct cryptex_seal_header h;
	struct cryptex_seal_entry e[ENTRIES];
	char strings[sizeof(STRINGS) - 1];
	char fixes[sizeof(FIXES) - 1];
	char signature[sizeof(SIG) - 1];
	char checksum[CRYPTEX_CHECKSUM_SIZE];
} __attribute__((packed, aligned(8)));

#define SIGNED_SIZE	offsetof(struct sample, signature)
#define SEAL_SIZE	(SIGNED_SIZE + sizeof(SIG) - 1 + CRYPTEX_CHECKSUM_SIZE)

static void set_entry(struct sample *s, int i, int mode, uint32_t name_off,
		      uint16_t name_len, uint32_t parent)
{
	s->e[i].mode = htole16(mode);
	s->e[i].name_off = htole32(name_off);
	s->e[i].name_len = htole16(name_len);
	s->e[i].parent = htole32(parent);
}

static void set_extent(struct sample *s, int i, uint32_t first, uint64_t size)
{
	s->e[i].first = htole32(first);
	s->e[i].size = htole64(size);
}

static void set_file(struct sample *s, int i, uint64_t size)
{
	set_extent(s, i, 0, size);
	memset(s->e[i].digest, 0xd1, sizeof(s->e[i].digest));
}

static void make_tree(struct sample *s)
{
	set_entry(s, ROOT, S_IFDIR | 0755, 0, 0, 0);
	set_extent(s, ROOT, BIN, 3);
	set_entry(s, BIN, S_IFDIR | 0755, 0, 3, ROOT);
	set_extent(s, BIN, TOOL, 1);
	set_entry(s, LIB, S_IFDIR | 0755, 3, 3, ROOT);
	set_extent(s, LIB, A_SO, 2);
	set_entry(s, README, S_IFREG | 0644, 6, 6, ROOT);
	set_file(s, README, 10);
	set_entry(s, TOOL, S_IFREG | 0755, 12, 4, BIN);
	set_file(s, TOOL, 0);
	set_entry(s, A_SO, S_IFREG | 0755, 16, 4, LIB);
	set_file(s, A_SO, 1ULL << 40);
	set_entry(s, B_SO, S_IFLNK | 0777, 20, 4, LIB);
	set_extent(s, B_SO, 24, 4);
	memcpy(s->strings, STRINGS, sizeof(s->strings));
}

static void make_sample(struct sample *s)
{
	memset(s, 0, sizeof(*s));
	memcpy(s->h.magic, CRYPTEX_SEAL_MAGIC, CRYPTEX_SEAL_MAGIC_SIZE);
	s->h.version = htole32(CRYPTEX_SEAL_VERSION);
	s->h.signed_size = htole64(SIGNED_SIZE);
	s->h.entry_count = htole32(ENTRIES);
	s->h.strings_size = htole32(sizeof(s->strings));
	s->h.fixes_size = htole32(sizeof(s->fixes));
	s->h.security_epoch = htole32(1);
	s->h.build_time = htole64(1700000000);
	s->h.machine = htole16(62);
	memset(s->h.base_digest, 0xba, sizeof(s->h.base_digest));
	memcpy(s->h.name, "sample", 6);
	memcpy(s->h.label, "1.2~rc3+a", 9);
	make_tree(s);
	memcpy(s->fixes, FIXES, sizeof(s->fixes));
	memcpy(s->signature, SIG, sizeof(s->signature));
}

static int parse(const void *buf, size_t size, struct cryptex_seal *seal,
		 struct cryptex_seal_fault *fault)
{
	int err = cryptex_seal_frame(buf, size, seal, fault);

	return err ? err : cryptex_seal_parse(seal, fault);
}

static void test_accepts_sample(void **state)
{
	struct cryptex_seal_fault fault;
	struct cryptex_seal seal;
	struct sample s;

	(void)state;
	make_sample(&s);
	assert_int_equal(parse(&s, SEAL_SIZE, &seal, &fault), 0);
	assert_int_equal(seal.entry_count, ENTRIES);
	assert_int_equal(seal.signed_size, SIGNED_SIZE);
	assert_int_equal(seal.signature_size, sizeof(SIG) - 1);
	assert_memory_equal(seal.signature, SIG, sizeof(SIG) - 1);
	assert_ptr_equal(seal.checksum, s.checksum);
	assert_memory_equal(seal.fixes, FIXES, seal.fixes_size);
	assert_false(cryptex_seal_is_base(&seal));
}

static void test_finds_names(void **state)
{
	struct cryptex_seal_fault fault;
	struct cryptex_seal seal;
	struct sample s;

	(void)state;
	make_sample(&s);
	assert_int_equal(parse(&s, SEAL_SIZE, &seal, &fault), 0);
	assert_int_equal(cryptex_seal_find(&seal, ROOT, "bin", 3), BIN);
	assert_int_equal(cryptex_seal_find(&seal, ROOT, "readme", 6), README);
	assert_int_equal(cryptex_seal_find(&seal, LIB, "b.so", 4), B_SO);
	assert_int_equal(cryptex_seal_find(&seal, ROOT, "read", 4), -ENOENT);
	assert_int_equal(cryptex_seal_find(&seal, ROOT, "zzz", 3), -ENOENT);
	assert_int_equal(cryptex_seal_find(&seal, LIB, "", 0), -ENOENT);
}

/* Every prefix of a seal is refused, and none is read beyond its end. */
static void test_truncated_everywhere(void **state)
{
	struct cryptex_seal_fault fault;
	struct cryptex_seal seal;
	struct sample s;
	size_t size;

	(void)state;
	make_sample(&s);
	for (size = 0; size <= SIGNED_SIZE + CRYPTEX_CHECKSUM_SIZE; size++) {
		/* An allocation of its own, so that ASan sees an overrun. */
		void *copy = malloc(size ? size : 1);

		memcpy(copy, &s, size);
		fault.what = NULL;
		assert_int_equal(cryptex_seal_frame(copy, size, &seal, &fault),
				 -EBADMSG);
		assert_non_null(fault.what);
		free(copy);
	}
}

/* What stands at @offset, @width bits wide, is replaced by @value. */
struct breach {
	const char *what;
	int err;
	size_t offset;
	int width;
	uint64_t value;
};

#define H(field) offsetof(struct sample, h.field)
#define E(i, field) \
	(offsetof(struct sample, e) + (i) * sizeof(struct cryptex_seal_entry) + \
	 offsetof(struct cryptex_seal_entry, field))
#define S(i) (offsetof(struct sample, strings) + (i))

static const struct breach breaches[] = {
	{ "not a seal: wrong magic", -EBADMSG, 0, 8, 'C' },
	{ "unknown seal format version", -EPROTONOSUPPORT, H(version), 32, 2 },
	{ "signed part too small", -EBADMSG, H(signed_size), 64, 319 },
	{ "ends before its signature", -EBADMSG, H(signed_size), 64,
	  SEAL_SIZE - CRYPTEX_CHECKSUM_SIZE },
	{ "ends before its signature", -EBADMSG, H(signed_size), 64,
	  UINT64_MAX },
	{ "no entries, not even a root", -EBADMSG, H(entry_count), 32, 0 },
	{ "too many entries", -EFBIG, H(entry_count), 32, 1000001 },
	{ "string area too large", -EFBIG, H(strings_size), 32, 0x8000001 },
	{ "fixes too large", -EFBIG, H(fixes_size), 32, 0x100001 },
	{ "unknown flag", -EBADMSG, H(flags), 32, 1 },
	{ "reserved header bytes are not zero", -EBADMSG, H(reserved0), 16, 1 },
	{ "reserved header bytes are not zero", -EBADMSG, H(reserved1[39]), 8, 1 },
	{ "build time out of range", -EBADMSG, H(build_time), 64, 1ULL << 63 },
	{ "malformed cryptex name", -EBADMSG, H(name), 8, 'S' },
	{ "malformed cryptex name", -EBADMSG, H(name), 8, 0 },
	{ "malformed cryptex name", -EBADMSG, H(name[3]), 8, '/' },
	{ "malformed cryptex name", -EBADMSG, H(name[10]), 8, 'x' },
	{ "malformed version label", -EBADMSG, H(label), 8, '.' },
	{ "malformed version label", -EBADMSG, H(label[4]), 8, ':' },
	{ "malformed version label", -EBADMSG, H(label[63]), 8, 'x' },
	{ "sizes do not add up to the signed part", -EBADMSG, H(entry_count), 32, 6 },
	{ "sizes do not add up to the signed part", -EBADMSG, H(fixes_size), 32, 3 },
	{ "the root is no directory", -EBADMSG, E(ROOT, mode), 16, S_IFREG | 0644 },
	{ "the root has a name", -EBADMSG, E(ROOT, name_len), 16, 1 },
	{ "children are not the next entries", -EBADMSG, E(ROOT, first), 32, 0 },
	{ "children are not the next entries", -EBADMSG, E(LIB, first), 32, TOOL },
	{ "more children than entries", -EBADMSG, E(LIB, size), 64, 3 },
	{ "more children than entries", -EBADMSG, E(ROOT, size), 64, UINT64_MAX },
	{ "entry is in no directory", -EBADMSG, E(LIB, size), 64, 1 },
	{ "entry is in no directory", -EBADMSG, E(BIN, parent), 32, BIN },
	{ "entry is in no directory", -EBADMSG, E(BIN, parent), 32, UINT32_MAX },
	{ "parent does not list this entry", -EBADMSG, E(TOOL, parent), 32, ROOT },
	{ "parent does not list this entry", -EBADMSG, E(TOOL, parent), 32, README },
	{ "name empty or too long", -EBADMSG, E(BIN, name_len), 16, 0 },
	{ "name empty or too long", -EBADMSG, E(BIN, name_len), 16, 256 },
	{ "name is not the next string", -EBADMSG, E(LIB, name_off), 32, 4 },
	{ "name is not the next string", -EBADMSG, E(LIB, name_off), 32, UINT32_MAX },
	{ "name is not the next string", -EBADMSG, E(BIN, name_len), 16, 40 },
	{ "name is no plain path component", -EBADMSG, S(1), 8, '/' },
	{ "name is no plain path component", -EBADMSG, S(1), 8, 0 },
	{ "name is no plain path component", -EBADMSG, S(1), 8, '\n' },
	{ "name is no plain path component", -EBADMSG, S(1), 8, 0x7f },
	{ "names of siblings do not ascend", -EBADMSG, S(0), 8, 'z' },
	{ "names of siblings do not ascend", -EBADMSG, S(20), 8, 'a' },
	{ "set-id or sticky bit", -EBADMSG, E(TOOL, mode), 16, S_IFREG | S_ISUID | 0755 },
	{ "set-id or sticky bit", -EBADMSG, E(TOOL, mode), 16, S_IFREG | S_ISGID | 0755 },
	{ "set-id or sticky bit", -EBADMSG, E(BIN, mode), 16, S_IFDIR | S_ISVTX | 0755 },
	{ "neither directory, file nor link", -EBADMSG, E(B_SO, mode), 16, S_IFCHR | 0600 },
	{ "neither directory, file nor link", -EBADMSG, E(B_SO, mode), 16, 0777 },
	{ "reserved entry bytes are not zero", -EBADMSG, E(TOOL, reserved[7]), 8, 1 },
	{ "file size out of range", -EBADMSG, E(TOOL, size), 64, 1ULL << 63 },
	{ "a file's unused field is set", -EBADMSG, E(TOOL, first), 32, 1 },
	{ "a digest on a non-file", -EBADMSG, E(BIN, digest[31]), 8, 1 },
	{ "link target empty or too long", -EBADMSG, E(B_SO, size), 64, 0 },
	{ "link target empty or too long", -EBADMSG, E(B_SO, size), 64, 4096 },
	{ "link target is not the next string", -EBADMSG, E(B_SO, first), 32, 0 },
	{ "link target is not the next string", -EBADMSG, E(B_SO, size), 64, 5 },
	{ "link target has a control character", -EBADMSG, S(24), 8, 0x1b },
	{ "a link's mode is not 0777", -EBADMSG, E(B_SO, mode), 16, S_IFLNK | 0755 },
	{ "strings that no entry uses", -EBADMSG, E(B_SO, size), 64, 3 },
};

static void apply(struct sample *s, const struct breach *b)
{
	uint64_t le = htole64(b->value);

	memcpy((char *)s + b->offset, &le, b->width / 8);
}

static void test_each_rule(void **state)
{
	struct cryptex_seal_fault fault;
	struct cryptex_seal seal;
	struct sample s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(breaches) / sizeof(breaches[0]); i++) {
		const struct breach *b = &breaches[i];
		int err;

		make_sample(&s);
		apply(&s, b);
		fault.what = "accepted";
		err = parse(&s, SEAL_SIZE, &seal, &fault);
		if (err != b->err || strcmp(fault.what, b->what))
			fail_msg("breach %zu: wanted %d '%s', got %d '%s'", i,
				 b->err, b->what, err, fault.what);
		/* The kernel says it with the offset in 79 characters. */
		assert_true(strlen(fault.what) <= 48);
		assert_true(fault.offset <= SEAL_SIZE);
	}
}

static void test_other_refusals(void **state)
{
	static char big[sizeof(struct sample) + CRYPTEX_SEAL_MAX_SIGNATURE + 1 +
			CRYPTEX_CHECKSUM_SIZE];
	struct cryptex_seal_fault fault;
	struct cryptex_seal seal;
	struct sample s;

	(void)state;
	make_sample(&s);
	memcpy(big, &s, sizeof(s));
	assert_int_equal(cryptex_seal_frame(big, sizeof(big), &seal, &fault),
			 -EFBIG);
	assert_string_equal(fault.what, "signature too large");
	memset(s.e[TOOL].digest, 0, sizeof(s.e[TOOL].digest));
	assert_int_equal(parse(&s, SEAL_SIZE, &seal, &fault), -EBADMSG);
	assert_string_equal(fault.what, "a file has no digest");
	make_sample(&s);
	memset(s.h.base_digest, 0, sizeof(s.h.base_digest));
	assert_int_equal(parse(&s, SEAL_SIZE, &seal, &fault), -EBADMSG);
	assert_string_equal(fault.what, "a base lists no fixes");
}

static void test_labels(void **state)
{
	char longest[CRYPTEX_LABEL_SIZE + 1];

	(void)state;
	memset(longest, 'a', sizeof(longest));
	longest[CRYPTEX_LABEL_SIZE - 1] = 0;
	assert_true(cryptex_name_ok(longest));
	assert_true(cryptex_label_ok(longest));
	longest[CRYPTEX_LABEL_SIZE - 1] = 'a';
	longest[CRYPTEX_LABEL_SIZE] = 0;
	assert_false(cryptex_name_ok(longest));
	assert_false(cryptex_label_ok(longest));
	assert_true(cryptex_label_ok("3.0.17-1~deb12u2"));
	assert_false(cryptex_label_ok("base"));
	assert_false(cryptex_label_ok("active"));
	assert_false(cryptex_label_ok("current"));
	assert_false(cryptex_label_ok(".."));
	assert_false(cryptex_label_ok("1:2"));
	assert_false(cryptex_name_ok("OpenSSL"));
	assert_false(cryptex_name_ok("-x"));
	assert_false(cryptex_name_ok(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepts_sample),
		cmocka_unit_test(test_finds_names),
		cmocka_unit_test(test_truncated_everywhere),
		cmocka_unit_test(test_each_rule),
		cmocka_unit_test(test_other_refusals),
		cmocka_unit_test(test_labels),
	};

	return cmocka_run_group_tests_name("seal", tests, NULL, NULL);
}
