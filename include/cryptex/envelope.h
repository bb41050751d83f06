/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/*
 * What every signed file of Cryptex has around its content: a magic that names
 * the purpose, a version, the size of what is signed, a signature and a
 * checksum.
 *
 *   byte 0   +-----------------------------------------+ -.
 *            | struct cryptex_envelope_header       24 |  | signed:
 *            +-----------------------------------------+  | signed_size
 *            | whatever the format has                 |  | bytes
 *   signed_  +-----------------------------------------+ -'
 *     size   | PKCS#7 detached signature, DER          |
 *            +-----------------------------------------+
 *            | SHA-256 of all bytes before it          |
 *            +-----------------------------------------+ end of file
 *
 * The first signed bytes name the purpose, so that nothing else that the same
 * key ever signs can pass for it.
 *
 * The checksum at the end is no protection: anyone can make it.  It is there
 * because PKCS#7 has bits that no signature covers and no verifier reads; with
 * it there is no bit of a file whose loss goes unnoticed.
 */
#ifndef _CRYPTEX_ENVELOPE_H
#define _CRYPTEX_ENVELOPE_H

#include <linux/types.h>

#include <linux/cryptex.h>
#ifdef __KERNEL__
#include <linux/build_bug.h>
#else
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#endif

#define CRYPTEX_SEAL_MAGIC_SIZE		12
#define CRYPTEX_CHECKSUM_SIZE		32	/* SHA-256 */

/**
 * struct cryptex_envelope_header - what every format's header begins with
 * @magic: names the format
 * @version: of the format
 * @signed_size: bytes from the start of the file that the signature covers
 */
struct cryptex_envelope_header {
	__u8	magic[CRYPTEX_SEAL_MAGIC_SIZE];
	__le32	version;
	__le64	signed_size;
};

static_assert(sizeof(struct cryptex_envelope_header) == 24, "envelope header");

/**
 * struct cryptex_seal_fault - why a file was refused
 * @what: a constant sentence of at most 48 characters
 * @offset: the byte of the file at which it shows
 */
struct cryptex_seal_fault {
	const char *what;
	__u64 offset;
};

/**
 * struct cryptex_envelope_format - what one format's files have to have
 * @magic: %CRYPTEX_SEAL_MAGIC_SIZE characters
 * @version: the only one
 * @header_size: bytes of the format's whole header
 * @least: bytes of the smallest signed part
 * @alien: the fault's sentence for another magic
 * @unknown: the fault's sentence for another version
 */
struct cryptex_envelope_format {
	const char *magic;
	__u32 version;
	size_t header_size;
	size_t least;
	const char *alien;
	const char *unknown;
};

/**
 * struct cryptex_envelope - where in a file its parts are
 * @signature: @signature_size bytes of DER
 * @checksum: %CRYPTEX_CHECKSUM_SIZE bytes, directly behind the signature; it is
 *	for the caller to compare, who has SHA-256
 * @signed_size: bytes that the signature covers, from the file's start on
 * @signature_size: bytes of @signature, at least 1
 */
struct cryptex_envelope {
	const __u8 *signature;
	const __u8 *checksum;
	size_t signed_size;
	size_t signature_size;
};

int cryptex_envelope_open(const struct cryptex_envelope_format *format,
			  const void *buf, size_t size,
			  struct cryptex_envelope *envelope,
			  struct cryptex_seal_fault *fault);

#endif /* _CRYPTEX_ENVELOPE_H */
