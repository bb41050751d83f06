/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_TRUST_H
#define _CX_TRUST_H

#include <linux/types.h>

struct cryptex_seal;
struct cx_why;

int cx_trust_init(void);
void cx_trust_exit(void);
int cx_trust_add(const void *der, size_t size, struct cx_why *why);
int cx_trust_verify(const struct cryptex_seal *seal, struct cx_why *why);

#endif /* _CX_TRUST_H */
