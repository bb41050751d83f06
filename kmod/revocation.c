// SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later
/*
 * The parser of the revocation list, for the kernel and for userland alike.
 *
 * cryptex_revocation_frame() finds the signature and looks at nothing else;
 * cryptex_revocation_parse() is called once the signature has been verified.
 * Both are linear in the list, allocate nothing, and touch no byte outside of
 * it.
 */
#include <cryptex/revocation.h>

#include "format.h"

static const struct cryptex_envelope_format list_format = {
	.magic = CRYPTEX_REVOCATION_MAGIC,
	.version = CRYPTEX_REVOCATION_VERSION,
	.header_size = sizeof(struct cryptex_revocation_header),
	.least = sizeof(struct cryptex_revocation_header),
	.alien = "not a revocation list: wrong magic",
	.unknown = "unknown revocation list version",
};

/**
 * cryptex_revocation_frame - find what is signed and the signature over it
 * @buf: a whole list, aligned to 8 bytes
 * @size: bytes at @buf
 * @list: set on success
 * @fault: set on failure
 *
 * Return: 0; -%EBADMSG if this is not a whole list, -%EPROTONOSUPPORT if it is
 * one of another format version, -%EFBIG if it exceeds a limit.
 */
int cryptex_revocation_frame(const void *buf, size_t size,
			     struct cryptex_revocation *list,
			     struct cryptex_seal_fault *fault)
{
	struct cryptex_envelope envelope;
	int err = cryptex_envelope_open(&list_format, buf, size, &envelope,
					fault);

	memset(list, 0, sizeof(*list));
	if (err)
		return err;
	list->header = buf;
	list->signature = envelope.signature;
	list->checksum = envelope.checksum;
	list->signed_size = envelope.signed_size;
	list->signature_size = envelope.signature_size;
	return 0;
}

static int refuse(const struct cryptex_revocation *list,
		  struct cryptex_seal_fault *fault, const void *where,
		  const char *what)
{
	return cx_fault(fault, -EBADMSG,
			(const __u8 *)where - (const __u8 *)list->header, what);
}

static int too_large(const struct cryptex_revocation *list,
		     struct cryptex_seal_fault *fault, const void *where,
		     const char *what)
{
	refuse(list, fault, where, what);
	return -EFBIG;
}

static int check_header(const struct cryptex_revocation *list,
			struct cryptex_seal_fault *fault)
{
	const struct cryptex_revocation_header *h = list->header;

	if (!h->number)
		return refuse(list, fault, &h->number, "a list's number is 0");
	if (le64_to_cpu(h->issued) >> 63)
		return refuse(list, fault, &h->issued,
			      "time of issue out of range");
	if (!cx_all_zero(h->reserved, sizeof(h->reserved)))
		return refuse(list, fault, h->reserved,
			      "reserved header bytes are not zero");
	if (le32_to_cpu(h->seal_count) > CRYPTEX_REVOCATION_MAX_SEALS)
		return too_large(list, fault, &h->seal_count, "too many seals");
	if (le32_to_cpu(h->floor_count) > CRYPTEX_REVOCATION_MAX_FLOORS)
		return too_large(list, fault, &h->floor_count,
				 "too many floors");
	if (le32_to_cpu(h->certificate_count) >
	    CRYPTEX_REVOCATION_MAX_CERTIFICATES)
		return too_large(list, fault, &h->certificate_count,
				 "too many certificates");
	return 0;
}

/*
 * Where the parts are.  The certificates, whose sizes are not known yet, have
 * what is left.  With the limits checked, 64 bits cannot overflow.
 */
static int lay_out(struct cryptex_revocation *list,
		   struct cryptex_seal_fault *fault)
{
	const struct cryptex_revocation_header *h = list->header;
	__u64 floors = sizeof(*h) + (__u64)le32_to_cpu(h->seal_count) *
				    CRYPTEX_DIGEST_SIZE;
	__u64 certificates = floors + (__u64)le32_to_cpu(h->floor_count) *
				      sizeof(struct cryptex_revocation_floor);

	if (certificates > list->signed_size)
		return refuse(list, fault, &h->signed_size,
			      "sizes do not add up to the signed part");
	list->seals = (const __u8 *)(h + 1);
	list->floors = (const void *)((const __u8 *)h + floors);
	list->certificates = (const __u8 *)h + certificates;
	return 0;
}

