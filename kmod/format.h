/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/*
 * What the parsers of the signed formats share, in the kernel and in userland;
 * for them and nobody else.
 */
#ifndef _CX_FORMAT_H
#define _CX_FORMAT_H

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/stat.h>
#include <linux/string.h>
#else
#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#define le16_to_cpu le16toh
#define le32_to_cpu le32toh
#define le64_to_cpu le64toh
#endif

#include <cryptex/seal.h>

static inline int cx_fault(struct cryptex_seal_fault *fault, int err,
			   __u64 offset, const char *what)
{
	fault->what = what;
	fault->offset = offset;
	return err;
}

static inline bool cx_all_zero(const void *p, size_t n)
{
	const __u8 *byte = p;

	while (n--)
		if (*byte++)
			return false;
	return true;
}

/* The order of everything that ascends: as bytes, the shorter one first. */
static inline int cx_compare(const void *a, size_t a_len, const void *b,
			     size_t b_len)
{
	int diff = a_len < b_len ? memcmp(a, b, a_len) : memcmp(a, b, b_len);

	if (diff)
		return diff;
	return a_len < b_len ? -1 : a_len > b_len;
}

/* A name or label must be zero behind its end. */
static inline bool cx_padding_ok(const __u8 *field)
{
	size_t len = strnlen((const char *)field, CRYPTEX_LABEL_SIZE);

	return cx_all_zero(field + len, CRYPTEX_LABEL_SIZE - len);
}

/* A number that may stand at any address. */
static inline __u32 cx_read_le32(const void *p)
{
	__le32 value;

	memcpy(&value, p, sizeof(value));
	return le32_to_cpu(value);
}

#endif /* _CX_FORMAT_H */
