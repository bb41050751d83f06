/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writing a container. */
#ifndef _PACK_H
#define _PACK_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include <cryptex/seal.h>

#include "lib/error.h"
#include "lib/file.h"

struct archive;

/**
 * struct pack - a container under way
 * @out: the file that it becomes
 * @archive: libarchive's writer
 * @path: of the file
 * @time: mtime of all members
 * @signals: those that were blocked before
 *
 * Opened, given the seal or manifest, then the objects in ascending order, then
 * committed; or aborted, and then nothing is left of it.  In between the
 * signals that end a program wait, so ^C leaves nothing either.
 */
struct pack {
	struct cx_output out;
	struct archive *archive;
	const char *path;
	uint64_t time;
	sigset_t signals;
};

/**
 * pack_open - begin a container
 * @pack: set on success; end it with pack_commit() or pack_abort()
 * @path: the file, replaced by the commit; must outlive @pack
 * @time: mtime of all members, seconds since 1970 UTC
 * @err: filled on failure
 *
 * Return: 0, -ENOMEM, or why the file cannot be made.
 */
int pack_open(struct pack *pack, const char *path, uint64_t time,
	      struct cx_error *err);

/**
 * pack_seal - add the first member
 * @pack: open
 * @name: CX_CONTAINER_SEAL or CX_CONTAINER_MANIFEST
 * @data: its bytes
 * @size: how many
 * @err: filled on failure
 *
 * Return: 0, -EFBIG, or -EIO (it cannot be written).
 */
int pack_seal(struct pack *pack, const char *name, const void *data,
	      size_t size, struct cx_error *err);

/**
 * pack_begin_object - add an object's header; its bytes follow
 * @pack: open
 * @digest: the object's name
 * @size: bytes that will be given to pack_write()
 * @err: filled on failure
 *
 * Return: as pack_seal().
 */
int pack_begin_object(struct pack *pack,
		      const uint8_t digest[CRYPTEX_DIGEST_SIZE], uint64_t size,
		      struct cx_error *err);

/**
 * pack_begin_delta - add a delta's header; its bytes follow
 * @pack: open, all whole objects written
 * @digest: of the object that it makes
 * @old: of the object that it is for
 * @size: bytes that will be given to pack_write()
 * @err: filled on failure
 *
 * Return: as pack_seal().
 */
int pack_begin_delta(struct pack *pack,
		     const uint8_t digest[CRYPTEX_DIGEST_SIZE],
		     const uint8_t old[CRYPTEX_DIGEST_SIZE], uint64_t size,
		     struct cx_error *err);

/**
 * pack_write - add bytes of the current member
 * @pack: open
 * @data: the bytes
 * @size: how many
 * @err: filled on failure
 *
 * Return: 0 or -EIO.
 */
int pack_write(struct pack *pack, const void *data, size_t size,
	       struct cx_error *err);

/**
 * pack_commit - finish the container under its name
 * @pack: open; is ended also on failure
 * @err: filled on failure
 *
 * Return: 0, -EIO, or why the file cannot be synced or get its name.
 */
int pack_commit(struct pack *pack, struct cx_error *err);

/**
 * pack_abort - end a container and leave nothing
 * @pack: open
 */
void pack_abort(struct pack *pack);

#endif /* _PACK_H */
