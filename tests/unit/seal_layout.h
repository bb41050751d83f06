/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A seal laid out by hand, field by field, and the means to break it: for the
 * tests of the parser.
 */
#ifndef _SEAL_LAYOUT_H
#define _SEAL_LAYOUT_H

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
/* Set 1, "user.a" empty and "user.b" = "xy"; set 2, security.selinux = "lab" */
#define SETS	"\x06\0\0\0user.a\x06\0\2\0user.bxy\x10\0\3\0security.selinuxlab"
#define SET1	22
#define SET2	23
#define SIG	"signature"

enum { ROOT, BIN, LIB, README, TOOL, A_SO, B_SO, ENTRIES };

/* A seal of this tree: bin/tool, lib/a.so, lib/b.so -> a.so, readme */
struct sample {
	struct cryptex_seal_header h;
	struct cryptex_seal_entry e[ENTRIES];
	char strings[sizeof(STRINGS) - 1];
	uint32_t set_end[2];
	char sets[sizeof(SETS) - 1];
	char fixes[sizeof(FIXES) - 1];
	char signature[sizeof(SIG) - 1];
	char checksum[CRYPTEX_CHECKSUM_SIZE];
} __attribute__((packed, aligned(8)));

#define SIGNED_SIZE	offsetof(struct sample, signature)
#define SEAL_SIZE	(SIGNED_SIZE + sizeof(SIG) - 1 + CRYPTEX_CHECKSUM_SIZE)

static inline void set_entry(struct sample *s, int i, int mode, uint32_t name_off,
		      uint16_t name_len, uint32_t parent)
{
	s->e[i].mode = htole16(mode);
	s->e[i].name_off = htole32(name_off);
	s->e[i].name_len = htole16(name_len);
	s->e[i].parent = htole32(parent);
}

static inline void set_extent(struct sample *s, int i, uint32_t first, uint64_t size)
{
	s->e[i].first = htole32(first);
	s->e[i].size = htole64(size);
}

static inline void set_file(struct sample *s, int i, uint64_t size)
{
	set_extent(s, i, 0, size);
	memset(s->e[i].digest, 0xd1, sizeof(s->e[i].digest));
}

static inline void make_tree(struct sample *s)
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

/* On the files tool and a.so the first set, on the root and a link the second */
static inline void make_xattrs(struct sample *s)
{
	s->h.xattr_sets = htole32(2);
	s->h.xattrs_size = htole32(sizeof(s->set_end) + sizeof(s->sets));
	s->set_end[0] = htole32(SET1);
	s->set_end[1] = htole32(SET1 + SET2);
	memcpy(s->sets, SETS, sizeof(s->sets));
	s->e[TOOL].xattrs = htole32(1);
	s->e[A_SO].xattrs = htole32(1);
	s->e[ROOT].xattrs = htole32(2);
	s->e[B_SO].xattrs = htole32(2);
}

static inline void make_sample(struct sample *s)
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
	make_xattrs(s);
	memcpy(s->fixes, FIXES, sizeof(s->fixes));
	memcpy(s->signature, SIG, sizeof(s->signature));
}

static inline int parse(const void *buf, size_t size, struct cryptex_seal *seal,
		 struct cryptex_seal_fault *fault)
{
	int err = cryptex_seal_frame(buf, size, seal, fault);

	return err ? err : cryptex_seal_parse(seal, fault);
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
#define X(i) (offsetof(struct sample, sets) + (i))
#define X2(i) X(SET1 + (i))
#define END(i) offsetof(struct sample, set_end[i])

static inline void apply(struct sample *s, const struct breach *b)
{
	uint64_t le = htole64(b->value);

	memcpy((char *)s + b->offset, &le, b->width / 8);
}

/* Break a good seal in each of these ways; it must be refused with those words. */
static inline void must_refuse(const struct breach *breaches, size_t count)
{
	struct cryptex_seal_fault fault;
	struct cryptex_seal seal;
	struct sample s;
	size_t i;

	for (i = 0; i < count; i++) {
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

#endif /* _SEAL_LAYOUT_H */
