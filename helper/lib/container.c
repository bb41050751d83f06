// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/container.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/sealfile.h"
#include "lib/zstd.h"

#define READ_SIZE	(64 * 1024)
#define BLOCK		512	/* of tar; two zero ones end an archive */
#define MAX_TAIL	(64 * 1024)	/* tar pads to 10 KiB by itself */
#define HEX_SIZE	(2 * CRYPTEX_DIGEST_SIZE)
/* The longest name is that of a delta. */
#define NAME_SIZE	(sizeof(CX_CONTAINER_DELTA) + 2 * HEX_SIZE + 1)

struct cx_container {
	struct archive *archive;
	int fd;
	char *path;
	uint64_t size;		/* of the file */
	struct cx_buf seal;
	bool is_signed;
	/* The current object. */
	bool has_object;
	uint64_t packed_size;
	uint64_t packed_left;	/* not yet given out */
	struct member {
		bool is_delta;
		uint8_t digest[CRYPTEX_DIGEST_SIZE];
		uint8_t old[CRYPTEX_DIGEST_SIZE];	/* of a delta */
	} member;
	char name[NAME_SIZE];
};

static int fail_archive(struct cx_container *c, struct cx_error *err)
{
	const char *why = archive_error_string(c->archive);

	return cx_fail(err, -EBADMSG, "%s: is no sound container: %s", c->path,
		       why ? why : "no reason given");
}

/* Go to the next member: 1, or 0 at the end. */
static int next_header(struct cx_container *c, struct archive_entry **entry,
		       struct cx_error *err)
{
	int ret = archive_read_next_header(c->archive, entry);

	if (ret == ARCHIVE_EOF)
		return 0;
	if (ret != ARCHIVE_OK)
		return fail_archive(c, err);
	/* Other formats and extensions have ways to say things that `tar tvf`
	 * does not show. */
	if (archive_format(c->archive) != ARCHIVE_FORMAT_TAR_USTAR)
		return cx_fail(err, -EBADMSG,
			       "%s: is no container: a member is %s, not plain ustar",
			       c->path, archive_format_name(c->archive));
	return 1;
}

static int check_member(struct cx_container *c, struct archive_entry *entry,
			const char *name, uint64_t limit, struct cx_error *err)
{
	int64_t size = archive_entry_size(entry);

	if (archive_entry_filetype(entry) != AE_IFREG ||
	    archive_entry_hardlink(entry) ||
	    archive_entry_sparse_count(entry))
		return cx_fail(err, -EBADMSG,
			       "%s: member %s is not a regular file", c->path,
			       name);
	if (size <= 0)
		return cx_fail(err, -EBADMSG, "%s: member %s is empty",
			       c->path, name);
	if ((uint64_t)size > limit)
		return cx_fail(err, -EFBIG,
			       "%s: member %s has %lld bytes, at most %llu are allowed",
			       c->path, name, (long long)size,
			       (unsigned long long)limit);
	if ((uint64_t)size > c->size)
		return cx_fail(err, -EBADMSG,
			       "%s: is cut short: member %s claims more bytes than the file has",
			       c->path, name);
	return 0;
}

static const char *member_name(struct archive_entry *entry)
{
	const char *name = archive_entry_pathname(entry);

	return name ? name : "";
}

static int read_seal_bytes(struct cx_container *c, size_t size,
			   struct cx_error *err)
{
	size_t done = 0;

	c->seal.data = calloc(1, size + 1);
	if (!c->seal.data)
		return cx_fail(err, -ENOMEM, "%s: out of memory", c->path);
	while (done < size) {
		la_ssize_t n = archive_read_data(c->archive,
						 (char *)c->seal.data + done,
						 size - done);

		if (n <= 0)
			return fail_archive(c, err);
		done += n;
	}
	c->seal.size = size;
	return 0;
}

static int read_seal(struct cx_container *c, struct cx_error *err)
{
	struct archive_entry *entry;
	const char *name;
	int ret = next_header(c, &entry, err);

	if (ret < 0)
		return ret;
	if (!ret)
		return cx_fail(err, -EBADMSG, "%s: is an archive without members",
			       c->path);
	name = member_name(entry);
	c->is_signed = !strcmp(name, CX_CONTAINER_SEAL);
	if (!c->is_signed && strcmp(name, CX_CONTAINER_MANIFEST))
		return cx_fail(err, -EBADMSG,
			       "%s: is no container: its first member is \"%s\", not \"seal\"",
			       c->path, name);
	ret = check_member(c, entry, name, CRYPTEX_SEAL_MAX_SIZE, err);
	return ret < 0 ? ret : read_seal_bytes(c, archive_entry_size(entry), err);
}

