// SPDX-License-Identifier: GPL-2.0-only
/*
 * Coherence: which generation a process gets, and the guard that no address
 * space ever holds code of two.
 *
 * The state is the process's own mappings.  There is no table of processes to
 * keep, so none to leak, to forget at exec or to copy at fork.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

#include "cryptex.h"
#include "epoch.h"
#include "generation.h"
#include "main.h"
#include "settle.h"
#include "view.h"

/**
 * cx_view_of_vma - the generation that a mapping belongs to
 * @vma: any mapping, of any process
 *
 * A mapped cryptex file is mapped from its object; the path by which it was
 * opened leads back to the cryptex, whatever mount or namespace it went through.
 *
 * Context: the mapping's mmap lock held; the result is good for as long.
 * Return: the generation, or NULL if it maps no file of a cryptex.
 */
struct cx_generation *cx_view_of_vma(const struct vm_area_struct *vma)
{
	const struct inode *inode;

	if (!vma->vm_file || !(vma->vm_file->f_mode & FMODE_BACKING))
		return NULL;
	inode = d_inode(file_user_path(vma->vm_file)->dentry);
	return inode->i_sb->s_type == &cx_fs_type ? inode->i_private : NULL;
}

/*
 * The newest epoch, up to @newest, in which all that @mm maps was active, or
 * %CX_NO_EPOCH if no such epoch is remembered, as when it was started on a
 * generation by its label.
 */
static u64 epoch_of(struct mm_struct *mm, u64 newest)
{
	struct cx_generation *gen, *known;
	struct vm_area_struct *vma;
	u64 epoch = newest, with;
	bool again;

	do {
		VMA_ITERATOR(vmi, mm, 0);

		known = NULL;
		again = false;
		for_each_vma(vmi, vma) {
			gen = cx_view_of_vma(vma);
			if (!gen || gen == known)
				continue;
			with = cx_epoch_last_with(gen, epoch);
			/* What came before it may not have been active then. */
			again |= known && with != epoch;
			epoch = with;
			known = gen;
		}
	} while (again && epoch != CX_NO_EPOCH);
	return epoch;
}

static bool maps(struct mm_struct *mm, const struct cx_generation *gen)
{
	VMA_ITERATOR(vmi, mm, 0);
	struct vm_area_struct *vma;

	for_each_vma(vmi, vma)
		if (cx_view_of_vma(vma) == gen)
			return true;
	return false;
}

/* The first generation of @cx that @mm maps, or NULL. */
static struct cx_generation *mapped_of(struct mm_struct *mm,
				       const struct cx_cryptex *cx)
{
	VMA_ITERATOR(vmi, mm, 0);
	struct vm_area_struct *vma;

	for_each_vma(vmi, vma) {
		struct cx_generation *gen = cx_view_of_vma(vma);

		if (gen && gen->cryptex_id == cx->id)
			return gen;
	}
	return NULL;
}

static struct cx_generation *pin(struct cx_generation *gen)
{
	cx_generation_pin(gen);
	return gen;
}

/**
 * cx_view_active - the generation that a new process would get
 * @cx: of this cryptex
 *
 * Context: any.
 * Return: the generation, with a pin for cx_generation_unpin().
 */
struct cx_generation *cx_view_active(const struct cx_cryptex *cx)
{
	struct cx_generation *gen;

	rcu_read_lock();
	gen = pin(cx_epoch_find(cx, cx_epoch_newest()));
	rcu_read_unlock();
	return gen;
}

/*
 * Its own epoch decides; without one, staying with what it maps of @cx does.  No
 * epoch is being forgotten meanwhile, so what is found is remembered whole.
 */
static struct cx_generation *find_for(struct mm_struct *mm,
				      const struct cx_cryptex *cx)
{
	u64 newest = cx_epoch_newest();
	u64 epoch = epoch_of(mm, newest);
	struct cx_generation *gen = cx_epoch_find(cx, epoch);

	WARN_ON_ONCE(!gen && epoch != CX_NO_EPOCH);
	return gen ?: mapped_of(mm, cx) ?: cx_epoch_find(cx, newest);
}

/**
 * cx_view_settled - the generation that everybody gets, if they all get the same
 * @cx: of this cryptex
 *
 * Context: RCU read lock held; the result is good for as long.
 * Return: the generation, or NULL if it depends on the process.
 */
struct cx_generation *cx_view_settled(const struct cx_cryptex *cx)
{
	u64 epoch = IS_ENABLED(CONFIG_CX_INCOHERENT) ? cx_epoch_newest() :
						       cx_epoch_settled();

