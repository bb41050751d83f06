// SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later
/*
 * The parser of the seal format, for the kernel and for userland alike.
 *
 * cryptex_seal_frame() finds the signature and looks at nothing else;
 * cryptex_seal_parse() is called once the signature has been verified.  Both
 * are linear in the seal, allocate nothing, and touch no byte outside of it.
 */
#include <cryptex/seal.h>

#include "format.h"
#include "seal_xattr.h"

/* Where cryptex_seal_parse() stands in its single walk over the entries. */
struct walk {
	struct cryptex_seal *seal;
	struct cryptex_seal_fault *fault;
	__u32 index;		/* the entry under examination */
	__u32 next_child;	/* first entry that no directory has claimed */
	__u32 next_string;	/* first byte of a string that no entry claimed */
	__u8 used_sets[CRYPTEX_SEAL_MAX_XATTR_SETS / 8];	/* a bit each */
};

static int refuse_entry(const struct walk *w, size_t field, const char *what)
{
	__u64 offset = sizeof(struct cryptex_seal_header) +
		       (__u64)w->index * sizeof(struct cryptex_seal_entry);

	return cx_fault(w->fault, -EBADMSG, offset + field, what);
}

#define REFUSE_FIELD(w, field, what) \
	refuse_entry(w, offsetof(struct cryptex_seal_entry, field), what)
#define REFUSE_HEADER(fault, err, field, what) \
	cx_fault(fault, err, offsetof(struct cryptex_seal_header, field), what)
#define BAD_HEADER(f, field, what)	REFUSE_HEADER(f, -EBADMSG, field, what)

#define LOWER	"0123456789abcdefghijklmnopqrstuvwxyz"
#define UPPER	"ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* A label is a path component, a command line word and part of a file name. */
static bool word_ok(const char *s, const char *first, const char *more)
{
	size_t i, len = strnlen(s, CRYPTEX_LABEL_SIZE);

	if (!len || len == CRYPTEX_LABEL_SIZE || !strchr(first, s[0]))
		return false;
	for (i = 1; i < len; i++)
		if (!strchr(first, s[i]) && !strchr(more, s[i]))
			return false;
	return true;
}

/**
 * cryptex_name_ok - is this a name that a cryptex may have?
 * @name: NUL-terminated, or %CRYPTEX_LABEL_SIZE bytes
 *
 * Return: true if it is.
 */
bool cryptex_name_ok(const char *name)
{
	return word_ok(name, LOWER, "+-.");
}

/**
 * cryptex_label_ok - is this a version label that a generation may have?
 * @label: NUL-terminated, or %CRYPTEX_LABEL_SIZE bytes
 *
 * The links that stand beside the generations in a mount's root are taken.
 *
 * Return: true if it is.
 */
bool cryptex_label_ok(const char *label)
{
	return word_ok(label, UPPER LOWER, "+-.~_") && strcmp(label, "base") &&
	       strcmp(label, "active") && strcmp(label, "current");
}

static const struct cryptex_envelope_format seal_format = {
	.magic = CRYPTEX_SEAL_MAGIC,
	.version = CRYPTEX_SEAL_VERSION,
	.header_size = sizeof(struct cryptex_seal_header),
	.least = sizeof(struct cryptex_seal_header) +
		 sizeof(struct cryptex_seal_entry),
	.alien = "not a seal: wrong magic",
	.unknown = "unknown seal format version",
};

/**
 * cryptex_seal_frame - find what is signed and the signature over it
 * @buf: a whole seal, aligned to 8 bytes
 * @size: bytes at @buf
 * @seal: set on success
 * @fault: set on failure
 *
 * Reads the magic, the version and the size of the signed part: what has to be
 * known before the signature can be verified.
 *
 * Return: 0; -%EBADMSG if this is not a whole seal, -%EPROTONOSUPPORT if it is
 * one of another format version, -%EFBIG if it exceeds a limit.
 */
int cryptex_seal_frame(const void *buf, size_t size, struct cryptex_seal *seal,
		       struct cryptex_seal_fault *fault)
{
	struct cryptex_envelope envelope;
	int err = cryptex_envelope_open(&seal_format, buf, size, &envelope,
					fault);

