/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_FAULT_H
#define _CX_FAULT_H

#include <linux/mm.h>

/**
 * struct cx_fault_ops - a store's mappings, with an eye on their faults
 * @ops: those of the objects' file system, but for the fault
 * @original: what @ops was made from; NULL until the first mapping, after which
 *	nothing changes any more
 *
 * Part of a store, so it is there for as long as any mapping is: a mapping
 * holds its file, that one its mount, and that one the superblock.
 */
struct cx_fault_ops {
	const struct vm_operations_struct ops;
	const struct vm_operations_struct *original;
};

void cx_fault_watch(struct cx_fault_ops *ops, struct vm_area_struct *vma);

#endif /* _CX_FAULT_H */
