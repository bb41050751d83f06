// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Extended attributes in a seal: they are found, and each rule about them is
 * broken once.
 */
#include "seal_layout.h"

static void must_have(const struct cryptex_seal *seal, int i, const char *name,
		      const char *text)
{
	const void *value;
	size_t size;

	assert_int_equal(cryptex_seal_xattr(seal, &seal->entries[i], name,
					    &value, &size), 0);
	assert_int_equal(size, strlen(text));
	assert_memory_equal(value, text, size);
}

static void test_finds_attributes(void **state)
{
	struct cryptex_seal_xattr it = { NULL };
	struct cryptex_seal_fault fault;
	struct cryptex_seal seal;
	const void *value;
	struct sample s;
	size_t size;

	(void)state;
	make_sample(&s);
	assert_int_equal(parse(&s, SEAL_SIZE, &seal, &fault), 0);
	must_have(&seal, TOOL, "user.a", "");
	must_have(&seal, A_SO, "user.b", "xy");
	must_have(&seal, B_SO, "security.selinux", "lab");
	assert_int_equal(cryptex_seal_xattr(&seal, &seal.entries[TOOL],
					    "user.", &value, &size), -ENODATA);
	assert_int_equal(cryptex_seal_xattr(&seal, &seal.entries[README],
					    "user.a", &value, &size), -ENODATA);
	assert_false(cryptex_seal_xattr_next(&seal, &seal.entries[BIN], &it));
	assert_true(cryptex_seal_xattr_next(&seal, &seal.entries[TOOL], &it));
	assert_int_equal(it.name_len, 6);
	assert_memory_equal(it.name, "user.a", 6);
	assert_int_equal(it.value_len, 0);
	assert_true(cryptex_seal_xattr_next(&seal, &seal.entries[TOOL], &it));
	assert_memory_equal(it.name, "user.b", 6);
	assert_memory_equal(it.value, "xy", 2);
	assert_false(cryptex_seal_xattr_next(&seal, &seal.entries[TOOL], &it));
}

/* A seal without any attribute is the usual one. */
static void test_without_attributes(void **state)
{
	struct cryptex_seal_fault fault;
	struct cryptex_seal seal;
	struct sample s;
	size_t area = sizeof(s.set_end) + sizeof(s.sets);
	size_t rest = SEAL_SIZE - offsetof(struct sample, fixes);
	int i;

	(void)state;
	make_sample(&s);
	memmove(s.set_end, s.fixes, rest);
	s.h.signed_size = htole64(SIGNED_SIZE - area);
	s.h.xattr_sets = 0;
	s.h.xattrs_size = 0;
	for (i = 0; i < ENTRIES; i++)
		s.e[i].xattrs = 0;
	assert_int_equal(parse(&s, SEAL_SIZE - area, &seal, &fault), 0);
	assert_memory_equal(seal.fixes, FIXES, seal.fixes_size);
	s.e[BIN].xattrs = htole32(1);
	assert_int_equal(parse(&s, SEAL_SIZE - area, &seal, &fault), -EBADMSG);
	assert_string_equal(fault.what, "a set of attributes that is not there");
}

