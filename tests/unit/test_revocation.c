// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The revocation list's parser: each rule of the format is broken once, in an
 * otherwise correct list, and must be refused with its own words.
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

#include <cryptex/revocation.h>

#define SIG	"signature"

enum { SEALS = 3, FLOORS = 3 };

/* Two certificates, the second one longer, at an odd address. */
struct sample {
	struct cryptex_revocation_header h;
	uint8_t seals[SEALS][CRYPTEX_DIGEST_SIZE];
	struct cryptex_revocation_floor floors[FLOORS];
	uint32_t size1;
	char der1[3];
	uint32_t size2;
	char der2[5];
	char signature[sizeof(SIG) - 1];
	char checksum[CRYPTEX_CHECKSUM_SIZE];
} __attribute__((packed, aligned(8)));

#define SIGNED_SIZE	offsetof(struct sample, signature)
#define LIST_SIZE	(SIGNED_SIZE + sizeof(SIG) - 1 + CRYPTEX_CHECKSUM_SIZE)

static void make_sample(struct sample *s)
{
	static const char *const names[FLOORS] = { "curl", "openssl", "zlib" };
	int i;

	memset(s, 0, sizeof(*s));
	memcpy(s->h.magic, CRYPTEX_REVOCATION_MAGIC, sizeof(s->h.magic));
	s->h.version = htole32(CRYPTEX_REVOCATION_VERSION);
	s->h.signed_size = htole64(SIGNED_SIZE);
	s->h.number = htole64(1ULL << 40);
	s->h.issued = htole64(1700000000);
	s->h.seal_count = htole32(SEALS);
	s->h.floor_count = htole32(FLOORS);
	s->h.certificate_count = htole32(2);
	for (i = 0; i < SEALS; i++)
		memset(s->seals[i], 0x70 + 0x10 * i, sizeof(s->seals[i]));
	for (i = 0; i < FLOORS; i++) {
		memcpy(s->floors[i].name, names[i], strlen(names[i]));
		s->floors[i].security_epoch = htole32(5 * (i + 1));
	}
	s->size1 = htole32(sizeof(s->der1));
	memcpy(s->der1, "abc", sizeof(s->der1));
	s->size2 = htole32(sizeof(s->der2));
	memcpy(s->der2, "abcde", sizeof(s->der2));
	memcpy(s->signature, SIG, sizeof(s->signature));
}

static int parse(const void *buf, size_t size, struct cryptex_revocation *list,
		 struct cryptex_seal_fault *fault)
{
	int err = cryptex_revocation_frame(buf, size, list, fault);

	return err ? err : cryptex_revocation_parse(list, fault);
}

static void must_parse(const struct sample *s, struct cryptex_revocation *list)
{
	struct cryptex_seal_fault fault = { 0 };

	if (parse(s, LIST_SIZE, list, &fault))
		fail_msg("%s at byte %llu", fault.what,
			 (unsigned long long)fault.offset);
}

static void test_accepts_sample(void **state)
{
	struct cryptex_revocation list;
	struct sample s;
	uint32_t size;

	(void)state;
	make_sample(&s);
	must_parse(&s, &list);
	assert_int_equal(list.signed_size, SIGNED_SIZE);
	assert_int_equal(list.signature_size, sizeof(SIG) - 1);
	assert_memory_equal(list.signature, SIG, sizeof(SIG) - 1);
	assert_ptr_equal(list.checksum, s.checksum);
	assert_ptr_equal(cryptex_revocation_certificate(&list, 0, &size), s.der1);
	assert_int_equal(size, sizeof(s.der1));
	assert_ptr_equal(cryptex_revocation_certificate(&list, 1, &size), s.der2);
	assert_int_equal(size, sizeof(s.der2));
	assert_null(cryptex_revocation_certificate(&list, 2, &size));
}

static void test_finds(void **state)
{
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	struct cryptex_revocation list;
	struct sample s;
	int i;

	(void)state;
	make_sample(&s);
	must_parse(&s, &list);
	for (i = 0; i < 256; i++) {
		memset(digest, i, sizeof(digest));
		assert_int_equal(cryptex_revocation_has_seal(&list, digest),
				 i == 0x70 || i == 0x80 || i == 0x90);
	}
	memset(digest, 0x80, sizeof(digest));
	digest[CRYPTEX_DIGEST_SIZE - 1]++;
	assert_false(cryptex_revocation_has_seal(&list, digest));
	assert_int_equal(cryptex_revocation_floor_of(&list, "curl"), 5);
	assert_int_equal(cryptex_revocation_floor_of(&list, "openssl"), 10);
	assert_int_equal(cryptex_revocation_floor_of(&list, "zlib"), 15);
	assert_int_equal(cryptex_revocation_floor_of(&list, "zli"), 0);
	assert_int_equal(cryptex_revocation_floor_of(&list, "zlib1"), 0);
	assert_int_equal(cryptex_revocation_floor_of(&list, "a"), 0);
	assert_int_equal(cryptex_revocation_floor_of(&list, ""), 0);
}

