/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef _KSFT_OBJECTS_H
#define _KSFT_OBJECTS_H

#include <stddef.h>
#include <stdint.h>

#define OBJECT_DIGEST 32
#define OBJECT_PATH 512

/**
 * object_put - put content into a store, with fs-verity
 * @store: the store's folder
 * @data: the content
 * @size: bytes at @data
 * @digest: set to what the kernel measures of the object
 */
void object_put(const char *store, const void *data, size_t size,
		uint8_t *digest);

/**
 * object_put_file - put a file's content into a store
 * @store: the store's folder
 * @path: of the file
 * @digest: as in object_put()
 *
 * Return: bytes of content.
 */
size_t object_put_file(const char *store, const char *path, uint8_t *digest);

/**
 * object_path - where an object lies
 * @store: the store's folder
 * @digest: the object's
 * @path: set, %OBJECT_PATH bytes
 */
void object_path(const char *store, const uint8_t *digest, char *path);

/**
 * file_read - a whole file's content
 * @path: of the file
 * @size: set to its bytes
 *
 * Return: the caller frees it; NULL with errno set.
 */
void *file_read(const char *path, size_t *size);

/**
 * file_write - make a file
 * @path: of the file, replaced if it is there
 * @data: the content
 * @size: bytes at @data
 */
void file_write(const char *path, const void *data, size_t size);

#endif /* _KSFT_OBJECTS_H */
