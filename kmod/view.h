/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_VIEW_H
#define _CX_VIEW_H

#include <linux/mm_types.h>

struct cx_cryptex;
struct cx_generation;

struct cx_generation *cx_view_current(const struct cx_cryptex *cx);
struct cx_generation *cx_view_active(const struct cx_cryptex *cx);
struct cx_generation *cx_view_settled(const struct cx_cryptex *cx);
int cx_view_may_open(const struct cx_generation *gen);
int cx_view_may_map(const struct cx_generation *gen,
		    struct vm_area_struct *vma);
struct cx_generation *cx_view_of_vma(const struct vm_area_struct *vma);

#endif /* _CX_VIEW_H */
