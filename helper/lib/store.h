/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The store: the folder that holds objects, seals, certificates and the state.
 * Documentation/store.rst describes its layout.
 */
#ifndef _CX_STORE_H
#define _CX_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cryptex/seal.h>

#include "lib/cms.h"
#include "lib/error.h"
#include "lib/file.h"
#include "lib/listfile.h"
#include "lib/sealfile.h"

#define CX_STORE_DEFAULT	"/var/lib/cryptex"
#define CX_RECEIPT_SUFFIX	".fetched"	/* beside a seal, see receipt.h */

/**
 * struct cx_store - an open store
 * @fd: its folder
 * @path: its absolute path without symbolic links, on the heap
 * @tmp: path of its folder for temporary files, on the heap
 */
struct cx_store {
	int fd;
	char *path;
	char *tmp;
};

/**
 * struct cx_item - a generation by name
 * @name: the cryptex
 * @label: the generation's version label
 */
struct cx_item {
	char name[CRYPTEX_LABEL_SIZE];
	char label[CRYPTEX_LABEL_SIZE];
};

/**
 * struct cx_items - a list of generations by name
 * @list: @count of them, sorted by name and label, on the heap
 * @count: how many
 */
struct cx_items {
	struct cx_item *list;
	size_t count;
};

/**
 * cx_store_create - make the folders of a store that are not there yet
 * @path: the store; its parent must exist
 * @err: filled on failure
 */
int cx_store_create(const char *path, struct cx_error *err);

/**
 * cx_store_uncreate - take away a store that was created and never used
 * @path: the store; a folder that is not empty stays
 */
void cx_store_uncreate(const char *path);

/**
 * cx_store_open - open a store
 * @store: set on success; the caller closes it
 * @path: the store
 * @err: filled on failure; -ENOENT: no store; -EPERM: not for this user;
 *	-ENOTDIR, or -EACCES for a folder that others can change
 */
int cx_store_open(struct cx_store *store, const char *path,
		  struct cx_error *err);

/**
 * cx_store_close - close a store
 * @store: may be closed already
 */
void cx_store_close(struct cx_store *store);

/**
 * cx_store_lock - wait for the right to change a store
 * @store: an open store
 * @say: told once if it takes longer than a second; may be NULL
 * @err: filled on failure; -EAGAIN after 30 seconds
 *
 * Return: a descriptor whose closing ends the right, or a negative errno.
 */
int cx_store_lock(const struct cx_store *store, void (*say)(const char *text),
		  struct cx_error *err);

/**
 * cx_store_probe - can this store hold objects?
 * @store: an open store
 * @err: filled on failure; -EOPNOTSUPP names file system, device and remedy
 *
 * Tries fs-verity on a temporary file.
 */
int cx_store_probe(const struct cx_store *store, struct cx_error *err);

/**
 * cx_store_empty_tmp - remove what an interrupted command left
 * @store: an open store, locked
 * @err: filled on failure
 */
int cx_store_empty_tmp(const struct cx_store *store, struct cx_error *err);

/**
 * cx_store_object_path - where an object lies
 * @store: an open store
 * @digest: its fs-verity digest
 *
 * Return: the path, to be freed by the caller; NULL when out of memory.
 */
char *cx_store_object_path(const struct cx_store *store,
			   const uint8_t digest[CRYPTEX_DIGEST_SIZE]);

/**
 * cx_store_open_object - open an object after measuring it
 * @store: an open store
 * @object: its digest and size
 * @err: filled on failure; -ENOENT: it is not there; -EBADMSG: it is there and
 *	is not what its name says
 *
 * Does not read the content: bad blocks show only then, as EIO.
 *
 * Return: a descriptor for reading, or a negative errno.
 */
int cx_store_open_object(const struct cx_store *store,
			 const struct cx_object *object, struct cx_error *err);

/**
 * cx_store_open_digest - the same, where the size is not known
 * @store: an open store
 * @digest: the object's; fs-verity measures the size with the content
 * @err: filled on failure, as above
 *
 * Return: a descriptor for reading, or a negative errno.
 */
int cx_store_open_digest(const struct cx_store *store,
			 const uint8_t digest[CRYPTEX_DIGEST_SIZE],
			 struct cx_error *err);

/**
 * typedef cx_object_source - writes an object's content
 * @ctx: as given to cx_store_put_object()
 * @fd: where to
 * @size: bytes that the content must have
 * @err: filled on failure
 *
 * Return: 0 or a negative errno.
 */
typedef int (*cx_object_source)(void *ctx, int fd, uint64_t size,
				struct cx_error *err);

/**
 * cx_store_put_object - write an object, crash-safely
 * @store: an open store, locked
 * @object: digest and size that the content must have
 * @source: writes the content, which is not trusted
 * @ctx: for @source
 * @err: filled on failure, and then nothing is left; -EBADMSG: the content has
 *	another digest
 *
 * An object of that name is replaced.
 */
int cx_store_put_object(const struct cx_store *store,
			const struct cx_object *object, cx_object_source source,
			void *ctx, struct cx_error *err);

/**
 * cx_store_sync_objects - make sure that a power cut does not take objects away
 * @store: an open store
 * @objects: sorted by digest, all of them there; perhaps from a program that did not
 *	live to sync their folders
 * @count: how many
 * @err: filled on failure
 *
 * Return: 0 or a negative errno.
 */
int cx_store_sync_objects(const struct cx_store *store,
			  const struct cx_object *objects, size_t count,
			  struct cx_error *err);

/**
 * typedef cx_object_visitor - called for each object
 * @ctx: as given to cx_store_each_object()
 * @object: its name and the bytes of the file; not measured
 * @err: filled on failure
 *
 * Return: 0, or a negative errno, which ends the walk.
 */