/* A name may fill its field but for the NUL. */
static void test_longest_name(void **state)
{
	struct cryptex_revocation list;
	struct sample s;

	(void)state;
	make_sample(&s);
	memset(s.floors[2].name, 'z', CRYPTEX_LABEL_SIZE - 1);
	must_parse(&s, &list);
	assert_int_equal(cryptex_revocation_floor_of(&list,
						     (char *)s.floors[2].name), 15);
}

/* Each count may be zero, and all of them. */
static void test_empty_list(void **state)
{
	uint8_t digest[CRYPTEX_DIGEST_SIZE] = { 0 };
	struct cryptex_seal_fault fault;
	struct cryptex_revocation list, full;
	struct sample s, other;
	uint32_t size;

	(void)state;
	make_sample(&s);
	s.h.signed_size = htole64(sizeof(s.h));
	s.h.seal_count = 0;
	s.h.floor_count = 0;
	s.h.certificate_count = 0;
	assert_int_equal(parse(&s, sizeof(s.h) + 1 + CRYPTEX_CHECKSUM_SIZE,
			       &list, &fault), 0);
	assert_false(cryptex_revocation_has_seal(&list, digest));
	assert_int_equal(cryptex_revocation_floor_of(&list, "zlib"), 0);
	assert_null(cryptex_revocation_certificate(&list, 0, &size));
	make_sample(&other);
	must_parse(&other, &full);
	assert_true(cryptex_revocation_contains(&full, &list));
	assert_true(cryptex_revocation_contains(&list, &list));
	assert_false(cryptex_revocation_contains(&list, &full));
}

/* Every prefix of a list is refused, and none is read beyond its end. */
static void test_truncated_everywhere(void **state)
{
	struct cryptex_seal_fault fault;
	struct cryptex_revocation list;
	struct sample s;
	size_t size;

	(void)state;
	make_sample(&s);
	for (size = 0; size <= SIGNED_SIZE + CRYPTEX_CHECKSUM_SIZE; size++) {
		/* An allocation of its own, so that ASan sees an overrun. */
		void *copy = malloc(size ? size : 1);

		memcpy(copy, &s, size);
		fault.what = NULL;
		assert_int_equal(cryptex_revocation_frame(copy, size, &list,
							  &fault), -EBADMSG);
		assert_non_null(fault.what);
		free(copy);
	}
}

