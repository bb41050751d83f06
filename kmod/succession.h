/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_SUCCESSION_H
#define _CX_SUCCESSION_H

struct cryptex_revocation;
struct cx_why;
struct list_head;

int cx_succession_prepare(const struct cryptex_revocation *added,
			  struct list_head *set, struct cx_why *why);

#endif /* _CX_SUCCESSION_H */
