// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Bytes taken at random seldom hit the few that a rule is about, so most changes
 * go by the fields of the format: one of them becomes a number such as programs
 * are wrong with, or one off from what it was.
 */
#include <endian.h>
#include <stddef.h>
#include <string.h>

#include <cryptex/revocation.h>
#include <cryptex/seal.h>

#include "fuzz_content.h"

struct field {
	size_t offset;
	size_t size;
};

#define FIELD(type, member) \
	{ offsetof(struct type, member), sizeof(((struct type *)NULL)->member) }
#define COUNT(fields) (sizeof(fields) / sizeof(*(fields)))

static const struct field seal_header[] = {
	FIELD(cryptex_seal_header, magic),
	FIELD(cryptex_seal_header, version),
	FIELD(cryptex_seal_header, signed_size),
	FIELD(cryptex_seal_header, entry_count),
	FIELD(cryptex_seal_header, strings_size),
	FIELD(cryptex_seal_header, fixes_size),
	FIELD(cryptex_seal_header, security_epoch),
	FIELD(cryptex_seal_header, build_time),
	FIELD(cryptex_seal_header, flags),
	FIELD(cryptex_seal_header, machine),
	FIELD(cryptex_seal_header, reserved0),
	FIELD(cryptex_seal_header, base_digest),
	FIELD(cryptex_seal_header, name),
	FIELD(cryptex_seal_header, label),
	FIELD(cryptex_seal_header, xattr_sets),
	FIELD(cryptex_seal_header, xattrs_size),
	FIELD(cryptex_seal_header, reserved1),
};

static const struct field seal_entry[] = {
	FIELD(cryptex_seal_entry, name_off),
	FIELD(cryptex_seal_entry, name_len),
	FIELD(cryptex_seal_entry, mode),
	FIELD(cryptex_seal_entry, size),
	FIELD(cryptex_seal_entry, first),
	FIELD(cryptex_seal_entry, parent),
	FIELD(cryptex_seal_entry, xattrs),
	FIELD(cryptex_seal_entry, reserved),
	FIELD(cryptex_seal_entry, digest),
};

static const struct field list_header[] = {
	FIELD(cryptex_revocation_header, magic),
	FIELD(cryptex_revocation_header, version),
	FIELD(cryptex_revocation_header, signed_size),
	FIELD(cryptex_revocation_header, number),
	FIELD(cryptex_revocation_header, issued),
	FIELD(cryptex_revocation_header, seal_count),
	FIELD(cryptex_revocation_header, floor_count),
	FIELD(cryptex_revocation_header, certificate_count),
	FIELD(cryptex_revocation_header, reserved),
};

static const struct field list_floor[] = {
	FIELD(cryptex_revocation_floor, name),
	FIELD(cryptex_revocation_floor, security_epoch),
	FIELD(cryptex_revocation_floor, reserved),
};

static uint64_t other_number(struct fuzz_random *r, uint64_t old)
{
	switch (fuzz_below(r, 7)) {
	case 0: return old + 1;
	case 1: return old - 1;
	case 2: return 0;
	case 3: return fuzz_below(r, 16);
	case 4: return old ^ 1ULL << fuzz_below(r, 64);
	default: return fuzz_number(r);
	}
}

/* Of what has no place in a name, and of what has. */
static uint8_t other_letter(struct fuzz_random *r)
{
	static const uint8_t letters[] = {
		0, 1, 0x1f, ' ', '.', '/', '0', 'A', 'a', 'z', '~', 0x7f, 0x80,
		0xff,
	};

	return letters[fuzz_below(r, sizeof(letters))];
}

static void change_letter(struct fuzz_random *r, struct blob *body, size_t from,
			  size_t size)
{
	if (size && from + size <= body->size)
		body->data[from + fuzz_below(r, size)] = other_letter(r);
}

static void change_number(struct fuzz_random *r, struct blob *body, size_t at,
			  size_t size)
{
	uint64_t value = 0;

	if (at + size > body->size)
		return;
	memcpy(&value, body->data + at, size);
	value = htole64(other_number(r, le64toh(value)));
	memcpy(body->data + at, &value, size);
}

static void change_field(struct fuzz_random *r, struct blob *body, size_t from,
			 const struct field *fields, size_t count)
{
	const struct field *f = &fields[fuzz_below(r, count)];

	if (f->size <= sizeof(uint64_t))
		change_number(r, body, from + f->offset, f->size);
	else if (fuzz_once_in(r, 4) && from + f->offset + f->size <= body->size)
		memset(body->data + from + f->offset, 0, f->size);
	else
		change_letter(r, body, from + f->offset, f->size);
}