/* A file that was cut between two members looks complete to libarchive. */
static int check_end_mark(struct cx_container *c, struct cx_error *err)
{
	static const char zeros[2 * BLOCK];
	char mark[2 * BLOCK];
	ssize_t n = -1;

	if (c->size % BLOCK == 0 && c->size >= sizeof(mark))
		n = pread(c->fd, mark, sizeof(mark), c->size - sizeof(mark));
	if (n != sizeof(mark) || memcmp(mark, zeros, sizeof(mark)))
		return cx_fail(err, -EBADMSG,
			       "%s: is cut short: it has no end mark", c->path);
	return 0;
}

/* Between the last member and the end of the file there is nothing but zeros:
 * libarchive stops at the end mark and would not see what somebody has put
 * behind it. */
static int check_tail(struct cx_container *c, struct cx_error *err)
{
	uint64_t at = archive_read_header_position(c->archive);
	uint64_t size = c->size - at;
	char tail[MAX_TAIL + 1] = { 0 };
	ssize_t n;

	if (at > c->size || size > MAX_TAIL)
		return cx_fail(err, -EBADMSG, "%s: bytes follow its end mark",
			       c->path);
	n = pread(c->fd, tail, size, at);
	if (n != (ssize_t)size)
		return cx_fail(err, -EIO, "%s: cannot be read: %s", c->path,
			       n < 0 ? strerror(errno) : "it became shorter");
	/* All bytes are the same as the one before, and the first is zero. */
	if (tail[0] || memcmp(tail, tail + 1, size))
		return cx_fail(err, -EBADMSG, "%s: bytes follow its end mark",
			       c->path);
	return 0;
}

static int start_archive(struct cx_container *c, struct cx_error *err)
{
	c->archive = archive_read_new();
	if (!c->archive)
		return cx_fail(err, -ENOMEM, "%s: out of memory", c->path);
	if (archive_read_support_format_tar(c->archive) != ARCHIVE_OK ||
	    archive_read_open_fd(c->archive, c->fd, READ_SIZE) != ARCHIVE_OK)
		return fail_archive(c, err);
	return 0;
}

static int open_file(struct cx_container *c, struct cx_error *err)
{
	struct stat st;

	c->fd = cx_open_read(c->path, &st, err);
	if (c->fd < 0)
		return c->fd;
	c->size = st.st_size;
	if (!c->size)
		return cx_fail(err, -ENODATA, "%s: is empty", c->path);
	if (c->size > CX_CONTAINER_MAX_TOTAL)
		return cx_fail(err, -EFBIG, "%s: is larger than %llu bytes",
			       c->path, CX_CONTAINER_MAX_TOTAL);
	return 0;
}

int cx_container_open(const char *path, struct cx_container **container,
		      struct cx_error *err)
{
	struct cx_container *c = calloc(1, sizeof(*c));
	int ret = 0;

	if (c)
		c->path = strdup(path);
	if (!c || !c->path) {
		free(c);
		return cx_fail(err, -ENOMEM, "%s: out of memory", path);
	}
	ret = open_file(c, err);
	if (!ret)
		ret = start_archive(c, err);
	if (!ret)
		ret = read_seal(c, err);
	if (!ret)
		ret = check_end_mark(c, err);
	if (ret < 0) {
		cx_container_close(c);
		return ret;
	}
	*container = c;
	return 0;
}

const struct cx_buf *cx_container_seal(const struct cx_container *container)
{
	return &container->seal;
}

bool cx_container_is_signed(const struct cx_container *container)
{
	return container->is_signed;
}

static bool parse_digest(const char *hex, uint8_t digest[CRYPTEX_DIGEST_SIZE])
{
	char text[HEX_SIZE + 1];

	memcpy(text, hex, HEX_SIZE);
	text[HEX_SIZE] = '\0';
	return cx_unhex(text, digest, CRYPTEX_DIGEST_SIZE);
}

static bool starts_with(const char *name, const char *prefix, size_t rest)
{
	size_t len = strlen(prefix);

	return strlen(name) == len + rest && !strncmp(name, prefix, len);
}

