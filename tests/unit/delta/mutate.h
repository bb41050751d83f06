/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes to files, such as a linker makes and such as nobody makes. */
#ifndef _MUTATE_H
#define _MUTATE_H

#include "../../random.h"
#include "trip.h"

/* What a mutation may not exceed, in bytes */
#define MUTATE_MAX	(192u << 10)

/**
 * mutate - change a file in one way
 * @b: the file; is replaced
 * @r: decides which way, and where
 *
 * Return: the name of what was done.
 */
const char *mutate(struct bytes *b, struct random *r);

#endif /* _MUTATE_H */
