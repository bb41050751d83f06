/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What addresses stand for by name: symbols, and the words that the dynamic
 * linker fills in for them.  Names are the same in both files from the start,
 * before anything has been matched.
 */
#ifndef _CX_DELTA_NAMES_H
#define _CX_DELTA_NAMES_H

#include "lib/delta/image.h"

/**
 * struct cx_name - an address, and a hash of what it stands for
 */
struct cx_name {
	uint64_t addr;
	uint64_t hash;
	bool relocated;
};

/**
 * struct cx_names - all such addresses of a file
 * @list: ascending by address
 * @count: how many
 * @room: how many fit
 */
struct cx_names {
	struct cx_name *list;
	size_t count;
	size_t room;
};

/**
 * cx_names_find - find them
 * @names: filled; freed by cx_names_free()
 * @image: the file
 *
 * Return: 0 or -ENOMEM.
 */
int cx_names_find(struct cx_names *names, const struct cx_image *image);

/* cx_names_free - also of one that was only zeroed */
void cx_names_free(struct cx_names *names);

/* cx_names_of - the hash of what an address stands for, 0 if it has no name */
uint64_t cx_names_of(const struct cx_names *names, uint64_t addr);

/* cx_names_hash - the hash of a text, from @at to a zero or to @end; never 0 */
uint64_t cx_names_hash(const struct cx_image *image, uint64_t at, uint64_t end);

#endif /* _CX_DELTA_NAMES_H */
