// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A container is a plain ustar archive in which everything that could vary
 * between two builds of the same input is fixed.
 */
#include "pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/container.h"

static int fail(struct pack *pack, struct cx_error *err)
{
	const char *why = archive_error_string(pack->archive);

	return cx_fail(err, -EIO, "%s: cannot be written: %s", pack->path,
		       why ? why : "no reason given");
}

static void hold_signals(struct pack *pack)
{
	sigset_t ending;

	sigemptyset(&ending);
	sigaddset(&ending, SIGINT);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGHUP);
	sigprocmask(SIG_BLOCK, &ending, &pack->signals);
}

static void release_signals(const struct pack *pack)
{
	sigprocmask(SIG_SETMASK, &pack->signals, NULL);
}

int pack_open(struct pack *pack, const char *path, uint64_t time,
	      struct cx_error *err)
{
	int ret;

	*pack = (struct pack){ .path = path, .time = time };
	hold_signals(pack);
	ret = cx_output_open(&pack->out, path, NULL, 0644, err);
	if (ret < 0) {
		release_signals(pack);
		return ret;
	}
	pack->archive = archive_write_new();
	if (!pack->archive ||
	    archive_write_set_format_ustar(pack->archive) != ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(pack->archive, 1) !=
		    ARCHIVE_OK ||
	    archive_write_open_fd(pack->archive, pack->out.fd) != ARCHIVE_OK) {
		ret = cx_fail(err, -ENOMEM, "%s: out of memory", path);
		pack_abort(pack);
	}
	return ret;
}

static int begin_member(struct pack *pack, const char *name, uint64_t size,
			struct cx_error *err)
{
	struct archive_entry *entry = archive_entry_new();
	int ret;

	if (!entry)
		return cx_fail(err, -ENOMEM, "%s: out of memory", pack->path);
	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0444);
	archive_entry_set_size(entry, size);
	archive_entry_set_mtime(entry, pack->time, 0);
	archive_entry_set_uid(entry, 0);
	archive_entry_set_gid(entry, 0);
	ret = archive_write_header(pack->archive, entry) == ARCHIVE_OK ?
		      0 : fail(pack, err);
	archive_entry_free(entry);
	return ret;
}

int pack_seal(struct pack *pack, const char *name, const void *data,
	      size_t size, struct cx_error *err)
{
	int ret = begin_member(pack, name, size, err);

	return ret < 0 ? ret : pack_write(pack, data, size, err);
}

int pack_begin_object(struct pack *pack,
		      const uint8_t digest[CRYPTEX_DIGEST_SIZE], uint64_t size,
		      struct cx_error *err)
{
	char hex[2 * CRYPTEX_DIGEST_SIZE + 1];
	char name[sizeof(CX_CONTAINER_OBJECT) + sizeof(hex) + 4];

	if (size > CX_CONTAINER_MAX_OBJECT)
		return cx_fail(err, -EFBIG,
			       "%s: a packed object has %llu bytes, at most %llu are allowed",
			       pack->path, (unsigned long long)size,
			       CX_CONTAINER_MAX_OBJECT);
	snprintf(name, sizeof(name), "%s%s.zst", CX_CONTAINER_OBJECT,
		 cx_hex(digest, CRYPTEX_DIGEST_SIZE, hex));
	return begin_member(pack, name, size, err);
}

int pack_begin_delta(struct pack *pack,
		     const uint8_t digest[CRYPTEX_DIGEST_SIZE],
		     const uint8_t old[CRYPTEX_DIGEST_SIZE], uint64_t size,
		     struct cx_error *err)
{
	char hex[2 * CRYPTEX_DIGEST_SIZE + 1], old_hex[sizeof(hex)];
	char name[sizeof(CX_CONTAINER_DELTA) + 2 * sizeof(hex)];

	snprintf(name, sizeof(name), "%s%s/%s", CX_CONTAINER_DELTA,
		 cx_hex(digest, CRYPTEX_DIGEST_SIZE, hex),
		 cx_hex(old, CRYPTEX_DIGEST_SIZE, old_hex));
	return begin_member(pack, name, size, err);
}

int pack_write(struct pack *pack, const void *data, size_t size,
	       struct cx_error *err)
{
	const char *next = data;

	while (size) {
		la_ssize_t n = archive_write_data(pack->archive, next, size);

		if (n <= 0)
			return fail(pack, err);
		next += n;
		size -= n;
	}
	return 0;
}

int pack_commit(struct pack *pack, struct cx_error *err)
{
	int ret = 0;

	if (archive_write_close(pack->archive) != ARCHIVE_OK)
		ret = fail(pack, err);
	archive_write_free(pack->archive);
	pack->archive = NULL;
	if (!ret)
		ret = cx_output_commit(&pack->out, err);
	else
		cx_output_abort(&pack->out);
	release_signals(pack);
	return ret;
}

void pack_abort(struct pack *pack)
{
	/* Without this, freeing would write an end to what has none. */
	if (pack->archive)
		archive_write_fail(pack->archive);
	archive_write_free(pack->archive);
	pack->archive = NULL;
	cx_output_abort(&pack->out);
	release_signals(pack);
}