static const __u8 *seal_at(const struct cryptex_revocation *list, __u32 i)
{
	return list->seals + (size_t)i * CRYPTEX_DIGEST_SIZE;
}

static int check_seals(const struct cryptex_revocation *list,
		       struct cryptex_seal_fault *fault)
{
	__u32 i;

	for (i = 1; i < le32_to_cpu(list->header->seal_count); i++)
		if (memcmp(seal_at(list, i - 1), seal_at(list, i),
			   CRYPTEX_DIGEST_SIZE) >= 0)
			return refuse(list, fault, seal_at(list, i),
				      "digests of seals do not ascend");
	return 0;
}

static int check_floor(const struct cryptex_revocation *list,
		       const struct cryptex_revocation_floor *f,
		       struct cryptex_seal_fault *fault)
{
	if (!cryptex_name_ok((const char *)f->name) || !cx_padding_ok(f->name))
		return refuse(list, fault, f->name, "malformed cryptex name");
	if (!f->security_epoch)
		return refuse(list, fault, &f->security_epoch,
			      "a floor that forbids nothing");
	if (!cx_all_zero(f->reserved, sizeof(f->reserved)))
		return refuse(list, fault, f->reserved,
			      "reserved floor bytes are not zero");
	if (f > list->floors && memcmp(f[-1].name, f->name,
				       sizeof(f->name)) >= 0)
		return refuse(list, fault, f->name,
			      "names of floors do not ascend");
	return 0;
}

static int check_floors(const struct cryptex_revocation *list,
			struct cryptex_seal_fault *fault)
{
	int err = 0;
	__u32 i;

	for (i = 0; !err && i < le32_to_cpu(list->header->floor_count); i++)
		err = check_floor(list, &list->floors[i], fault);
	return err;
}

/* A certificate of a parsed list, or the place behind the last one. */
struct certificate {
	const __u8 *der;
	__u32 size;
	__u32 index;
};

static struct certificate certificate_at(const struct cryptex_revocation *list,
					 const __u8 *where, __u32 index)
{
	struct certificate c = { where, 0, index };

	if (index < le32_to_cpu(list->header->certificate_count)) {
		c.size = cx_read_le32(where);
		c.der = where + sizeof(__le32);
	}
	return c;
}

static struct certificate first(const struct cryptex_revocation *list)
{
	return certificate_at(list, list->certificates, 0);
}

static struct certificate next(const struct cryptex_revocation *list,
			       const struct certificate *c)
{
	return certificate_at(list, c->der + c->size, c->index + 1);
}

static int check_certificates(const struct cryptex_revocation *list,
			      struct cryptex_seal_fault *fault)
{
	const __u8 *end = (const __u8 *)list->header + list->signed_size;
	const __u8 *at = list->certificates, *prev = NULL;
	__u32 size, prev_size = 0, i;

	for (i = 0; i < le32_to_cpu(list->header->certificate_count); i++) {
		if ((size_t)(end - at) < sizeof(__le32))
			return refuse(list, fault, at,
				      "ends before its certificates");
		size = cx_read_le32(at);
		if (!size)
			return refuse(list, fault, at, "an empty certificate");
		if (size > CRYPTEX_MAX_CERTIFICATE)
			return too_large(list, fault, at,
					 "certificate too large");
		at += sizeof(__le32);
		if (size > (size_t)(end - at))
			return refuse(list, fault, at,
				      "certificate exceeds the signed part");
		if (prev && cx_compare(prev, prev_size, at, size) >= 0)
			return refuse(list, fault, at,
				      "certificates do not ascend");
		prev = at;
		prev_size = size;
		at += size;
	}
	if (at != end)
		return refuse(list, fault, at, "bytes that belong to nothing");
	return 0;
}

/**
 * cryptex_revocation_parse - check a list and make it usable
 * @list: framed by cryptex_revocation_frame(), its signature verified by the
 *	caller
 * @fault: set on failure
 *
 * After success every part lies within the signed bytes and is in order.
 * Nothing is said about what a certificate's bytes are.
 *
 * Return: 0; -%EBADMSG if the list breaks a rule of the format, -%EFBIG if it
 * exceeds a limit.
 */
int cryptex_revocation_parse(struct cryptex_revocation *list,
			     struct cryptex_seal_fault *fault)
{
	int err = check_header(list, fault);