/* The same with a signed part that says its true size. */
static void test_signed_part_too_short(void **state)
{
	struct cryptex_seal_fault fault;
	struct cryptex_revocation list;
	struct sample s;
	size_t size;

	(void)state;
	for (size = sizeof(s.h); size < SIGNED_SIZE; size++) {
		size_t whole = size + 1 + CRYPTEX_CHECKSUM_SIZE;
		void *copy = calloc(1, whole);

		make_sample(&s);
		s.h.signed_size = htole64(size);
		memcpy(copy, &s, size);
		assert_int_equal(parse(copy, whole, &list, &fault), -EBADMSG);
		assert_true(fault.offset <= size);
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
#define F(i, field) offsetof(struct sample, floors[i].field)
#define B(field) offsetof(struct sample, field)

static const struct breach breaches[] = {
	{ "not a revocation list: wrong magic", -EBADMSG, 0, 8, 'C' },
	{ "unknown revocation list version", -EPROTONOSUPPORT, H(version), 32, 2 },
	{ "unknown revocation list version", -EPROTONOSUPPORT, H(version), 32, 0 },
	{ "signed part too small", -EBADMSG, H(signed_size), 64, 95 },
	{ "ends before its signature", -EBADMSG, H(signed_size), 64,
	  LIST_SIZE - CRYPTEX_CHECKSUM_SIZE },
	{ "ends before its signature", -EBADMSG, H(signed_size), 64, 1ULL << 31 },
	{ "ends before its signature", -EBADMSG, H(signed_size), 64, 1ULL << 32 },
	{ "ends before its signature", -EBADMSG, H(signed_size), 64, UINT64_MAX },
	{ "a list's number is 0", -EBADMSG, H(number), 64, 0 },
	{ "time of issue out of range", -EBADMSG, H(issued), 64, 1ULL << 63 },
	{ "reserved header bytes are not zero", -EBADMSG, H(reserved[0]), 8, 1 },
	{ "reserved header bytes are not zero", -EBADMSG, H(reserved[43]), 8, 1 },
	{ "too many seals", -EFBIG, H(seal_count), 32, 65537 },
	{ "too many seals", -EFBIG, H(seal_count), 32, UINT32_MAX },
	{ "too many floors", -EFBIG, H(floor_count), 32, 4097 },
	{ "too many floors", -EFBIG, H(floor_count), 32, UINT32_MAX },
	{ "too many certificates", -EFBIG, H(certificate_count), 32, 65 },
	{ "sizes do not add up to the signed part", -EBADMSG, H(seal_count), 32, 65536 },
	{ "sizes do not add up to the signed part", -EBADMSG, H(floor_count), 32, 4096 },
	{ "digests of seals do not ascend", -EBADMSG, B(seals[1]), 8, 0x6f },
	{ "digests of seals do not ascend", -EBADMSG, B(seals[2]), 8, 0x7f },
	{ "malformed cryptex name", -EBADMSG, F(0, name), 8, 'C' },
	{ "malformed cryptex name", -EBADMSG, F(0, name), 8, 0 },
	{ "malformed cryptex name", -EBADMSG, F(1, name[2]), 8, '/' },
	{ "malformed cryptex name", -EBADMSG, F(1, name[8]), 8, 'x' },
	{ "malformed cryptex name", -EBADMSG, F(2, name[63]), 8, 'x' },
	{ "a floor that forbids nothing", -EBADMSG, F(2, security_epoch), 32, 0 },
	{ "reserved floor bytes are not zero", -EBADMSG, F(0, reserved[0]), 8, 1 },
	{ "reserved floor bytes are not zero", -EBADMSG, F(2, reserved[3]), 8, 1 },
	{ "names of floors do not ascend", -EBADMSG, F(1, name), 8, 'a' },
	{ "names of floors do not ascend", -EBADMSG, F(2, name), 8, 'a' },
	{ "an empty certificate", -EBADMSG, B(size1), 32, 0 },
	{ "an empty certificate", -EBADMSG, B(size2), 32, 0 },
	{ "certificate too large", -EFBIG, B(size1), 32, 16385 },
	{ "certificate too large", -EFBIG, B(size1), 32, UINT32_MAX },
	{ "certificate exceeds the signed part", -EBADMSG, B(size2), 32, 6 },
	{ "certificate exceeds the signed part", -EBADMSG, B(size1), 32, 16384 },
	{ "certificates do not ascend", -EBADMSG, B(der2), 8, 'A' },
	{ "ends before its certificates", -EBADMSG, H(certificate_count), 32, 3 },
	{ "bytes that belong to nothing", -EBADMSG, H(certificate_count), 32, 1 },
	{ "bytes that belong to nothing", -EBADMSG, B(size2), 32, 4 },
};

static void apply(struct sample *s, const struct breach *b)
{
	uint64_t le = htole64(b->value);

	memcpy((char *)s + b->offset, &le, b->width / 8);
}

static void test_each_rule(void **state)
{
	struct cryptex_seal_fault fault;
	struct cryptex_revocation list;
	struct sample s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(breaches) / sizeof(breaches[0]); i++) {
		const struct breach *b = &breaches[i];
		int err;

		make_sample(&s);
		apply(&s, b);
		fault.what = "accepted";
		err = parse(&s, LIST_SIZE, &list, &fault);
		if (err != b->err || strcmp(fault.what, b->what))
			fail_msg("breach %zu: wanted %d '%s', got %d '%s'", i,
				 b->err, b->what, err, fault.what);
		/* The kernel says it with the offset in 79 characters. */
		assert_true(strlen(fault.what) <= 48);
		assert_true(fault.offset <= LIST_SIZE);
	}
}

/* Twice the same is not ascending either. */
static void test_nothing_twice(void **state)
{
	struct cryptex_seal_fault fault;
	struct cryptex_revocation list;
	struct sample s;

	(void)state;
	make_sample(&s);
	memcpy(s.seals[1], s.seals[0], sizeof(s.seals[0]));
	assert_int_equal(parse(&s, LIST_SIZE, &list, &fault), -EBADMSG);
	assert_string_equal(fault.what, "digests of seals do not ascend");
	make_sample(&s);
	memcpy(s.floors[1].name, s.floors[0].name, CRYPTEX_LABEL_SIZE);
	assert_int_equal(parse(&s, LIST_SIZE, &list, &fault), -EBADMSG);
	assert_string_equal(fault.what, "names of floors do not ascend");
	make_sample(&s);
	s.size1 = htole32(4);
	s.h.signed_size = htole64(offsetof(struct sample, der1) + 12);
	memcpy(s.der1, "abcd\4\0\0\0abcdxx", 14);
	assert_int_equal(parse(&s, LIST_SIZE, &list, &fault), -EBADMSG);
	assert_string_equal(fault.what, "certificates do not ascend");
}

static void test_contains(void **state)
{
	struct cryptex_revocation list, other;
	struct sample s, t;

	(void)state;
	make_sample(&s);
	must_parse(&s, &list);
	make_sample(&t);
	t.h.number = htole64(1);
	must_parse(&t, &other);
	assert_true(cryptex_revocation_contains(&list, &other));
	/* A lower floor is contained, a higher one is not. */
	t.floors[1].security_epoch = htole32(9);
	assert_true(cryptex_revocation_contains(&list, &other));
	assert_false(cryptex_revocation_contains(&other, &list));
	t.floors[1].security_epoch = htole32(11);
	assert_false(cryptex_revocation_contains(&list, &other));
	/* Something else, before, between and behind what the list has */
	make_sample(&t);
	t.floors[0].name[0] = 'a';
	assert_false(cryptex_revocation_contains(&list, &other));
	make_sample(&t);
	t.seals[0][31] = 0;
	assert_false(cryptex_revocation_contains(&list, &other));
	make_sample(&t);
	t.seals[1][31] = 0;
	assert_false(cryptex_revocation_contains(&list, &other));
	make_sample(&t);
	t.seals[2][31] = 0xff;
	assert_false(cryptex_revocation_contains(&list, &other));
	make_sample(&t);
	t.der1[0] = 'A';
	assert_false(cryptex_revocation_contains(&list, &other));
	make_sample(&t);
	t.der2[4] = 'f';
	assert_false(cryptex_revocation_contains(&list, &other));
	make_sample(&t);
	assert_true(cryptex_revocation_contains(&list, &other));
}

/* The second of the two certificates alone, as a list of its own */
static void test_contains_part(void **state)
{
	struct cryptex_seal_fault fault;
	struct cryptex_revocation list, other;
	struct sample s, t;

	(void)state;
	make_sample(&s);
	must_parse(&s, &list);
	make_sample(&t);
	t.h.seal_count = 0;
	t.h.floor_count = 0;
	t.h.certificate_count = htole32(1);
	t.h.signed_size = htole64(sizeof(t.h) + 9);
	memcpy(&t.h + 1, "\5\0\0\0abcde", 9);
	assert_int_equal(parse(&t, sizeof(t.h) + 10 + CRYPTEX_CHECKSUM_SIZE,
			       &other, &fault), 0);
	assert_true(cryptex_revocation_contains(&list, &other));
	assert_false(cryptex_revocation_contains(&other, &list));
	memcpy(&t.h + 1, "\5\0\0\0abcdd", 9);
	assert_false(cryptex_revocation_contains(&list, &other));
}

/* The magic keeps them apart, whatever else one resembles. */
static void test_neither_passes_as_the_other(void **state)
{
	struct cryptex_seal_fault fault;
	struct cryptex_revocation list;
	struct cryptex_seal seal;
	struct sample s;

	(void)state;
	make_sample(&s);
	assert_int_equal(cryptex_seal_frame(&s, LIST_SIZE, &seal, &fault),
			 -EBADMSG);
	assert_string_equal(fault.what, "not a seal: wrong magic");
	memcpy(s.h.magic, CRYPTEX_SEAL_MAGIC, sizeof(s.h.magic));
	assert_int_equal(cryptex_seal_frame(&s, LIST_SIZE, &seal, &fault), 0);
	assert_int_equal(cryptex_revocation_frame(&s, LIST_SIZE, &list, &fault),
			 -EBADMSG);
	assert_string_equal(fault.what, "not a revocation list: wrong magic");
}

static void test_signature_too_large(void **state)
{
	static char big[sizeof(struct sample) + CRYPTEX_SEAL_MAX_SIGNATURE + 1 +
			CRYPTEX_CHECKSUM_SIZE];
	struct cryptex_seal_fault fault;
	struct cryptex_revocation list;
	struct sample s;

	(void)state;
	make_sample(&s);
	memcpy(big, &s, sizeof(s));
	assert_int_equal(cryptex_revocation_frame(big, sizeof(big), &list,
						  &fault), -EFBIG);
	assert_string_equal(fault.what, "signature too large");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepts_sample),
		cmocka_unit_test(test_finds),
		cmocka_unit_test(test_longest_name),
		cmocka_unit_test(test_empty_list),
		cmocka_unit_test(test_truncated_everywhere),
		cmocka_unit_test(test_signed_part_too_short),
		cmocka_unit_test(test_each_rule),
		cmocka_unit_test(test_nothing_twice),
		cmocka_unit_test(test_contains),
		cmocka_unit_test(test_contains_part),
		cmocka_unit_test(test_neither_passes_as_the_other),
		cmocka_unit_test(test_signature_too_large),
	};

	return cmocka_run_group_tests_name("revocation", tests, NULL, NULL);
}