	memset(seal, 0, sizeof(*seal));
	if (err)
		return err;
	seal->header = buf;
	seal->signature = envelope.signature;
	seal->checksum = envelope.checksum;
	seal->signed_size = envelope.signed_size;
	seal->signature_size = envelope.signature_size;
	return 0;
}

static int check_limits(const struct cryptex_seal_header *h,
			struct cryptex_seal_fault *fault)
{
	if (!h->entry_count)
		return BAD_HEADER(fault, entry_count,
				  "no entries, not even a root");
	if (le32_to_cpu(h->entry_count) > CRYPTEX_SEAL_MAX_ENTRIES)
		return REFUSE_HEADER(fault, -EFBIG, entry_count,
				     "too many entries");
	if (le32_to_cpu(h->strings_size) > CRYPTEX_SEAL_MAX_STRINGS)
		return REFUSE_HEADER(fault, -EFBIG, strings_size,
				     "string area too large");
	if (le32_to_cpu(h->xattr_sets) > CRYPTEX_SEAL_MAX_XATTR_SETS)
		return REFUSE_HEADER(fault, -EFBIG, xattr_sets,
				     "too many sets of attributes");
	if (le32_to_cpu(h->xattrs_size) > CRYPTEX_SEAL_MAX_XATTRS)
		return REFUSE_HEADER(fault, -EFBIG, xattrs_size,
				     "attributes too large");
	if (le32_to_cpu(h->fixes_size) > CRYPTEX_SEAL_MAX_FIXES)
		return REFUSE_HEADER(fault, -EFBIG, fixes_size,
				     "fixes too large");
	return 0;
}

static int check_identity(const struct cryptex_seal_header *h,
			  struct cryptex_seal_fault *fault)
{
	if (h->flags)
		return BAD_HEADER(fault, flags, "unknown flag");
	if (h->reserved0 || !cx_all_zero(h->reserved1, sizeof(h->reserved1)))
		return BAD_HEADER(fault, reserved1,
				  "reserved header bytes are not zero");
	if (le64_to_cpu(h->build_time) >> 63)
		return BAD_HEADER(fault, build_time, "build time out of range");
	if (!cryptex_name_ok((const char *)h->name) || !cx_padding_ok(h->name))
		return BAD_HEADER(fault, name, "malformed cryptex name");
	if (!cryptex_label_ok((const char *)h->label) || !cx_padding_ok(h->label))
		return BAD_HEADER(fault, label, "malformed version label");
	if (h->fixes_size && cx_all_zero(h->base_digest, CRYPTEX_DIGEST_SIZE))
		return BAD_HEADER(fault, fixes_size, "a base lists no fixes");
	return 0;
}

/*
 * The areas must fill the signed part to the byte.  With the limits checked,
 * 64 bits cannot overflow.
 */
static int lay_out(struct cryptex_seal *seal, struct cryptex_seal_fault *fault)
{
	const struct cryptex_seal_header *h = seal->header;
	__u64 entries = sizeof(*h);
	__u64 strings = entries + (__u64)le32_to_cpu(h->entry_count) *
				  sizeof(struct cryptex_seal_entry);
	__u64 xattrs = strings + le32_to_cpu(h->strings_size);
	__u64 fixes = xattrs + le32_to_cpu(h->xattrs_size);

	if (fixes + le32_to_cpu(h->fixes_size) != seal->signed_size)
		return BAD_HEADER(fault, signed_size,
				  "sizes do not add up to the signed part");
	seal->entries = (const void *)((const char *)h + entries);
	seal->strings = (const char *)h + strings;
	seal->xattrs = (const __u8 *)h + xattrs;
	seal->fixes = (const char *)h + fixes;
	seal->entry_count = le32_to_cpu(h->entry_count);
	seal->xattr_sets = le32_to_cpu(h->xattr_sets);
	seal->fixes_size = le32_to_cpu(h->fixes_size);
	return 0;
}

/* A string of an entry must be the next one of the string area. */
static bool claim_string(struct walk *w, __u32 offset, __u64 len)
{
	__u32 end = le32_to_cpu(w->seal->header->strings_size);

	if (offset != w->next_string || len > end - offset)
		return false;
	w->next_string += len;
	return true;
}

static bool text_ok(const char *s, size_t len, bool slash)
{
	for (; len--; s++)
		if ((__u8)*s < 0x20 || *s == 0x7f || (!slash && *s == '/'))
			return false;
	return true;
}