	if (!err)
		err = lay_out(list, fault);
	if (!err)
		err = check_seals(list, fault);
	if (!err)
		err = check_floors(list, fault);
	return err ? err : check_certificates(list, fault);
}

/**
 * cryptex_revocation_has_seal - does the list revoke this seal?
 * @list: a parsed list
 * @digest: SHA-256 of the seal's manifest, %CRYPTEX_DIGEST_SIZE bytes
 *
 * Return: true if it does.
 */
bool cryptex_revocation_has_seal(const struct cryptex_revocation *list,
				 const __u8 *digest)
{
	__u32 low = 0, high = le32_to_cpu(list->header->seal_count);

	while (low < high) {
		__u32 mid = low + (high - low) / 2;
		int diff = memcmp(digest, seal_at(list, mid),
				  CRYPTEX_DIGEST_SIZE);

		if (!diff)
			return true;
		if (diff < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return false;
}

/**
 * cryptex_revocation_floor_of - the floor that the list sets for a cryptex
 * @list: a parsed list
 * @name: the cryptex: NUL-terminated, or %CRYPTEX_LABEL_SIZE bytes
 *
 * Return: the lowest security epoch that may be activated; 0 if the list sets
 * none.
 */
__u32 cryptex_revocation_floor_of(const struct cryptex_revocation *list,
				  const char *name)
{
	__u32 low = 0, high = le32_to_cpu(list->header->floor_count);

	while (low < high) {
		__u32 mid = low + (high - low) / 2;
		const struct cryptex_revocation_floor *f = &list->floors[mid];
		int diff = strncmp(name, (const char *)f->name,
				   sizeof(f->name));

		if (!diff)
			return le32_to_cpu(f->security_epoch);
		if (diff < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return 0;
}

/**
 * cryptex_revocation_certificate - one of the list's certificates
 * @list: a parsed list
 * @index: which, below header->certificate_count
 * @size: set to its bytes
 *
 * Return: its DER, in the list; NULL if @index is too large.
 */
const __u8 *cryptex_revocation_certificate(const struct cryptex_revocation *list,
					   __u32 index, __u32 *size)
{
	struct certificate c = first(list);

	if (index >= le32_to_cpu(list->header->certificate_count))
		return NULL;
	while (c.index < index)
		c = next(list, &c);
	*size = c.size;
	return c.der;
}

/* Both ascend, so each is walked once. */
static bool has_seals_of(const struct cryptex_revocation *list,
			 const struct cryptex_revocation *other)
{
	__u32 i = 0, j, count = le32_to_cpu(list->header->seal_count);

	for (j = 0; j < le32_to_cpu(other->header->seal_count); j++) {
		while (i < count && memcmp(seal_at(list, i), seal_at(other, j),
					   CRYPTEX_DIGEST_SIZE) < 0)
			i++;
		if (i == count || memcmp(seal_at(list, i), seal_at(other, j),
					 CRYPTEX_DIGEST_SIZE))
			return false;
	}
	return true;
}

static bool has_floors_of(const struct cryptex_revocation *list,
			  const struct cryptex_revocation *other)
{
	__u32 i;

	for (i = 0; i < le32_to_cpu(other->header->floor_count); i++) {
		const struct cryptex_revocation_floor *f = &other->floors[i];

		if (cryptex_revocation_floor_of(list, (const char *)f->name) <
		    le32_to_cpu(f->security_epoch))
			return false;
	}
	return true;
}

static bool has_certificates_of(const struct cryptex_revocation *list,
				const struct cryptex_revocation *other)
{
	struct certificate mine = first(list), c = first(other);

	for (; c.size; c = next(other, &c)) {
		while (mine.size &&
		       cx_compare(mine.der, mine.size, c.der, c.size) < 0)
			mine = next(list, &mine);
		if (!mine.size || cx_compare(mine.der, mine.size, c.der, c.size))
			return false;
	}
	return true;
}

/**
 * cryptex_revocation_contains - does a list make another one superfluous?
 * @list: a parsed list
 * @other: a parsed list
 *
 * Numbers are not compared.
 *
 * Return: true if @list revokes all that @other revokes, and sets each floor of
 * @other at least as high.
 */
bool cryptex_revocation_contains(const struct cryptex_revocation *list,
				 const struct cryptex_revocation *other)
{
	return has_seals_of(list, other) && has_floors_of(list, other) &&
	       has_certificates_of(list, other);
}
