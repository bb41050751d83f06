/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_REVOKE_H
#define _CX_REVOKE_H

#include <linux/types.h>

struct cx_generation;
struct cx_why;
struct file;

/**
 * struct cx_revoked - what came of a revocation list
 * @number: of the newest list in force
 * @epoch: in force after it
 */
struct cx_revoked {
	u64 number;
	u64 epoch;
};

int cx_revoke_fd(int fd, struct cx_revoked *result, struct cx_why *why);
u64 cx_revoke_number(void);
u32 cx_revoke_floor(const char *name);
int cx_revoke_check(const struct cx_generation *gen, struct cx_why *why);
int cx_revoke_check_floor(const struct cx_generation *gen, struct cx_why *why);
bool cx_revoke_has_certificate(const void *der, size_t size);
void cx_revoke_exit(void);

#endif /* _CX_REVOKE_H */
