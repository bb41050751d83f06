// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Deltas of ELF files whose headers lie: each field of each header, with values
 * that are just wrong and ones that overflow.  Both sides read the headers, so
 * each such file is the old one once, and once the new one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "delta/trip.h"

#define SAMPLE	"build/test/delta-sample-small.so"

struct field {
	const char *name;
	size_t offset;
	size_t size;
};

#define FIELD(type, name) { #name, offsetof(type, name), sizeof(((type *)NULL)->name) }

static const struct field ehdr_fields[] = {
	FIELD(Elf64_Ehdr, e_type), FIELD(Elf64_Ehdr, e_machine),
	FIELD(Elf64_Ehdr, e_version), FIELD(Elf64_Ehdr, e_entry),
	FIELD(Elf64_Ehdr, e_phoff), FIELD(Elf64_Ehdr, e_shoff),
	FIELD(Elf64_Ehdr, e_flags), FIELD(Elf64_Ehdr, e_ehsize),
	FIELD(Elf64_Ehdr, e_phentsize), FIELD(Elf64_Ehdr, e_phnum),
	FIELD(Elf64_Ehdr, e_shentsize), FIELD(Elf64_Ehdr, e_shnum),
	FIELD(Elf64_Ehdr, e_shstrndx),
	{ "EI_CLASS", EI_CLASS, 1 }, { "EI_DATA", EI_DATA, 1 },
	{ "EI_VERSION", EI_VERSION, 1 }, { "EI_MAG0", EI_MAG0, 1 },
};

static const struct field phdr_fields[] = {
	FIELD(Elf64_Phdr, p_type), FIELD(Elf64_Phdr, p_flags),
	FIELD(Elf64_Phdr, p_offset), FIELD(Elf64_Phdr, p_vaddr),
	FIELD(Elf64_Phdr, p_filesz), FIELD(Elf64_Phdr, p_memsz),
	FIELD(Elf64_Phdr, p_align),
};

static const struct field shdr_fields[] = {
	FIELD(Elf64_Shdr, sh_name), FIELD(Elf64_Shdr, sh_type),
	FIELD(Elf64_Shdr, sh_flags), FIELD(Elf64_Shdr, sh_addr),
	FIELD(Elf64_Shdr, sh_offset), FIELD(Elf64_Shdr, sh_size),
	FIELD(Elf64_Shdr, sh_link), FIELD(Elf64_Shdr, sh_info),
	FIELD(Elf64_Shdr, sh_entsize),
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct bytes sample;

/* What a field is set to, beside its value plus and minus one */
static const uint64_t values[] = {
	0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000001, INT64_MAX,
	UINT64_MAX - 7, UINT64_MAX,
};

static void round_trip(const struct bytes *old, const struct bytes *new,
		       const char *what)
{
	struct cx_error err = { "" };

	if (trip_round(old, new, NULL, &err))
		fail_msg("%s: %s", what, err.text);
}

static void lie(size_t at, const struct field *field, uint64_t value)
{
	struct bytes liar = bytes_copy(sample.data, sample.size);
	char what[96];

	memcpy(liar.data + at + field->offset, &value, field->size);
	if (memcmp(liar.data, sample.data, sample.size)) {
		snprintf(what, sizeof(what), "%s at %#zx is %#jx", field->name,
			 at, (uintmax_t)value);
		round_trip(&liar, &sample, what);
		round_trip(&sample, &liar, what);
	}
	bytes_free(&liar);
}

static void lie_in_each(size_t at, const struct field *fields, size_t count)
{
	size_t i, v;

	for (i = 0; i < count; i++) {
		uint64_t value = 0;

		memcpy(&value, sample.data + at + fields[i].offset, fields[i].size);
		lie(at, &fields[i], value + 1);
		lie(at, &fields[i], value - 1);
		for (v = 0; v < COUNT(values); v++)
			lie(at, &fields[i], values[v]);
	}
}

static const Elf64_Ehdr *header(void)
{
	return (const Elf64_Ehdr *)sample.data;
}

static void file_header(void **unused)
{
	(void)unused;
	lie_in_each(0, ehdr_fields, COUNT(ehdr_fields));
}

static void program_headers(void **unused)
{
	size_t i;

	(void)unused;
	for (i = 0; i < header()->e_phnum; i++)
		lie_in_each(header()->e_phoff + i * sizeof(Elf64_Phdr),
			    phdr_fields, COUNT(phdr_fields));
}

static void section_headers(void **unused)
{
	size_t i;

	(void)unused;
	for (i = 0; i < header()->e_shnum; i++)
		lie_in_each(header()->e_shoff + i * sizeof(Elf64_Shdr),
			    shdr_fields, COUNT(shdr_fields));
}

/* Each 8 bytes of what the headers lead to: relocations, frames, tables, ... */
static void contents(void **unused)
{
	const struct field word = { "a word", 0, 8 };
	size_t at;

	(void)unused;
	for (at = sizeof(Elf64_Ehdr); at + 8 <= sample.size; at += 8) {
		lie(at, &word, UINT64_MAX - (at & 0xff));
		lie(at, &word, 0x7fffffff80000000);
	}
}

static int load(void **unused)
{
	(void)unused;
	sample = bytes_read(SAMPLE);
	return 0;
}

static int drop(void **unused)
{
	(void)unused;
	bytes_free(&sample);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_header),
		cmocka_unit_test(program_headers),
		cmocka_unit_test(section_headers),
		cmocka_unit_test(contents),
	};

	return cmocka_run_group_tests(tests, load, drop);
}
