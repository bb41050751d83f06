/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whole files in memory, by mmap(2). */
#ifndef _CX_DELTA_MAPPED_H
#define _CX_DELTA_MAPPED_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"

/**
 * struct cx_mapped - a file
 * @data: its content; of an empty file something without any byte
 * @size: bytes
 * @apart: it is in memory only, until it is saved
 */
struct cx_mapped {
	uint8_t *data;
	uint64_t size;
	bool apart;
};

/* A file system takes longer for each page of a mapping than for a write(); what is
 * larger shall not be memory that the kernel cannot take back. */
#define CX_MAPPED_APART	(16u << 20)

/**
 * cx_mapped_read - map a file to read it; what is written stays in memory
 * @m: filled; given back by cx_mapped_free()
 * @fd: the file, which nobody may make shorter while it is mapped
 * @name: for the error
 * @err: filled on failure
 *
 * Return: 0, -EINVAL if that is no regular file, or what mmap(2) gives.
 */
int cx_mapped_read(struct cx_mapped *m, int fd, const char *name, struct cx_error *err);

/**
 * cx_mapped_write - memory for the content of a new file
 * @m: as above
 * @fd: an empty file, open for reading and writing
 * @size: bytes it gets
 * @name: for the error
 * @err: filled on failure
 *
 * A large file gets its size and its room, and is mapped.
 *
 * Return: 0, -ENOTEMPTY, or what fallocate(2) and mmap(2) give.
 */
int cx_mapped_write(struct cx_mapped *m, int fd, uint64_t size, const char *name,
		    struct cx_error *err);

/**
 * cx_mapped_save - put the content into the file, if it is not there yet
 * @m: from cx_mapped_write()
 * @fd: the same file
 * @name: for the error
 * @err: filled on failure
 *
 * Return: 0, or what pwrite(2) gives.
 */
int cx_mapped_save(const struct cx_mapped *m, int fd, const char *name, struct cx_error *err);

/* cx_mapped_free - also of one that was only zeroed */
void cx_mapped_free(struct cx_mapped *m);

#endif /* _CX_DELTA_MAPPED_H */
