// SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later
/*
 * The extended attributes of a seal's entries: the check of their area, and
 * the way to them, for the kernel and for userland alike.
 *
 * Linear in the area, allocates nothing, touches no byte outside of it.
 */
#include "seal_xattr.h"

#include "format.h"

#define SELINUX	"security.selinux"
#define USER	"user."

/* What stands before an attribute's name: two lengths, and a zero between. */
#define ATTRIBUTE_HEADER	4
#define VALUE_LEN		2

/* A set, or what is left of one. */
struct span {
	const __u8 *at;
	size_t size;
};

static const __u8 *first_set(const struct cryptex_seal *seal)
{
	return seal->xattrs + (size_t)seal->xattr_sets * sizeof(__le32);
}

/* Where set @i ends, counted from the first set's start. */
static size_t end_of(const struct cryptex_seal *seal, __u32 i)
{
	return cx_read_le32(seal->xattrs + (size_t)i * sizeof(__le32));
}

static struct span set_at(const struct cryptex_seal *seal, __u32 i)
{
	size_t start = i ? end_of(seal, i - 1) : 0;

	return (struct span){ first_set(seal) + start, end_of(seal, i) - start };
}

static size_t value_len(const __u8 *attribute)
{
	return attribute[VALUE_LEN] | attribute[VALUE_LEN + 1] << 8;
}

static size_t attribute_size(const __u8 *attribute)
{
	return ATTRIBUTE_HEADER + attribute[0] + value_len(attribute);
}

static bool is_selinux(const __u8 *name, size_t len)
{
	return len == strlen(SELINUX) && !memcmp(name, SELINUX, len);
}

/*
 * What says something about the file and gives nothing to who runs it:
 * security.capability would.
 */
static bool name_ok(const __u8 *name, size_t len)
{
	size_t i;

	if (is_selinux(name, len))
		return true;
	if (len <= strlen(USER) || memcmp(name, USER, strlen(USER)))
		return false;
	for (i = strlen(USER); i < len; i++)
		if (name[i] < 0x20 || name[i] > 0x7e || name[i] == '/')
			return false;
	return true;
}

static int refuse(const struct cryptex_seal *seal,
		  struct cryptex_seal_fault *fault, const __u8 *where,
		  const char *what)
{
	return cx_fault(fault, -EBADMSG,
			where - (const __u8 *)seal->header, what);
}

static int check_attribute(const struct cryptex_seal *seal, struct span left,
			   struct cryptex_seal_fault *fault)
{
	if (left.size < ATTRIBUTE_HEADER ||
	    left.size < attribute_size(left.at))
		return refuse(seal, fault, left.at,
			      "an attribute exceeds its set");
	if (left.at[1])
		return refuse(seal, fault, left.at + 1,
			      "reserved attribute byte is not zero");
	if (!name_ok(left.at + ATTRIBUTE_HEADER, left.at[0]))
		return refuse(seal, fault, left.at + ATTRIBUTE_HEADER,
			      "attribute of a name that is not allowed");
	return 0;
}

static int check_set(const struct cryptex_seal *seal, struct span left,
		     struct cryptex_seal_fault *fault)
{
	const __u8 *prev = NULL;

	while (left.size) {
		int err = check_attribute(seal, left, fault);
		size_t size;

		if (err)
			return err;
		if (prev && cx_compare(prev + ATTRIBUTE_HEADER, prev[0],
				       left.at + ATTRIBUTE_HEADER,
				       left.at[0]) >= 0)
			return refuse(seal, fault, left.at,
				      "names of attributes do not ascend");
		prev = left.at;
		size = attribute_size(left.at);
		left.at += size;
		left.size -= size;
	}
	return 0;
}

/* The sets' ends must ascend up to the area's own. */
static int check_ends(const struct cryptex_seal *seal,
		      struct cryptex_seal_fault *fault)
{
	size_t area = (const __u8 *)seal->fixes - seal->xattrs;
	size_t table = (size_t)seal->xattr_sets * sizeof(__le32);
	size_t end = 0;
	__u32 i;

