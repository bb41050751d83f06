// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The seal parser: each rule of the format is broken once, in an otherwise
 * correct seal, and must be refused with its own words.
 */
#include "seal_layout.h"

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
	{ "reserved header bytes are not zero", -EBADMSG, H(reserved1[31]), 8, 1 },
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
	{ "reserved entry bytes are not zero", -EBADMSG, E(TOOL, reserved), 32, 1U << 31 },
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

static void test_each_rule(void **state)
{
	(void)state;
	must_refuse(breaches, sizeof(breaches) / sizeof(breaches[0]));
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
