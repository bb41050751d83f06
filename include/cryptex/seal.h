/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/*
 * The seal: a signed manifest of one generation of a cryptex.
 *
 * One declaration and one parser (kmod/seal.c) serve the module, the helper,
 * the publisher, the unit tests and the fuzzer.  Documentation/seal-format.rst
 * says the same in prose, with the reasons.
 *
 *   byte 0   +-----------------------------------------+ -.
 *            | struct cryptex_seal_header    256 bytes |  |
 *   256      +-----------------------------------------+  |
 *            | struct cryptex_seal_entry               |  |
 *            |   entry_count * 64 bytes                |  | signed:
 *            |   entry 0 is the root directory         |  | signed_size bytes,
 *            +-----------------------------------------+  | the manifest
 *            | strings: names and link targets,        |  |
 *            |   strings_size bytes, no separators     |  |
 *            +-----------------------------------------+  |
 *            | xattrs: sets of extended attributes,    |  |
 *            |   xattrs_size bytes, see below          |  |
 *            +-----------------------------------------+  |
 *            | fixes: JSON text, fixes_size bytes,     |  |
 *            |   not read by the kernel                |  |
 *   signed_  +-----------------------------------------+ -'
 *     size   | PKCS#7 detached signature, DER          |
 *            +-----------------------------------------+
 *            | SHA-256 of all bytes before it          |
 *            +-----------------------------------------+ end of file
 *
 * All numbers are little-endian.  There is exactly one encoding of a tree:
 *
 *  - entries stand in breadth-first order, so the children of a directory are
 *    contiguous, and siblings ascend by name (memcmp, the shorter one first);
 *  - strings stand in the order of the entries, each entry's name followed by
 *    its link target, without gap or overlap;
 *  - sets of attributes ascend, each of them is used, and the attributes of a
 *    set ascend by name (as bytes, the shorter one first);
 *  - whatever is reserved or does not apply to an entry's type is zero.
 *
 * Whoever breaks one of these rules is refused, so a manifest has no room for
 * anything that was not meant.
 *
 * Few sets of attributes serve many entries, so they stand apart, and an entry
 * has a set's number.  The area begins with the ends of all sets, a __le32
 * each, counted from the start of the first set; then come the sets, without
 * gap.  A set is one attribute or more, each of them
 *
 *	u8 name_len; u8 zero; __le16 value_len; name; value
 *
 * A name is security.selinux or begins with "user."; no other is allowed.
 */
#ifndef _CRYPTEX_SEAL_H
#define _CRYPTEX_SEAL_H

#include <cryptex/envelope.h>

#define CRYPTEX_SEAL_MAGIC		"cryptex-seal"	/* 12 bytes, no NUL */
#define CRYPTEX_SEAL_VERSION		1

#define CRYPTEX_DIGEST_SIZE		32	/* SHA-256, everywhere */
#define CRYPTEX_LABEL_SIZE		64	/* name, version; NUL-padded */

/**
 * struct cryptex_seal_header - first 256 bytes of a seal
 * @magic: %CRYPTEX_SEAL_MAGIC
 * @version: %CRYPTEX_SEAL_VERSION
 * @signed_size: bytes from the start of the file that the signature covers
 * @entry_count: number of entries, the root included
 * @strings_size: bytes of the string area
 * @fixes_size: bytes of the fixes; zero in a base
 * @security_epoch: rises with each release that closes a hole; an older one
 *	than the floor in force is not activated
 * @build_time: seconds since 1970 UTC; the mtime of everything in the tree
 * @flags: none is defined yet, so zero
 * @machine: ELF e_machine that the content is for, 0 for any
 * @reserved0: zero
 * @base_digest: SHA-256 of the manifest of the base that this patch is for;
 *	all zero in a base
 * @name: the cryptex: lower-case letters, digits and ``+-.``, starting with a
 *	letter or digit, NUL-padded
 * @label: the generation's version label: letters, digits and ``+-.~_``,
 *	starting with a letter or digit, not a name that the mount's root
 *	has for itself, NUL-padded
 * @xattr_sets: number of sets of extended attributes
 * @xattrs_size: bytes of their area
 * @reserved1: zero
 */
struct cryptex_seal_header {
	__u8	magic[CRYPTEX_SEAL_MAGIC_SIZE];
	__le32	version;
	__le64	signed_size;
	__le32	entry_count;
	__le32	strings_size;
	__le32	fixes_size;
	__le32	security_epoch;
	__le64	build_time;
	__le32	flags;
	__le16	machine;
	__le16	reserved0;
	__u8	base_digest[CRYPTEX_DIGEST_SIZE];
	__u8	name[CRYPTEX_LABEL_SIZE];
	__u8	label[CRYPTEX_LABEL_SIZE];
	__le32	xattr_sets;
	__le32	xattrs_size;
	__u8	reserved1[32];
};

