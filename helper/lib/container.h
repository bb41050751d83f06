/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading a container, NAME-LABEL.cryptex, whose bytes nobody has vouched for.
 *
 *	open            reads the seal into memory, and nothing else
 *	(caller)        verifies and parses the seal: see sealfile.h
 *	next            one object after the other
 *	extract, copy   what it holds of that: the whole, or a delta
 *	close
 *
 * The container says nothing that is believed: which objects to expect, and
 * their sizes, comes from the verified seal.  An object is still to be measured
 * by the caller, be it extracted or made by a delta.
 */
#ifndef _CX_CONTAINER_H
#define _CX_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cryptex/seal.h>

#include "lib/error.h"
#include "lib/file.h"

#define CX_CONTAINER_SEAL	"seal"
#define CX_CONTAINER_MANIFEST	"manifest"	/* in place of it: unsigned */
#define CX_CONTAINER_OBJECT	"objects/"	/* then 64 hex digits, ".zst" */
#define CX_CONTAINER_DELTA	"deltas/"	/* then NEW/OLD, 64 hex digits each */

/* Limits: beyond one of them a container is refused with -EFBIG. */
#define CX_CONTAINER_MAX_OBJECT	(4ULL << 30)	/* packed bytes of one object */
#define CX_CONTAINER_MAX_TOTAL	(64ULL << 30)	/* bytes of the whole file */

struct cx_container;

/**
 * cx_container_open - open a container and read its seal
 * @path: the container
 * @container: set on success; the caller closes it
 * @err: filled on failure; -EBADMSG if this is no container
 */
int cx_container_open(const char *path, struct cx_container **container,
		      struct cx_error *err);

/**
 * cx_container_seal - the seal, as yet unverified
 * @container: an open container
 *
 * Return: the bytes of the first member; they belong to the container.
 */
const struct cx_buf *cx_container_seal(const struct cx_container *container);

/**
 * cx_container_is_signed - does it hold a seal, or a manifest without signature?
 * @container: an open container
 */
bool cx_container_is_signed(const struct cx_container *container);

/**
 * cx_container_next - go to the next object
 * @container: an open container
 * @digest: set to the digest in the object's name
 * @err: filled on failure; -EBADMSG for a foreign, repeated or misplaced
 *	member and for a file that is cut short
 *
 * What is left of the current object is skipped.  Whole ones come first, then
 * deltas; either kind ascends by digest.  That none comes in both ways is for the
 * caller to see.
 *
 * Return: 1; 0 if there is no further object; or a negative errno.
 */
int cx_container_next(struct cx_container *container,
		      uint8_t digest[CRYPTEX_DIGEST_SIZE],
		      struct cx_error *err);

/**
 * cx_container_old - is the current object whole, or a delta?
 * @container: an open container, after cx_container_next() has returned 1
 *
 * Return: NULL if it is whole; else the digest, in the member's name, of the
 * object that the delta is for.
 */
const uint8_t *cx_container_old(const struct cx_container *container);

/**
 * cx_container_extract - decompress the current object, once
 * @container: an open container, after cx_container_next() has returned 1, and
 *	the object is whole
 * @fd: written at its position
 * @size: bytes that the seal says the object has: more is refused before it is
 *	written, fewer at the end
 * @err: filled on failure
 */
int cx_container_extract(struct cx_container *container, int fd, uint64_t size,
			 struct cx_error *err);

/**
 * cx_container_copy - write the current member's bytes as they are, once
 * @container: an open container, after cx_container_next() has returned 1
 * @fd: written at its position
 * @err: filled on failure
 */
int cx_container_copy(struct cx_container *container, int fd,
		      struct cx_error *err);

/**
 * cx_container_packed - the current member's bytes as they are, in pieces
 * @container: an open container, after cx_container_next() has returned 1
 * @data: set to the next piece, valid until the next call on @container
 * @size: set to its size; 0 at the end of the object
 * @err: filled on failure
 */
int cx_container_packed(struct cx_container *container, const void **data,
			size_t *size, struct cx_error *err);

/**
 * cx_container_packed_size - bytes of the current object as it is stored
 * @container: an open container, after cx_container_next() has returned 1
 */
uint64_t cx_container_packed_size(const struct cx_container *container);

/**
 * cx_container_size - bytes of the whole container
 * @container: an open container
 */
uint64_t cx_container_size(const struct cx_container *container);

/**
 * cx_container_close - free a container
 * @container: may be NULL
 */
void cx_container_close(struct cx_container *container);

#endif /* _CX_CONTAINER_H */
