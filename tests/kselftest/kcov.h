/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which branches of the module have been taken, by the kernel's KCOV.
 *
 * The branches are the places where the compiler has put a call to KCOV; the
 * file that kcov_sites.sh makes of the module lists those that count.
 */
#ifndef _KSFT_KCOV_H
#define _KSFT_KCOV_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct kcov_site - a branch
 * @section: of the module
 * @offset: in the section, of the instruction behind the call to KCOV
 * @function: that it is in
 * @line: of the source, "?" if the module has no debug information
 */
struct kcov_site {
	char section[32];
	unsigned long offset;
	char function[64];
	char line[96];
};

/**
 * struct kcov - a measurement
 * @sites: the branches
 * @count: number of @sites
 * @reached: has each been taken?  Shared with processes that are forked
 */
struct kcov {
	struct kcov_site *sites;
	size_t count;
	bool *reached;
};

/**
 * kcov_read_sites - begin a measurement
 * @k: set
 * @path: of the list of branches
 *
 * Return: NULL, or why nothing can be measured.
 */
const char *kcov_read_sites(struct kcov *k, const char *path);

/**
 * kcov_start - notice what this thread does from now on
 * @k: the measurement
 *
 * To be called after the module was loaded, in each process once.
 */
void kcov_start(struct kcov *k);

/* Takes over what was noticed since the last time. */
void kcov_collect(struct kcov *k);

size_t kcov_count_reached(const struct kcov *k);

#endif /* _KSFT_KCOV_H */