/**
 * struct cryptex_seal_entry - one directory, regular file or symbolic link
 * @name_off: offset of the name in the string area
 * @name_len: bytes of the name; zero for the root only
 * @mode: type and permission bits; no set-id and no sticky bit; links 0777
 * @size: file: bytes of content; link: bytes of the target; directory: number
 *	of children
 * @first: directory: index of the first child; link: offset of the target in
 *	the string area; file: zero
 * @parent: index of the directory that holds this entry; the root's is itself
 * @xattrs: number of its set of extended attributes, the first being 1; 0 for
 *	none; a link's set has no user attributes
 * @reserved: zero
 * @digest: file: fs-verity digest (SHA-256, 4096-byte blocks, no salt); zero
 *	otherwise
 */
struct cryptex_seal_entry {
	__le32	name_off;
	__le16	name_len;
	__le16	mode;
	__le64	size;
	__le32	first;
	__le32	parent;
	__le32	xattrs;
	__le32	reserved;
	__u8	digest[CRYPTEX_DIGEST_SIZE];
};

/* The largest seal there can be, in bytes. */
#define CRYPTEX_SEAL_MAX_SIZE						\
	(sizeof(struct cryptex_seal_header) +				\
	 (size_t)CRYPTEX_SEAL_MAX_ENTRIES *				\
		 sizeof(struct cryptex_seal_entry) +			\
	 CRYPTEX_SEAL_MAX_STRINGS + CRYPTEX_SEAL_MAX_XATTRS +		\
	 CRYPTEX_SEAL_MAX_FIXES + CRYPTEX_SEAL_MAX_SIGNATURE +		\
	 CRYPTEX_CHECKSUM_SIZE)

static_assert(sizeof(struct cryptex_seal_header) == 256, "seal header");
static_assert(sizeof(struct cryptex_seal_entry) == 64, "seal entry");

/**
 * struct cryptex_seal - a view of a seal that lies in the caller's memory
 * @header: start of the buffer
 * @entries: @entry_count entries
 * @strings: the string area; its strings are not NUL-terminated
 * @xattrs: the area of the extended attributes, at any address
 * @fixes: @fixes_size bytes of JSON
 * @signature: @signature_size bytes of DER
 * @checksum: %CRYPTEX_CHECKSUM_SIZE bytes, directly behind the signature; it is
 *	for the caller to compare, who has SHA-256
 * @signed_size: bytes that the signature covers, from @header on
 * @entry_count: number of entries, at least 1
 * @xattr_sets: number of sets of extended attributes
 * @fixes_size: bytes of @fixes
 * @signature_size: bytes of @signature, at least 1
 *
 * A view owns nothing; the buffer must outlive it and must not change.  After
 * cryptex_seal_frame() only @header, @signed_size, @signature, @signature_size
 * and @checksum are set; the rest after cryptex_seal_parse().
 */
struct cryptex_seal {
	const struct cryptex_seal_header *header;
	const struct cryptex_seal_entry *entries;
	const char *strings;
	const __u8 *xattrs;
	const char *fixes;
	const __u8 *signature;
	const __u8 *checksum;
	size_t signed_size;
	size_t signature_size;
	__u32 entry_count;
	__u32 xattr_sets;
	__u32 fixes_size;
};

/**
 * struct cryptex_seal_xattr - one extended attribute of an entry
 * @name: the whole name, with its prefix; not NUL-terminated
 * @name_len: bytes of @name
 * @value: in the seal
 * @value_len: bytes of @value
 */
struct cryptex_seal_xattr {
	const char *name;
	size_t name_len;
	const void *value;
	size_t value_len;
};

int cryptex_seal_frame(const void *buf, size_t size, struct cryptex_seal *seal,
		       struct cryptex_seal_fault *fault);
int cryptex_seal_parse(struct cryptex_seal *seal,
		       struct cryptex_seal_fault *fault);
int cryptex_seal_find(const struct cryptex_seal *seal, __u32 dir,
		      const char *name, size_t len);
int cryptex_seal_xattr(const struct cryptex_seal *seal,
		       const struct cryptex_seal_entry *e, const char *name,
		       const void **value, size_t *size);
bool cryptex_seal_xattr_next(const struct cryptex_seal *seal,
			     const struct cryptex_seal_entry *e,
			     struct cryptex_seal_xattr *it);
bool cryptex_seal_is_base(const struct cryptex_seal *seal);
bool cryptex_label_ok(const char *label);
bool cryptex_name_ok(const char *name);

#endif /* _CRYPTEX_SEAL_H */
