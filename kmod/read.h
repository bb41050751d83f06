/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_READ_H
#define _CX_READ_H

#include <linux/types.h>

struct cx_why;

void *cx_read_path(const char *path, const char *what, size_t max, size_t *size,
		   struct cx_why *why);
void *cx_read_fd(int fd, const char *what, size_t max, size_t *size,
		 struct cx_why *why);

#endif /* _CX_READ_H */
