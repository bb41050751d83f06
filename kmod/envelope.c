// SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later
/*
 * What is around the content of every signed file, for the kernel and for
 * userland alike: all that is read before the signature has been verified.
 */
#include <cryptex/envelope.h>

#include "format.h"

/**
 * cryptex_envelope_open - find what is signed and the signature over it
 * @format: what the file has to be
 * @buf: a whole file, aligned to 8 bytes
 * @size: bytes at @buf
 * @envelope: set on success
 * @fault: set on failure
 *
 * Reads the magic, the version and the size of the signed part: what has to be
 * known before the signature can be verified.  Allocates nothing, and touches
 * no byte outside of @buf.
 *
 * Return: 0; -%EBADMSG if this is not a whole file of @format,
 * -%EPROTONOSUPPORT if it is one of another version, -%EFBIG if its signature
 * exceeds the limit.
 */
int cryptex_envelope_open(const struct cryptex_envelope_format *format,
			  const void *buf, size_t size,
			  struct cryptex_envelope *envelope,
			  struct cryptex_seal_fault *fault)
{
	const struct cryptex_envelope_header *h = buf;
	__u64 signed_size;

	if (!size)
		return cx_fault(fault, -EBADMSG, 0, "the file is empty");
	if (size < CRYPTEX_SEAL_MAGIC_SIZE ||
	    memcmp(h->magic, format->magic, CRYPTEX_SEAL_MAGIC_SIZE))
		return cx_fault(fault, -EBADMSG, 0, format->alien);
	if (size < format->header_size)
		return cx_fault(fault, -EBADMSG, size, "ends inside its header");
	if (le32_to_cpu(h->version) != format->version)
		return cx_fault(fault, -EPROTONOSUPPORT, CRYPTEX_SEAL_MAGIC_SIZE,
				format->unknown);
	signed_size = le64_to_cpu(h->signed_size);
	if (signed_size < format->least)
		return cx_fault(fault, -EBADMSG, offsetof(typeof(*h), signed_size),
				"signed part too small");
	size -= CRYPTEX_CHECKSUM_SIZE;
	if (signed_size >= size)
		return cx_fault(fault, -EBADMSG, size,
				"ends before its signature");
	if (size - signed_size > CRYPTEX_SEAL_MAX_SIGNATURE)
		return cx_fault(fault, -EFBIG, signed_size,
				"signature too large");
	envelope->signed_size = signed_size;
	envelope->signature = (const __u8 *)buf + signed_size;
	envelope->signature_size = size - signed_size;
	envelope->checksum = envelope->signature + envelope->signature_size;
	return 0;
}
