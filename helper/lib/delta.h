/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Deltas: one file made from another and a patch.
 *
 * The format is described in Documentation/patch-format.rst.  Nothing in a
 * patch is trusted: what it makes has to be measured by whoever uses it.  The
 * digests in it tell accidents (another old file, a broken download), not
 * attacks.
 */
#ifndef _CX_DELTA_H
#define _CX_DELTA_H

#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/* Bytes of the check sum that a patch carries of either file. */
#define CX_DELTA_DIGEST_SIZE 4

/* How the new file is made. */
enum cx_delta_method {
	CX_DELTA_BLOCKS,	/* blocks of the old file, corrected; new bytes */
	CX_DELTA_ZSTD,		/* one zstd frame, the old file is its prefix */
};

/* What the bytes of a patch are spent for. */
enum cx_delta_part {
	CX_DELTA_PART_HEADER,	/* size and digests */
	CX_DELTA_PART_BLOCKS,	/* which parts of the old file go where */
	CX_DELTA_PART_PLACES,	/* where a copied byte or reference differs */
	CX_DELTA_PART_REFS,	/* references that were predicted wrongly */
	CX_DELTA_PART_BYTES,	/* bytes that differ inside of copied blocks */
	CX_DELTA_PART_NEW,	/* bytes that are in no block */
	CX_DELTA_PARTS
};

/**
 * struct cx_delta_info - what a patch says of itself
 * @method: how the new file is made
 * @growth: bytes that the new file has more than the old one
 * @old_digest: the old file's check sum
 * @new_digest: the new file's check sum
 * @header_size: bytes of the patch that say the above
 */
struct cx_delta_info {
	enum cx_delta_method method;
	int64_t growth;
	uint8_t old_digest[CX_DELTA_DIGEST_SIZE];
	uint8_t new_digest[CX_DELTA_DIGEST_SIZE];
	size_t header_size;
};

/**
 * cx_delta_info - read a patch's header
 * @patch: the whole patch, or its beginning
 * @size: bytes of it
 * @info: filled on success
 * @err: filled on failure
 *
 * Return: 0, -EBADMSG if that is no patch, -EPROTONOSUPPORT if it is one of a
 * later version.
 */
int cx_delta_info(const void *patch, size_t size, struct cx_delta_info *info,
		  struct cx_error *err);

/**
 * cx_delta_apply - make the new file
 * @patch: the whole patch; not trusted
 * @size: bytes of it
 * @old_fd: the old file, open for reading; its position does not matter
 * @new_fd: an empty file, open for reading and writing; its position stays. A
 *          large one is mapped, so it is on a file system that can do that.
 *          On failure it may hold something, and is to be thrown away.
 * @limit: the new file is refused if it were larger, before anything is done
 * @err: filled on failure
 *
 * The old file is measured before, the new one after it was made.  Uses at most
 * 64 MiB and 1.5 times the size of both files, mapped pages included.
 *
 * Return: 0; -EBADMSG if the patch is broken; -EPROTONOSUPPORT if it is of a
 * later version; -ESTALE if it is for another old file; -EFBIG if the new file
 * were larger than @limit; -ENOMEM; what mmap(2), fallocate(2) and pwrite(2) give.
 */
int cx_delta_apply(const void *patch, size_t size, int old_fd, int new_fd,
		   uint64_t limit, struct cx_error *err);

/**
 * cx_delta_account - what the bytes of a patch are spent for
 * @patch: the whole patch
 * @size: bytes of it
 * @old_fd: the old file
 * @scratch_fd: an empty file for the new one
 * @spent: filled with the bits for each part
 * @err: filled on failure
 *
 * Return: as cx_delta_apply().
 */
int cx_delta_account(const void *patch, size_t size, int old_fd, int scratch_fd,
		     double spent[CX_DELTA_PARTS], struct cx_error *err);

#endif /* _CX_DELTA_H */
