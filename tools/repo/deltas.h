/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Deltas between generations, in either direction. */
#ifndef _REPO_DELTAS_H
#define _REPO_DELTAS_H

#include "lineage.h"

/**
 * deltas_make - put the deltas that lead to a generation under way
 * @lineage: has both
 * @to: the generation; its index grows
 * @from: the generation that machines have
 * @base: the base of @to, which they have as well; @to itself if it is the base
 * @err: filled on failure
 *
 * Made is one for each object that neither @from nor @base has, where it is smaller
 * than the object whole.
 *
 * Return: 0, -ENOMEM, or what reading and writing gave.
 */
int deltas_make(struct lineage *lineage, struct member *to,
		const struct member *from, const struct member *base,
		struct cx_error *err);

/**
 * delta_apply - does a delta make what it should?
 * @spool: has the old content
 * @fd: of the delta, open for reading
 * @size: its bytes
 * @old: the old content
 * @object: what it must make
 * @name: of the delta, for the error
 * @err: filled on failure
 *
 * Return: 0, -EBADMSG, or another negative errno.
 */
int delta_apply(const struct spool *spool, int fd, size_t size,
		const struct blob *old, const struct cx_object *object,
		const char *name, struct cx_error *err);

#endif /* _REPO_DELTAS_H */