typedef int (*cx_object_visitor)(void *ctx, const struct cx_object *object,
				 struct cx_error *err);

/**
 * cx_store_each_object - go through the objects, in no order
 * @store: an open store
 * @visit: called for each; may remove it
 * @ctx: for @visit
 * @err: filled on failure
 */
int cx_store_each_object(const struct cx_store *store, cx_object_visitor visit,
			 void *ctx, struct cx_error *err);

/**
 * cx_store_remove_object - take an object away
 * @store: an open store, locked
 * @digest: its name
 * @err: filled on failure; that it is not there is none
 *
 * Not durable: after a power cut it may be there again, and does no harm.
 */
int cx_store_remove_object(const struct cx_store *store,
			   const uint8_t digest[CRYPTEX_DIGEST_SIZE],
			   struct cx_error *err);

/**
 * cx_store_seal_path - where a seal lies
 * @store: an open store
 * @item: its generation
 *
 * Return: the path, to be freed by the caller; NULL when out of memory.
 */
char *cx_store_seal_path(const struct cx_store *store,
			 const struct cx_item *item);

/**
 * cx_store_put_seal - write a seal, crash-safely
 * @store: an open store, locked
 * @seal: the seal
 * @trust: what vouches for a seal that is there; a damaged one is replaced
 * @err: filled on failure; -EEXIST: another seal has this name and label
 *
 * Return: 1 if it was added, 0 if it was there already, or a negative errno.
 */
int cx_store_put_seal(const struct cx_store *store, const struct cx_seal *seal,
		      const struct cx_trust *trust, struct cx_error *err);

/**
 * cx_store_remove_seal - take a seal and its receipt away, durably
 * @store: an open store, locked
 * @item: its generation
 * @err: filled on failure
 *
 * Return: 0 (also if there is none) or a negative errno.
 */
int cx_store_remove_seal(const struct cx_store *store,
			 const struct cx_item *item, struct cx_error *err);

/**
 * cx_store_load_seal - load a seal
 * @store: an open store
 * @item: its generation
 * @trust: see cx_seal_load()
 * @seal: set on success; the caller frees it
 * @err: filled on failure; -EBADMSG also if it is the seal of another generation
 */
int cx_store_load_seal(const struct cx_store *store, const struct cx_item *item,
		       const struct cx_trust *trust, struct cx_seal *seal,
		       struct cx_error *err);

/**
 * cx_store_seals - list the seals
 * @store: an open store
 * @name: only those of this cryptex; NULL for all
 * @items: set on success; the caller frees it with cx_items_free()
 * @err: filled on failure
 */
int cx_store_seals(const struct cx_store *store, const char *name,
		   struct cx_items *items, struct cx_error *err);

/**
 * cx_items_add - append a generation
 * @items: grows
 * @name: the cryptex
 * @label: the version label
 * @err: filled on failure
 */
int cx_items_add(struct cx_items *items, const char *name, const char *label,
		 struct cx_error *err);

/**
 * cx_items_free - free a list and empty it
 * @items: may be empty
 */
void cx_items_free(struct cx_items *items);

/**
 * cx_seal_item - the generation of a seal
 * @seal: parsed
 */
struct cx_item cx_seal_item(const struct cx_seal *seal);

/**
 * cx_item_parse - read NAME@LABEL
 * @text: to be read
 * @item: set on success
 * @err: filled on failure
 */
int cx_item_parse(const char *text, struct cx_item *item, struct cx_error *err);

/**
 * cx_store_each_cert - go through the trusted certificates one by one
 * @store: an open store
 * @visit: called for the file of each, which may be damaged
 * @ctx: for @visit
 * @err: filled on failure
 *
 * Return: 0, or a negative errno where it is not known which there are.
 */
int cx_store_each_cert(const struct cx_store *store,
		       void (*visit)(void *ctx, const char *path), void *ctx,
		       struct cx_error *err);

/**
 * cx_store_put_cert - store a certificate as DER, crash-safely
 * @store: an open store, locked
 * @der: the certificate
 * @err: filled on failure
 *
 * Return: 1 if it was added, 0 if it was there already, or a negative errno.
 */
int cx_store_put_cert(const struct cx_store *store, const struct cx_buf *der,
		      struct cx_error *err);

/**
 * cx_store_list_path - where a revocation list lies
 * @store: an open store
 * @number: of the list
 *
 * Return: the path, to be freed by the caller; NULL when out of memory.
 */
char *cx_store_list_path(const struct cx_store *store, uint64_t number);

/**
 * cx_store_put_list - write a revocation list, crash-safely
 * @store: an open store, locked
 * @list: the list
 * @err: filled on failure; -EEXIST: another list has this number
 *
 * Return: 1 if it was added, 0 if it was there already, or a negative errno.
 */
int cx_store_put_list(const struct cx_store *store, const struct cx_list *list,
		      struct cx_error *err);

/**
 * cx_store_remove_list - take a revocation list away, durably
 * @store: an open store, locked
 * @number: of the list
 * @err: filled on failure
 *
 * Return: 0 (also if there is none) or a negative errno.
 */
int cx_store_remove_list(const struct cx_store *store, uint64_t number,
			 struct cx_error *err);

/**
 * cx_store_lists - list the revocation lists
 * @store: an open store
 * @numbers: set to their numbers, ascending; the caller frees it with free()
 * @count: set to how many
 * @err: filled on failure
 */
int cx_store_lists(const struct cx_store *store, uint64_t **numbers,
		   size_t *count, struct cx_error *err);

#endif /* _CX_STORE_H */