/* The one spelling of an object's name, and of a delta's. */
static bool parse_name(const char *name, struct member *member)
{
	const char *slash = strchr(name, '/'), *hex = slash ? slash + 1 : name;

	if (starts_with(name, CX_CONTAINER_OBJECT, HEX_SIZE + 4)) {
		member->is_delta = false;
		return !strcmp(hex + HEX_SIZE, ".zst") &&
		       parse_digest(hex, member->digest);
	}
	member->is_delta = true;
	return starts_with(name, CX_CONTAINER_DELTA, 2 * HEX_SIZE + 1) &&
	       hex[HEX_SIZE] == '/' && parse_digest(hex, member->digest) &&
	       parse_digest(hex + HEX_SIZE + 1, member->old);
}

/* Whole objects, then deltas. */
static int check_order(struct cx_container *c, const char *name,
		       const struct member *next, struct cx_error *err)
{
	const struct member *last = &c->member;
	int diff = *c->name ? last->is_delta - next->is_delta : -1;

	if (!diff)
		diff = memcmp(last->digest, next->digest, CRYPTEX_DIGEST_SIZE);
	if (!diff)
		return cx_fail(err, -EBADMSG, "%s: member %s is there twice",
			       c->path, name);
	if (diff > 0)
		return cx_fail(err, -EBADMSG,
			       "%s: member %s is out of order: objects ascend by digest, deltas come last",
			       c->path, name);
	return 0;
}

int cx_container_next(struct cx_container *container,
		      uint8_t digest[CRYPTEX_DIGEST_SIZE], struct cx_error *err)
{
	struct cx_container *c = container;
	struct archive_entry *entry;
	struct member member = { 0 };
	const char *name;
	int ret = next_header(c, &entry, err);

	c->has_object = false;
	if (ret <= 0)
		return ret < 0 ? ret : check_tail(c, err);
	name = member_name(entry);
	if (!parse_name(name, &member))
		return cx_fail(err, -EBADMSG,
			       "%s: member \"%s\" has no place in a container",
			       c->path, name);
	ret = check_member(c, entry, name, CX_CONTAINER_MAX_OBJECT, err);
	if (!ret)
		ret = check_order(c, name, &member, err);
	if (ret < 0)
		return ret;
	strcpy(c->name, name);
	c->member = member;
	memcpy(digest, member.digest, CRYPTEX_DIGEST_SIZE);
	c->packed_size = c->packed_left = archive_entry_size(entry);
	c->has_object = true;
	return 1;
}

const uint8_t *cx_container_old(const struct cx_container *container)
{
	return container->member.is_delta ? container->member.old : NULL;
}

uint64_t cx_container_size(const struct cx_container *container)
{
	return container->size;
}

uint64_t cx_container_packed_size(const struct cx_container *container)
{
	return container->packed_size;
}

int cx_container_packed(struct cx_container *container, const void **data,
			size_t *size, struct cx_error *err)
{
	struct cx_container *c = container;
	la_int64_t offset;
	int ret;

	*size = 0;
	if (!c->has_object)
		return cx_fail(err, -EINVAL, "%s: there is no current object",
			       c->path);
	if (!c->packed_left)
		return 0;
	ret = archive_read_data_block(c->archive, data, size, &offset);
	if (ret != ARCHIVE_OK || *size > c->packed_left)
		return fail_archive(c, err);
	c->packed_left -= *size;
	return 0;
}

static int next_piece(void *ctx, const void **data, size_t *size,
		      struct cx_error *err)
{
	return cx_container_packed(ctx, data, size, err);
}

int cx_container_extract(struct cx_container *container, int fd, uint64_t size,
			 struct cx_error *err)
{
	int ret;

	if (container->has_object && container->member.is_delta)
		return cx_fail(err, -EINVAL, "%s: %s is a delta, not an object",
			       container->path, container->name);
	ret = cx_zstd_decompress(next_piece, container, fd, size,
				 container->name, err);
	return ret < 0 ? cx_prefix(err, ret, "%s", container->path) : 0;
}

int cx_container_copy(struct cx_container *container, int fd,
		      struct cx_error *err)
{
	const void *data;
	size_t size;
	int ret;

	do {
		ret = cx_container_packed(container, &data, &size, err);
		if (!ret && size)
			ret = cx_write_all(fd, data, size, container->name, err);
	} while (!ret && size);
	return ret < 0 ? cx_prefix(err, ret, "%s", container->path) : 0;
}

void cx_container_close(struct cx_container *container)
{
	if (!container)
		return;
	archive_read_free(container->archive);
	if (container->fd >= 0)
		close(container->fd);
	cx_buf_free(&container->seal);
	free(container->path);
	free(container);
}