	if (table > area)
		return refuse(seal, fault, seal->xattrs,
			      "more sets of attributes than there is room");
	for (i = 0; i < seal->xattr_sets; i++) {
		const __u8 *where = seal->xattrs + (size_t)i * sizeof(__le32);

		if (end_of(seal, i) <= end)
			return refuse(seal, fault, where,
				      "an empty set of attributes");
		end = end_of(seal, i);
		if (end > area - table)
			return refuse(seal, fault, where,
				      "a set exceeds the attributes' area");
	}
	if (end != area - table)
		return refuse(seal, fault, first_set(seal) + end,
			      "attributes that belong to no set");
	return 0;
}

/**
 * cx_xattr_check - check the area of the attributes
 * @seal: laid out, its entries not looked at yet
 * @fault: set on failure
 *
 * Return: 0, or -%EBADMSG.
 */
int cx_xattr_check(const struct cryptex_seal *seal,
		   struct cryptex_seal_fault *fault)
{
	struct span prev = { NULL, 0 };
	int err = check_ends(seal, fault);
	__u32 i;

	for (i = 0; !err && i < seal->xattr_sets; i++) {
		struct span set = set_at(seal, i);

		err = check_set(seal, set, fault);
		if (!err && i && cx_compare(prev.at, prev.size, set.at,
					    set.size) >= 0)
			err = refuse(seal, fault, set.at,
				     "sets of attributes do not ascend");
		prev = set;
	}
	return err;
}

/**
 * cx_xattr_link_ok - may a symbolic link have this set of attributes?
 * @seal: its attributes checked
 * @e: an entry with a set
 *
 * No file system lets a link have user attributes.  The names ascend, so
 * whatever is not security.selinux alone has one.
 *
 * Return: true if it may.
 */
bool cx_xattr_link_ok(const struct cryptex_seal *seal,
		      const struct cryptex_seal_entry *e)
{
	struct span set = set_at(seal, le32_to_cpu(e->xattrs) - 1);

	return is_selinux(set.at + ATTRIBUTE_HEADER, set.at[0]) &&
	       attribute_size(set.at) == set.size;
}

/**
 * cryptex_seal_xattr_next - walk over an entry's extended attributes
 * @seal: a parsed seal
 * @e: one of its entries
 * @it: zeroed before the first call; set to the next attribute
 *
 * Return: true if there was one more; in ascending order of the names.
 */
bool cryptex_seal_xattr_next(const struct cryptex_seal *seal,
			     const struct cryptex_seal_entry *e,
			     struct cryptex_seal_xattr *it)
{
	struct span set;
	const __u8 *at;

	if (!e->xattrs)
		return false;
	set = set_at(seal, le32_to_cpu(e->xattrs) - 1);
	at = it->name ? (const __u8 *)it->value + it->value_len : set.at;
	if (at == set.at + set.size)
		return false;
	it->name = (const char *)at + ATTRIBUTE_HEADER;
	it->name_len = at[0];
	it->value = at + ATTRIBUTE_HEADER + at[0];
	it->value_len = value_len(at);
	return true;
}

/**
 * cryptex_seal_xattr - look an extended attribute of an entry up
 * @seal: a parsed seal
 * @e: one of its entries
 * @name: the attribute's whole name, NUL-terminated
 * @value: set to its value, in the seal
 * @size: set to the value's bytes, at most 65535
 *
 * Return: 0, or -%ENODATA if the entry has no such attribute.
 */
int cryptex_seal_xattr(const struct cryptex_seal *seal,
		       const struct cryptex_seal_entry *e, const char *name,
		       const void **value, size_t *size)
{
	struct cryptex_seal_xattr it = { NULL };

	while (cryptex_seal_xattr_next(seal, e, &it)) {
		if (cx_compare(name, strlen(name), it.name, it.name_len))
			continue;
		*value = it.value;
		*size = it.value_len;
		return 0;
	}
	return -ENODATA;
}