	return epoch == CX_NO_EPOCH ? NULL : cx_epoch_find(cx, epoch);
}

static struct cx_generation *pin_if_settled(const struct cx_cryptex *cx)
{
	struct cx_generation *gen;

	rcu_read_lock();
	gen = cx_view_settled(cx);
	if (gen)
		cx_generation_pin(gen);
	rcu_read_unlock();
	return gen;
}

/**
 * cx_view_current - the generation that the calling process gets
 * @cx: of this cryptex
 *
 * Context: process context, may sleep; takes the caller's mmap lock.
 * Return: the generation, with a pin for cx_generation_unpin(), or
 * ERR_PTR(-%EINTR) if the caller is being killed.
 */
struct cx_generation *cx_view_current(const struct cx_cryptex *cx)
{
	struct cx_generation *gen = pin_if_settled(cx);
	struct mm_struct *mm = current->mm;

	if (gen)
		return gen;
	if (!mm)
		return cx_view_active(cx);
	if (mmap_read_lock_killable(mm))
		return ERR_PTR(-EINTR);
	cx_settle_hold();
	rcu_read_lock();
	gen = pin(find_for(mm, cx));
	rcu_read_unlock();
	cx_settle_release();
	mmap_read_unlock(mm);
	return gen;
}

/**
 * cx_view_may_open - may the caller open a file of this generation?
 * @gen: the file's generation
 *
 * Nobody new gets into a revoked generation; who lives in it goes on.
 *
 * Context: process context, may sleep; takes the caller's mmap lock.
 * Return: 0; -%EKEYREVOKED; -%EINTR if the caller is being killed.
 */
int cx_view_may_open(const struct cx_generation *gen)
{
	struct mm_struct *mm = current->mm;
	bool inside = false;

	if (likely(!READ_ONCE(gen->revoked)))
		return 0;
	if (mm) {
		if (mmap_read_lock_killable(mm))
			return -EINTR;
		inside = maps(mm, gen);
		mmap_read_unlock(mm);
	}
	return inside ? 0 : -EKEYREVOKED;
}

/*
 * Has any other generation of the same cryptex so much as one inode in memory?
 * If not, nobody maps one, and nobody's mappings need to be looked at.
 */
static bool is_only_one_used(const struct cx_generation *gen)
{
	const struct cx_cryptex *cx = gen->cryptex;
	const struct cx_generation *other;
	bool alone = true;

	rcu_read_lock();
	list_for_each_entry_rcu(other, &cx->generations, link)
		if (other != gen && atomic_read(&other->users))
			alone = false;
	rcu_read_unlock();
	return alone;
}

/* Does the caller have, or may it turn into, code of another generation? */
static bool maps_other_code(const struct cx_generation *gen)
{
	VMA_ITERATOR(vmi, current->mm, 0);
	struct vm_area_struct *vma;

	for_each_vma(vmi, vma) {
		const struct cx_generation *other = cx_view_of_vma(vma);

		if (other && other != gen && (vma->vm_flags & VM_MAYEXEC) &&
		    other->cryptex_id == gen->cryptex_id)
			return true;
	}
	return false;
}

/**
 * cx_view_may_map - the guard: may the caller map a file of this generation?
 * @gen: the file's generation
 * @vma: the mapping to be
 *
 * ``current`` never leads to a second generation, but a path by label or a
 * descriptor from elsewhere can.  Where the caller has code of one generation,
 * another one's files can be mapped as data only, for good; so the mappings of
 * a cryptex in one address space that are or may become executable are all of
 * one generation.
 *
 * Context: the caller's mmap lock held for writing.
 * Return: 0, or -%ESTALE.
 */
int cx_view_may_map(const struct cx_generation *gen, struct vm_area_struct *vma)
{
	if (IS_ENABLED(CONFIG_CX_INCOHERENT) || !(vma->vm_flags & VM_MAYEXEC) ||
	    is_only_one_used(gen) || !maps_other_code(gen))
		return 0;
	if (!(vma->vm_flags & VM_EXEC)) {
		vm_flags_clear(vma, VM_MAYEXEC);
		return 0;
	}
	pr_notice_ratelimited("%s[%d]: code of %s %s refused: another generation is mapped\n",
			      current->comm, task_tgid_nr(current),
			      cx_generation_name(gen), cx_generation_label(gen));
	return -ESTALE;
}
