/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One unnamed temporary file for everything that is read.
 *
 * Every input is copied once, and what is measured, examined and packed is the
 * copy: an input that changes meanwhile cannot make a container whose objects
 * are not what the manifest says.
 */
#ifndef _SPOOL_H
#define _SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/**
 * struct spool - an append-only temporary file
 * @fd: its position is its end
 * @end: bytes in it
 */
struct spool {
	int fd;
	uint64_t end;
};

/**
 * struct blob - a content in the spool
 * @offset: of its first byte, a multiple of the page size
 * @size: its bytes
 */
struct blob {
	uint64_t offset;
	uint64_t size;
};

/**
 * spool_open - make an empty spool in $TMPDIR or /tmp
 * @spool: set on success
 * @err: filled on failure
 *
 * Return: 0, or why there can be no file.
 */
int spool_open(struct spool *spool, struct cx_error *err);

/**
 * spool_close - end a spool and free its disk space
 * @spool: open
 */
void spool_close(struct spool *spool);

/**
 * spool_begin - start a blob; its bytes are then appended
 * @spool: open
 * @blob: its offset is set
 * @err: filled on failure
 *
 * Return: 0, or why it has no end.
 */
int spool_begin(struct spool *spool, struct blob *blob, struct cx_error *err);

/**
 * spool_append - append to the blob that was started last
 * @spool: open
 * @data: the bytes
 * @size: how many
 * @err: filled on failure
 *
 * Return: 0, or what writing gave.
 */
int spool_append(struct spool *spool, const void *data, size_t size,
		 struct cx_error *err);

/**
 * spool_finish - end a blob
 * @spool: open
 * @blob: its size is set to all that was written, also by others through @fd
 */
void spool_finish(struct spool *spool, struct blob *blob);

/**
 * spool_copy - a whole open file as a blob
 * @spool: open
 * @fd: read from its position to its end
 * @name: of the file, for the error
 * @blob: set on success
 * @err: filled on failure
 *
 * Return: 0, or what reading and writing gave.
 */
int spool_copy(struct spool *spool, int fd, const char *name, struct blob *blob,
	       struct cx_error *err);

/**
 * spool_file - a blob as a file of its own
 * @spool: open
 * @blob: complete
 * @err: filled on failure
 *
 * Return: a descriptor of a file without a name, to be closed by the caller; or
 * a negative errno.
 */
int spool_file(const struct spool *spool, const struct blob *blob,
	       struct cx_error *err);

/**
 * spool_map - a blob in memory
 * @spool: open
 * @blob: not empty
 *
 * Return: its bytes, until spool_unmap(); or NULL.
 */
void *spool_map(const struct spool *spool, const struct blob *blob);

/**
 * spool_unmap - end spool_map()
 * @data: from spool_map(), may be NULL
 * @blob: the same
 */
void spool_unmap(void *data, const struct blob *blob);

#endif /* _SPOOL_H */
