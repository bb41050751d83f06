// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page faults that no content could be had for.
 *
 * A mapping belongs to the objects' file system, which serves it; all that is
 * done here is to notice when it could not.
 */
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "fault.h"
#include "notify.h"

/* Beyond the end of the file SIGBUS is what mmap(2) promises. */
static bool is_within(const struct vm_fault *vmf)
{
	const struct inode *inode = file_inode(vmf->vma->vm_file);

	return vmf->pgoff < DIV_ROUND_UP_ULL(i_size_read(inode), PAGE_SIZE);
}

/*
 * A fault to be retried may have let go of the mapping, so that nothing may be
 * touched afterwards; one that failed has not.  Waiting for a page is broken
 * off when the process is killed, which says nothing of the page.
 */
static vm_fault_t fault(struct vm_fault *vmf)
{
	const struct cx_fault_ops *ops =
		container_of(vmf->vma->vm_ops, struct cx_fault_ops, ops);
	vm_fault_t result = ops->original->fault(vmf);

	if ((result & VM_FAULT_SIGBUS) && !fatal_signal_pending(current) &&
	    is_within(vmf))
		cx_notify_corrupted(vmf->vma->vm_file);
	return result;
}

/* Nobody looks before it has been published, and nobody writes afterwards. */
static void make(struct cx_fault_ops *ops,
		 const struct vm_operations_struct *original)
{
	vm_fault_t (*ours)(struct vm_fault *vmf) = fault;

	memcpy((void *)&ops->ops, original, sizeof(ops->ops));
	memcpy((void *)&ops->ops.fault, &ours, sizeof(ours));
}

/* Returns what @ops were made from, by now or before. */
static const struct vm_operations_struct *
prepare(struct cx_fault_ops *ops, const struct vm_operations_struct *original)
{
	static DEFINE_MUTEX(lock);

	mutex_lock(&lock);
	if (!ops->original && original && original->fault) {
		make(ops, original);
		/* Pairs with the acquire in cx_fault_watch(). */
		smp_store_release(&ops->original, original);
	}
	mutex_unlock(&lock);
	return ops->original;
}

/**
 * cx_fault_watch - notice when a page of a mapping cannot be had
 * @ops: the store's
 * @vma: a mapping of one of its objects, just made
 *
 * All objects of a store lie on one file system, which maps them alike.  If one
 * should be mapped in another way than the first one was, it is left alone.
 *
 * Context: may sleep; the mmap lock held for writing.
 */
void cx_fault_watch(struct cx_fault_ops *ops, struct vm_area_struct *vma)
{
	const struct vm_operations_struct *original =
		/* Pairs with the release in prepare(). */
		smp_load_acquire(&ops->original);

	if (!original)
		original = prepare(ops, vma->vm_ops);
	if (original && original == vma->vm_ops)
		vma->vm_ops = &ops->ops;
}