static const struct breach breaches[] = {
	{ "too many sets of attributes", -EFBIG, H(xattr_sets), 32, 4097 },
	{ "attributes too large", -EFBIG, H(xattrs_size), 32, 0x400001 },
	{ "sizes do not add up to the signed part", -EBADMSG, H(xattrs_size), 32, 0 },
	{ "more sets of attributes than there is room", -EBADMSG, H(xattr_sets), 32, 14 },
	{ "attributes that belong to no set", -EBADMSG, H(xattr_sets), 32, 0 },
	{ "attributes that belong to no set", -EBADMSG, END(1), 32, SET1 + SET2 - 1 },
	{ "an empty set of attributes", -EBADMSG, END(0), 32, 0 },
	{ "an empty set of attributes", -EBADMSG, END(1), 32, SET1 },
	{ "an empty set of attributes", -EBADMSG, END(1), 32, 3 },
	{ "a set exceeds the attributes' area", -EBADMSG, END(1), 32, SET1 + SET2 + 1 },
	{ "a set exceeds the attributes' area", -EBADMSG, END(0), 32, UINT32_MAX },
	{ "an attribute exceeds its set", -EBADMSG, END(0), 32, 3 },
	{ "an attribute exceeds its set", -EBADMSG, X2(0), 8, 20 },
	{ "an attribute exceeds its set", -EBADMSG, X2(2), 16, UINT16_MAX },
	{ "an attribute exceeds its set", -EBADMSG, X2(2), 8, 2 },
	{ "reserved attribute byte is not zero", -EBADMSG, X(1), 8, 1 },
	{ "attribute of a name that is not allowed", -EBADMSG, X(4), 8, 'U' },
	{ "attribute of a name that is not allowed", -EBADMSG, X(9), 8, '/' },
	{ "attribute of a name that is not allowed", -EBADMSG, X(9), 8, 0 },
	{ "attribute of a name that is not allowed", -EBADMSG, X(9), 8, 0x7f },
	{ "attribute of a name that is not allowed", -EBADMSG, X(9), 8, 0xc4 },
	{ "attribute of a name that is not allowed", -EBADMSG, X(0), 8, 5 },
	{ "attribute of a name that is not allowed", -EBADMSG, X(0), 8, 0 },
	{ "attribute of a name that is not allowed", -EBADMSG, X2(13), 8, 'c' },
	{ "attribute of a name that is not allowed", -EBADMSG, X2(0), 8, 15 },
	{ "names of attributes do not ascend", -EBADMSG, X(9), 8, 'c' },
	{ "names of attributes do not ascend", -EBADMSG, X(9), 8, 'b' },
	{ "a set of attributes that is not there", -EBADMSG, E(TOOL, xattrs), 32, 3 },
	{ "a set of attributes that is not there", -EBADMSG, E(ROOT, xattrs), 32, UINT32_MAX },
	{ "a link has user attributes", -EBADMSG, E(B_SO, xattrs), 32, 1 },
};

static void test_each_rule(void **state)
{
	(void)state;
	must_refuse(breaches, sizeof(breaches) / sizeof(breaches[0]));
}

static void test_other_refusals(void **state)
{
	struct cryptex_seal_fault fault;
	struct cryptex_seal seal;
	struct sample s;

	(void)state;
	make_sample(&s);
	s.e[TOOL].xattrs = 0;
	assert_int_equal(parse(&s, SEAL_SIZE, &seal, &fault), 0);
	s.e[A_SO].xattrs = 0;
	assert_int_equal(parse(&s, SEAL_SIZE, &seal, &fault), -EBADMSG);
	assert_string_equal(fault.what, "attributes that no entry uses");
	make_sample(&s);
	memcpy(s.sets, SETS + SET1, SET2);
	memcpy(s.sets + SET2, SETS, SET1);
	s.set_end[0] = htole32(SET2);
	assert_int_equal(parse(&s, SEAL_SIZE, &seal, &fault), -EBADMSG);
	assert_string_equal(fault.what, "sets of attributes do not ascend");
	/* One set that has both: nothing for a link */
	make_sample(&s);
	memcpy(s.sets, SETS + SET1, SET2);
	memcpy(s.sets + SET2, SETS, SET1);
	s.set_end[1] = htole32(SET1 + SET2);
	memmove(s.set_end, &s.set_end[1], sizeof(s.set_end[1]) + sizeof(s.sets));
	s.h.xattr_sets = htole32(1);
	s.h.xattrs_size = htole32(4 + sizeof(s.sets));
	s.h.signed_size = htole64(SIGNED_SIZE - 4);
	s.e[B_SO].xattrs = 0;
	s.e[ROOT].xattrs = 0;
	assert_int_equal(parse(&s, SEAL_SIZE, &seal, &fault), 0);
	s.e[B_SO].xattrs = htole32(1);
	assert_int_equal(parse(&s, SEAL_SIZE, &seal, &fault), -EBADMSG);
	assert_string_equal(fault.what, "a link has user attributes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds_attributes),
		cmocka_unit_test(test_without_attributes),
		cmocka_unit_test(test_each_rule),
		cmocka_unit_test(test_other_refusals),
	};

	return cmocka_run_group_tests_name("seal-xattr", tests, NULL, NULL);
}
