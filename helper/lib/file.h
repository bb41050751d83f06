/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files read whole and written whole, and digests as text. */
#ifndef _CX_FILE_H
#define _CX_FILE_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "lib/error.h"

/**
 * struct cx_buf - bytes on the heap
 * @data: from malloc(), so aligned for every type; one zero byte follows that
 *	@size does not count
 * @size: bytes at @data
 */
struct cx_buf {
	void *data;
	size_t size;
};

/**
 * cx_buf_free - free what a buffer holds and empty it
 * @buf: may be empty
 */
void cx_buf_free(struct cx_buf *buf);

/**
 * cx_open_read - open a regular file for reading
 * @path: the file; a symbolic link is followed
 * @st: set to the file's status; may be NULL
 * @err: filled on failure: missing, not readable, a folder, a device, ...
 *
 * Return: a descriptor (close-on-exec), or a negative errno.
 */
int cx_open_read(const char *path, struct stat *st, struct cx_error *err);

/**
 * cx_read_file - read a whole regular file
 * @path: the file
 * @limit: a larger file is refused with -EFBIG, in bytes
 * @buf: set on success; the caller frees it with cx_buf_free()
 * @err: filled on failure, with the path; an empty file is -ENODATA
 */
int cx_read_file(const char *path, size_t limit, struct cx_buf *buf,
		 struct cx_error *err);

/**
 * cx_read_fd - read the start of a file that somebody may change meanwhile
 * @fd: the file; where it stands does not matter, and stays
 * @size: bytes to read
 * @name: of the file, for the error
 * @buf: set on success; the caller frees it with cx_buf_free()
 * @err: filled on failure; -EBADMSG: it is shorter
 *
 * It is read once: what is judged is what is used.
 */
int cx_read_fd(int fd, size_t size, const char *name, struct cx_buf *buf,
	       struct cx_error *err);

/**
 * cx_write_all - write to a descriptor until nothing is left
 * @fd: where to
 * @data: what
 * @size: bytes of @data
 * @name: of the file, for the error
 * @err: filled on failure
 */
int cx_write_all(int fd, const void *data, size_t size, const char *name,
		 struct cx_error *err);

/**
 * struct cx_output - a file that appears whole or not at all
 * @fd: write here between open and commit
 *
 * The other fields belong to the functions below.
 */
struct cx_output {
	int fd;
	int dirfd;
	int tmp_dirfd;
	char *path;
	char *name;
	char *temp;
};

/**
 * cx_output_open - begin a file
 * @out: set on success; end it with cx_output_commit() or cx_output_abort()
 * @path: the file, which may exist and then is replaced by the commit; opened
 *	relative to the working directory
 * @tmp_dir: a folder of the same file system for the unfinished file, or NULL
 *	for the folder of @path
 * @mode: permissions, exactly (the umask does not count)
 * @err: filled on failure
 */
int cx_output_open(struct cx_output *out, const char *path,
		   const char *tmp_dir, mode_t mode, struct cx_error *err);

/**
 * cx_output_commit - make the file durable under its name
 * @out: from cx_output_open(); is ended also on failure
 * @err: filled on failure; then the name is as it was before
 *
 * Syncs the file, renames it and syncs the folder, so a power cut leaves the
 * old content or the new one.  A file system that cannot exchange two names
 * keeps the new content, if it is the folder that cannot be synced.
 */
int cx_output_commit(struct cx_output *out, struct cx_error *err);

/**
 * cx_output_abort - end an output and leave nothing
 * @out: from cx_output_open(); once committed or aborted, nothing happens
 */
void cx_output_abort(struct cx_output *out);

/**
 * cx_sync_name - make sure that a power cut does not change whether a name is there
 * @path: of a file that is there, perhaps from a program that did not live to
 *	sync its folder, or of one that was just removed
 * @err: filled on failure
 */
int cx_sync_name(const char *path, struct cx_error *err);

/**
 * cx_next_entry - read on in a folder
 * @dir: the folder
 * @path: of it, for the error
 * @entry: set to what comes next, other than "." and ".."
 * @err: filled on failure
 *
 * Return: 1, 0 at the end, or a negative errno: a folder that cannot be read to
 * its end must not pass for one with less in it.
 */
int cx_next_entry(DIR *dir, const char *path, struct dirent **entry,
		  struct cx_error *err);

/**
 * cx_write_file - write a whole file, crash-safely
 * @path: see cx_output_open()
 * @tmp_dir: see cx_output_open()
 * @data: the content
 * @size: bytes of @data
 * @mode: permissions
 * @err: filled on failure
 */
int cx_write_file(const char *path, const char *tmp_dir, const void *data,
		  size_t size, mode_t mode, struct cx_error *err);

/**
 * cx_hex - bytes as lower-case hex digits
 * @data: the bytes
 * @size: how many
 * @hex: 2 * @size + 1 characters, NUL-terminated
 *
 * Return: @hex.
 */
char *cx_hex(const void *data, size_t size, char *hex);

/**
 * cx_unhex - hex digits as bytes
 * @hex: exactly 2 * @size lower-case digits, then NUL
 * @data: set on success
 * @size: bytes of @data
 *
 * Return: whether @hex was that.
 */
bool cx_unhex(const char *hex, void *data, size_t size);

#endif /* _CX_FILE_H */
