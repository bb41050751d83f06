/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_STAGE_H
#define _CX_STAGE_H

struct cx_generation;
struct cx_why;

int cx_stage(struct cx_generation *gen, struct cx_generation **staged,
	     struct cx_why *why);
int cx_retire(const char *name, const char *label, struct cx_why *why);

#endif /* _CX_STAGE_H */