/* Fields are where their size divides the offset, nearly all. */
static void change_any(struct fuzz_random *r, struct blob *body)
{
	size_t size = 1 << fuzz_below(r, 4);
	size_t at = fuzz_below(r, body->size / size) * size;

	change_number(r, body, at, size);
}

/* Two neighbours out of order. */
static void swap(struct blob *body, size_t at, size_t size)
{
	uint8_t first[CRYPTEX_DIGEST_SIZE + CRYPTEX_LABEL_SIZE];

	if (at + 2 * size > body->size || size > sizeof(first))
		return;
	memcpy(first, body->data + at, size);
	memmove(body->data + at, body->data + at + size, size);
	memcpy(body->data + at + size, first, size);
}

/*
 * The area of the attributes: where the sets end, and what they are.  Its numbers
 * are small, so a byte of them is changed.
 */
static void change_xattrs(struct fuzz_random *r, struct blob *body, size_t from,
			  size_t size)
{
	if (!size)
		return;
	from += fuzz_below(r, size);
	if (fuzz_once_in(r, 2))
		change_number(r, body, from, 1);
	else
		change_letter(r, body, from, 1);
}

void fuzz_content_seal(struct fuzz_random *r, struct blob *body)
{
	const struct cryptex_seal_header *h = (const void *)body->data;
	size_t entries = le32toh(h->entry_count);
	size_t strings = sizeof(*h) + entries * sizeof(struct cryptex_seal_entry);
	size_t xattrs = strings + le32toh(h->strings_size);
	size_t ends = le32toh(h->xattr_sets) * sizeof(__le32);
	size_t entry = sizeof(*h) + fuzz_below(r, entries) *
				    sizeof(struct cryptex_seal_entry);

	switch (fuzz_below(r, 12)) {
	case 0:
	case 1:
	case 2:
		change_field(r, body, 0, seal_header, COUNT(seal_header));
		break;
	case 3:
	case 4:
	case 5:
	case 6:
		change_field(r, body, entry, seal_entry, COUNT(seal_entry));
		break;
	case 7:
		change_letter(r, body, strings, xattrs - strings);
		break;
	case 8:
		change_xattrs(r, body, xattrs, ends);
		break;
	case 9:
	case 10:
		change_xattrs(r, body, xattrs + ends,
			      le32toh(h->xattrs_size) - ends);
		break;
	default:
		change_any(r, body);
	}
}

/* Its size, or the first bytes of its DER, which are what is compared. */
static void change_certificate(struct fuzz_random *r, struct blob *body,
			       size_t at, size_t count)
{
	size_t skip = fuzz_below(r, count);
	uint32_t size;

	while (skip-- && at + sizeof(size) <= body->size) {
		memcpy(&size, body->data + at, sizeof(size));
		at += sizeof(size) + le32toh(size);
	}
	if (fuzz_once_in(r, 2))
		change_number(r, body, at, sizeof(size));
	else
		change_letter(r, body, at + sizeof(size), 4);
}

void fuzz_content_list(struct fuzz_random *r, struct blob *body)
{
	const struct cryptex_revocation_header *h = (const void *)body->data;
	size_t seals = le32toh(h->seal_count), digest = CRYPTEX_DIGEST_SIZE;
	size_t floors = le32toh(h->floor_count);
	size_t floor = sizeof(struct cryptex_revocation_floor);
	size_t at = sizeof(*h) + seals * digest;

	switch (fuzz_below(r, 6)) {
	case 0:
		if (floors) {
			change_field(r, body, at + fuzz_below(r, floors) * floor,
				     list_floor, COUNT(list_floor));
			return;
		}
		break;
	case 1:
		if (floors > 1) {
			swap(body, at, floor);
			return;
		}
		break;
	case 2:
		if (seals > 1) {
			swap(body, sizeof(*h), digest);
			return;
		}
		break;
	case 3:
		if (h->certificate_count) {
			change_certificate(r, body, at + floors * floor,
					   le32toh(h->certificate_count));
			return;
		}
		break;
	case 4:
		change_any(r, body);
		return;
	}
	change_field(r, body, 0, list_header, COUNT(list_header));
}
