/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/*
 * The revocation list: what must not become active any more.
 *
 * Signed as a seal is, by a key that may sign seals; its first bytes name
 * another purpose, so neither passes as the other.  One declaration and one
 * parser (kmod/revocation.c) serve the module, the helper, the publisher, the
 * unit tests and the fuzzer.  Documentation/revocation-format.rst says the same
 * in prose, with the reasons.
 *
 *   byte 0   +-----------------------------------------+ -.
 *            | struct cryptex_revocation_header     96 |  |
 *            +-----------------------------------------+  |
 *            | seals: seal_count manifest digests,     |  |
 *            |   32 bytes each, strictly ascending     |  | signed:
 *            +-----------------------------------------+  | signed_size
 *            | struct cryptex_revocation_floor,        |  | bytes
 *            |   floor_count * 72 bytes, names         |  |
 *            |   strictly ascending                    |  |
 *            +-----------------------------------------+  |
 *            | certificate_count X.509 certificates,   |  |
 *            |   each one a __le32 size and its DER,   |  |
 *            |   strictly ascending by their bytes     |  |
 *   signed_  +-----------------------------------------+ -'
 *     size   | PKCS#7 detached signature, DER          |
 *            +-----------------------------------------+
 *            | SHA-256 of all bytes before it          |
 *            +-----------------------------------------+ end of file
 *
 * All numbers are little-endian; what is reserved is zero.  What ascends does so
 * as bytes (memcmp, the shorter one first), so there is exactly one encoding of
 * what a list revokes.
 */
#ifndef _CRYPTEX_REVOCATION_H
#define _CRYPTEX_REVOCATION_H

#include <cryptex/seal.h>

#define CRYPTEX_REVOCATION_MAGIC	"cryptex-deny"	/* 12 bytes, no NUL */
#define CRYPTEX_REVOCATION_VERSION	1

/**
 * struct cryptex_revocation_header - first 96 bytes of a revocation list
 * @magic: %CRYPTEX_REVOCATION_MAGIC
 * @version: %CRYPTEX_REVOCATION_VERSION
 * @signed_size: bytes from the start of the file that the signature covers
 * @number: rises with each list; at least 1
 * @issued: seconds since 1970 UTC
 * @seal_count: number of manifest digests
 * @floor_count: number of floors
 * @certificate_count: number of certificates whose keys are revoked
 * @reserved: zero
 */
struct cryptex_revocation_header {
	__u8	magic[CRYPTEX_SEAL_MAGIC_SIZE];
	__le32	version;
	__le64	signed_size;
	__le64	number;
	__le64	issued;
	__le32	seal_count;
	__le32	floor_count;
	__le32	certificate_count;
	__u8	reserved[44];
};

/**
 * struct cryptex_revocation_floor - how old a cryptex's generation may be
 * @name: the cryptex, as in a seal's header, NUL-padded
 * @security_epoch: the lowest one that may be activated; at least 1
 * @reserved: zero
 */
struct cryptex_revocation_floor {
	__u8	name[CRYPTEX_LABEL_SIZE];
	__le32	security_epoch;
	__u8	reserved[4];
};

/* The largest list there can be, in bytes. */
#define CRYPTEX_REVOCATION_MAX_SIZE					\
	(sizeof(struct cryptex_revocation_header) +			\
	 CRYPTEX_REVOCATION_MAX_SEALS * (size_t)CRYPTEX_DIGEST_SIZE +	\
	 CRYPTEX_REVOCATION_MAX_FLOORS *				\
		 sizeof(struct cryptex_revocation_floor) +		\
	 CRYPTEX_REVOCATION_MAX_CERTIFICATES *				\
		 (sizeof(__le32) + CRYPTEX_MAX_CERTIFICATE) +		\
	 CRYPTEX_SEAL_MAX_SIGNATURE + CRYPTEX_CHECKSUM_SIZE)

static_assert(sizeof(struct cryptex_revocation_header) == 96, "list header");
static_assert(sizeof(struct cryptex_revocation_floor) == 72, "list floor");

/**
 * struct cryptex_revocation - a view of a list that lies in the caller's memory
 * @header: start of the buffer
 * @seals: header->seal_count digests of %CRYPTEX_DIGEST_SIZE bytes
 * @floors: header->floor_count floors
 * @certificates: the first certificate's size, at any address
 * @signature: @signature_size bytes of DER
 * @checksum: %CRYPTEX_CHECKSUM_SIZE bytes, for the caller to compare
 * @signed_size: bytes that the signature covers, from @header on
 * @signature_size: bytes of @signature, at least 1
 *
 * A view owns nothing.  After cryptex_revocation_frame() only @header,
 * @signed_size, @signature, @signature_size and @checksum are set; the rest
 * after cryptex_revocation_parse().
 */
struct cryptex_revocation {
	const struct cryptex_revocation_header *header;
	const __u8 *seals;
	const struct cryptex_revocation_floor *floors;
	const __u8 *certificates;
	const __u8 *signature;
	const __u8 *checksum;
	size_t signed_size;
	size_t signature_size;
};

int cryptex_revocation_frame(const void *buf, size_t size,
			     struct cryptex_revocation *list,
			     struct cryptex_seal_fault *fault);
int cryptex_revocation_parse(struct cryptex_revocation *list,
			     struct cryptex_seal_fault *fault);
bool cryptex_revocation_has_seal(const struct cryptex_revocation *list,
				 const __u8 *digest);
__u32 cryptex_revocation_floor_of(const struct cryptex_revocation *list,
				  const char *name);
const __u8 *cryptex_revocation_certificate(const struct cryptex_revocation *list,
					   __u32 index, __u32 *size);
bool cryptex_revocation_contains(const struct cryptex_revocation *list,
				 const struct cryptex_revocation *other);

#endif /* _CRYPTEX_REVOCATION_H */