static bool is_dots(const char *s, size_t len)
{
	return (len == 1 || len == 2) && !memcmp(s, "..", len);
}

static int check_name(struct walk *w, const struct cryptex_seal_entry *e)
{
	__u32 len = le16_to_cpu(e->name_len);
	const struct cryptex_seal_entry *prev = e - 1;
	const char *name;

	if (!len || len > CRYPTEX_NAME_MAX)
		return REFUSE_FIELD(w, name_len, "name empty or too long");
	if (!claim_string(w, le32_to_cpu(e->name_off), len))
		return REFUSE_FIELD(w, name_off,
				    "name is not the next string");
	name = w->seal->strings + le32_to_cpu(e->name_off);
	if (!text_ok(name, len, false) || is_dots(name, len))
		return REFUSE_FIELD(w, name_off,
				    "name is no plain path component");
	/* Entry 1 follows the root; from 2 on the one before may be a sibling. */
	if (w->index > 1 && prev->parent == e->parent &&
	    cx_compare(w->seal->strings + le32_to_cpu(prev->name_off),
		       le16_to_cpu(prev->name_len), name, len) >= 0)
		return REFUSE_FIELD(w, name_off,
				    "names of siblings do not ascend");
	return 0;
}

static int check_parent(struct walk *w, const struct cryptex_seal_entry *e)
{
	const struct cryptex_seal_entry *dir;
	__u32 parent = le32_to_cpu(e->parent);
	__u32 first;

	if (w->index >= w->next_child || parent >= w->index)
		return REFUSE_FIELD(w, parent, "entry is in no directory");
	dir = &w->seal->entries[parent];
	first = le32_to_cpu(dir->first);
	if (!S_ISDIR(le16_to_cpu(dir->mode)) || w->index < first ||
	    w->index - first >= le64_to_cpu(dir->size))
		return REFUSE_FIELD(w, parent,
				    "parent does not list this entry");
	return check_name(w, e);
}

static int check_dir(struct walk *w, const struct cryptex_seal_entry *e)
{
	if (le32_to_cpu(e->first) != w->next_child)
		return REFUSE_FIELD(w, first,
				    "children are not the next entries");
	if (le64_to_cpu(e->size) > w->seal->entry_count - w->next_child)
		return REFUSE_FIELD(w, size, "more children than entries");
	w->next_child += le64_to_cpu(e->size);
	return 0;
}

static int check_file(struct walk *w, const struct cryptex_seal_entry *e)
{
	if (le64_to_cpu(e->size) >> 63)
		return REFUSE_FIELD(w, size, "file size out of range");
	if (e->first)
		return REFUSE_FIELD(w, first, "a file's unused field is set");
	if (cx_all_zero(e->digest, sizeof(e->digest)))
		return REFUSE_FIELD(w, digest, "a file has no digest");
	return 0;
}

static int check_link(struct walk *w, const struct cryptex_seal_entry *e)
{
	__u64 len = le64_to_cpu(e->size);

	if (!len || len > CRYPTEX_TARGET_MAX)
		return REFUSE_FIELD(w, size, "link target empty or too long");
	if (!claim_string(w, le32_to_cpu(e->first), len))
		return REFUSE_FIELD(w, first,
				    "link target is not the next string");
	if (!text_ok(w->seal->strings + le32_to_cpu(e->first), len, true))
		return REFUSE_FIELD(w, first,
				    "link target has a control character");
	if (le16_to_cpu(e->mode) != (S_IFLNK | 0777))
		return REFUSE_FIELD(w, mode, "a link's mode is not 0777");
	return 0;
}

static int check_xattrs(struct walk *w, const struct cryptex_seal_entry *e)
{
	__u32 number = le32_to_cpu(e->xattrs);

	if (!number)
		return 0;
	if (number > w->seal->xattr_sets)
		return REFUSE_FIELD(w, xattrs,
				    "a set of attributes that is not there");
	if (S_ISLNK(le16_to_cpu(e->mode)) && !cx_xattr_link_ok(w->seal, e))
		return REFUSE_FIELD(w, xattrs, "a link has user attributes");
	w->used_sets[(number - 1) / 8] |= 1 << (number - 1) % 8;
	return 0;
}

