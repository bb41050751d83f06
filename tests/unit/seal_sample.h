/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A small seal for tests that need a tree and no real signature.  Entries are
 * given as the format has them: breadth-first, siblings ascending.
 */
#ifndef _SEAL_SAMPLE_H
#define _SEAL_SAMPLE_H

#include <endian.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cryptex/seal.h>

#include "lib/cms.h"
#include "lib/sealfile.h"

#define SAMPLE_MAX 4096

/* One entry: @children for a directory, @parent by index. */
struct sample_entry {
	const char *name;
	uint16_t mode;
	uint32_t parent;
	uint32_t children;
};

/* Write the seal of @label to @buf; return its size. */
static inline size_t sample_bytes(char buf[SAMPLE_MAX], const char *label,
				  const struct sample_entry *tree, uint32_t count)
{
	struct cryptex_seal_header *h = (void *)buf;
	struct cryptex_seal_entry *e = (void *)(h + 1);
	char *strings = (char *)(e + count);
	uint32_t i, used = 0, next = 1;

	memset(buf, 0, SAMPLE_MAX);
	memcpy(h->magic, CRYPTEX_SEAL_MAGIC, sizeof(h->magic));
	h->version = htole32(CRYPTEX_SEAL_VERSION);
	h->entry_count = htole32(count);
	memcpy(h->name, "sample", 6);
	memcpy(h->label, label, strlen(label));
	for (i = 0; i < count; i++) {
		size_t len = strlen(tree[i].name);

		e[i].mode = htole16(tree[i].mode);
		e[i].parent = htole32(tree[i].parent);
		e[i].name_off = htole32(len ? used : 0);
		e[i].name_len = htole16(len);
		memcpy(strings + used, tree[i].name, len);
		used += len;
		if (S_ISDIR(tree[i].mode)) {
			e[i].first = htole32(next);
			e[i].size = htole64(tree[i].children);
			next += tree[i].children;
		} else {
			e[i].size = htole64(7);
			memset(e[i].digest, 0xd0 + i, sizeof(e[i].digest));
		}
	}
	h->strings_size = htole32(used);
	h->signed_size = htole64(strings + used - buf);
	strings[used++] = 's';	/* stands for the signature */
	cx_sha256(buf, strings + used - buf, (uint8_t *)strings + used);
	return strings + used + CRYPTEX_CHECKSUM_SIZE - buf;
}

/* The same as a parsed seal, to be freed with cx_seal_free(). */
static inline int sample_seal(struct cx_seal *seal, const char *label,
			      const struct sample_entry *tree, uint32_t count,
			      struct cx_error *err)
{
	_Alignas(8) char buf[SAMPLE_MAX];
	size_t size = sample_bytes(buf, label, tree, count);

	return cx_seal_from_bytes(buf, size, true, "sample", NULL, seal, err);
}

#endif /* _SEAL_SAMPLE_H */
