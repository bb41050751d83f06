// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzzes the seal parser (libFuzzer with ASan and UBSan).
 *
 * Whatever is accepted is walked as the kernel would: each name is looked up
 * in its directory and must be found there, each string must lie within, each
 * attribute must be found.
 */
#include <endian.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cryptex/seal.h>

#include "fuzz.h"

/* Each attribute of the walk must be found by its name. */
static void check_xattrs(const struct cryptex_seal *seal,
			 const struct cryptex_seal_entry *e)
{
	struct cryptex_seal_xattr it = { NULL };
	char name[UINT8_MAX + 1] = { 0 };
	const void *value;
	size_t size;

	while (cryptex_seal_xattr_next(seal, e, &it)) {
		touch(it.value, it.value_len);
		memcpy(name, it.name, it.name_len);
		name[it.name_len] = '\0';
		if (cryptex_seal_xattr(seal, e, name, &value, &size) ||
		    value != it.value || size != it.value_len)
			abort();
	}
}

static void check_entry(const struct cryptex_seal *seal, uint32_t i)
{
	const struct cryptex_seal_entry *e = &seal->entries[i];
	const char *name = seal->strings + le32toh(e->name_off);

	touch(name, le16toh(e->name_len));
	if (S_ISLNK(le16toh(e->mode)))
		touch(seal->strings + le32toh(e->first), le64toh(e->size));
	check_xattrs(seal, e);
	if (i && cryptex_seal_find(seal, le32toh(e->parent), name,
				   le16toh(e->name_len)) != (int)i)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cryptex_seal_fault fault = { 0 };
	struct cryptex_seal seal;
	uint32_t i;

	if (cryptex_seal_frame(data, size, &seal, &fault) ||
	    cryptex_seal_parse(&seal, &fault)) {
		if (!fault.what || fault.offset > size)
			abort();
		return 0;
	}
	touch(seal.fixes, seal.fixes_size);
	touch(seal.signature, seal.signature_size);
	touch(seal.checksum, CRYPTEX_CHECKSUM_SIZE);
	for (i = 0; i < seal.entry_count; i++)
		check_entry(&seal, i);
	return 0;
}