static int check_type(struct walk *w, const struct cryptex_seal_entry *e)
{
	__u16 mode = le16_to_cpu(e->mode);
	int err = check_xattrs(w, e);

	if (err)
		return err;
	if (mode & (S_ISUID | S_ISGID | S_ISVTX))
		return REFUSE_FIELD(w, mode, "set-id or sticky bit");
	if (e->reserved)
		return REFUSE_FIELD(w, reserved,
				    "reserved entry bytes are not zero");
	if (S_ISREG(mode))
		return check_file(w, e);
	if (!cx_all_zero(e->digest, sizeof(e->digest)))
		return REFUSE_FIELD(w, digest, "a digest on a non-file");
	if (S_ISDIR(mode))
		return check_dir(w, e);
	if (S_ISLNK(mode))
		return check_link(w, e);
	return REFUSE_FIELD(w, mode, "neither directory, file nor link");
}

static int check_root(struct walk *w, const struct cryptex_seal_entry *e)
{
	if (!S_ISDIR(le16_to_cpu(e->mode)))
		return REFUSE_FIELD(w, mode, "the root is no directory");
	if (e->parent || e->name_len || e->name_off)
		return REFUSE_FIELD(w, name_off, "the root has a name");
	return check_type(w, e);
}

static int check_entries(struct walk *w)
{
	int err = check_root(w, w->seal->entries);

	for (w->index = 1; !err && w->index < w->seal->entry_count; w->index++) {
		const struct cryptex_seal_entry *e = &w->seal->entries[w->index];

		err = check_parent(w, e);
		if (!err)
			err = check_type(w, e);
	}
	return err;
}

/* Nothing may be there that no entry uses. */
static int check_rest(const struct walk *w)
{
	__u32 i;

	if (w->next_string != le32_to_cpu(w->seal->header->strings_size))
		return BAD_HEADER(w->fault, strings_size,
				  "strings that no entry uses");
	for (i = 0; i < w->seal->xattr_sets; i++)
		if (!(w->used_sets[i / 8] & 1 << i % 8))
			return BAD_HEADER(w->fault, xattr_sets,
					  "attributes that no entry uses");
	return 0;
}

/**
 * cryptex_seal_parse - check a manifest and make it usable
 * @seal: framed by cryptex_seal_frame(), its signature verified by the caller
 * @fault: set on failure
 *
 * After success every index, offset and length in the entries is within
 * bounds, the tree is a tree, and names and links are plain text.
 *
 * Return: 0; -%EBADMSG if the manifest breaks a rule of the format, -%EFBIG if
 * it exceeds a limit.
 */
int cryptex_seal_parse(struct cryptex_seal *seal,
		       struct cryptex_seal_fault *fault)
{
	struct walk w = { .seal = seal, .fault = fault, .next_child = 1 };
	int err = check_limits(seal->header, fault);

	if (!err)
		err = check_identity(seal->header, fault);
	if (!err)
		err = lay_out(seal, fault);
	if (!err)
		err = cx_xattr_check(seal, fault);
	if (!err)
		err = check_entries(&w);
	return err ? err : check_rest(&w);
}

/**
 * cryptex_seal_find - look a name up in a directory of the manifest
 * @seal: a parsed seal
 * @dir: index of a directory's entry
 * @name: the name, not necessarily NUL-terminated
 * @len: bytes of @name
 *
 * Return: the entry's index, or -%ENOENT.
 */
int cryptex_seal_find(const struct cryptex_seal *seal, __u32 dir,
		      const char *name, size_t len)
{
	const struct cryptex_seal_entry *d = &seal->entries[dir];
	__u32 low = le32_to_cpu(d->first);
	__u32 high = low + le64_to_cpu(d->size);

	while (low < high) {
		__u32 mid = low + (high - low) / 2;
		const struct cryptex_seal_entry *e = &seal->entries[mid];
		int diff = cx_compare(name, len,
				   seal->strings + le32_to_cpu(e->name_off),
				   le16_to_cpu(e->name_len));

		if (!diff)
			return mid;
		if (diff < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return -ENOENT;
}

/**
 * cryptex_seal_is_base - does this seal describe a base, not a patch?
 * @seal: a parsed seal
 *
 * Return: true for a base.
 */
bool cryptex_seal_is_base(const struct cryptex_seal *seal)
{
	return cx_all_zero(seal->header->base_digest, CRYPTEX_DIGEST_SIZE);
}
