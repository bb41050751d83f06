// SPDX-License-Identifier: GPL-2.0-only
/*
 * Epochs: which generations are active together.
 *
 * An epoch is a number.  Each cryptex knows the tenures of its generations, from
 * the newest to older ones that somebody may still live in, and so which
 * generation was its active one in a given epoch.
 *
 * Switching a set is one store of the next number, in publish().  The new
 * tenures are linked before it, where readers of the number in force pass over
 * them.  So an activation costs what the set costs, whatever else there is.
 * See Documentation/filesystems/cryptex.rst for the rules and their proof.
 */
#include <linux/atomic.h>
#include <linux/dcache.h>
#include <linux/slab.h>

#include "cryptex.h"
#include "epoch.h"
#include "generation.h"
#include "root.h"
#include "settle.h"

/*
 * The newest epoch's number, shifted by one, and in the lowest bit whether that
 * epoch is not settled: one word, so that nobody reads one without the other.
 */
#define UNSETTLED	1
#define SHIFT		1
static atomic64_t newest = ATOMIC64_INIT(1 << SHIFT);

/**
 * cx_epoch_newest - the epoch in force
 *
 * Context: any.
 * Return: its number.
 */
u64 cx_epoch_newest(void)
{
	return (u64)atomic64_read_acquire(&newest) >> SHIFT;
}

/**
 * cx_epoch_settled - the epoch in force, if nobody can live in another one
 *
 * While an epoch is settled nobody uses a generation that is not active in it.
 *
 * Context: RCU read lock held: what is found out about the epoch in the same
 * section stays true in it.
 * Return: its number, or %CX_NO_EPOCH if it is not settled.
 */
u64 cx_epoch_settled(void)
{
	u64 word = atomic64_read_acquire(&newest);

	return word & UNSETTLED ? CX_NO_EPOCH : word >> SHIFT;
}

/**
 * cx_epoch_set_settled - note whether the epoch in force is settled
 * @settled: is it
 *
 * Context: serialised by the caller; cx_lock held to set it to true.
 */
void cx_epoch_set_settled(bool settled)
{
	if (settled)
		atomic64_andnot(UNSETTLED, &newest);
	else
		atomic64_or(UNSETTLED, &newest);
}

static bool is_locked_or_rcu(void)
{
	return lockdep_is_held(&cx_lock) || rcu_read_lock_held();
}

/**
 * cx_tenure_of - the newest tenure of a cryptex
 * @cx: the cryptex
 *
 * Context: cx_lock or RCU read lock held.
 * Return: the tenure.
 */
struct cx_tenure *cx_tenure_of(const struct cx_cryptex *cx)
{
	return rcu_dereference_check(cx->tenure, is_locked_or_rcu());
}

/**
 * cx_tenure_older - the tenure before
 * @tenure: a tenure
 *
 * Context: cx_lock or RCU read lock held.
 * Return: the next older one of the same cryptex that is remembered, or NULL.
 */
struct cx_tenure *cx_tenure_older(const struct cx_tenure *tenure)
{
	return rcu_dereference_check(tenure->older, is_locked_or_rcu());
}

/**
 * cx_epoch_find - the generation that was active in an epoch
 * @cx: of this cryptex
 * @epoch: the epoch's number
 *
 * Context: cx_lock or RCU read lock held; the result is good for as long.
 * Return: the generation; NULL if the epoch is not remembered.
 */
struct cx_generation *cx_epoch_find(const struct cx_cryptex *cx, u64 epoch)
{
	const struct cx_tenure *t;

	for (t = cx_tenure_of(cx); t; t = cx_tenure_older(t))
		if (t->from <= epoch && epoch < READ_ONCE(t->until))
			return t->gen;
	return NULL;
}

/**
 * cx_epoch_last_with - the newest epoch in which a generation was active
 * @gen: the generation, its cryptex mounted
 * @epoch: no epoch above this one
 *
 * Context: cx_lock or RCU read lock held.
 * Return: the epoch's number, or %CX_NO_EPOCH if none is remembered.
 */
u64 cx_epoch_last_with(const struct cx_generation *gen, u64 epoch)
{
	const struct cx_tenure *t;

	for (t = cx_tenure_of(gen->cryptex); t; t = cx_tenure_older(t)) {
		u64 until = READ_ONCE(t->until);

		if (t->gen == gen && t->from <= epoch && t->from < until)
			return min(epoch, until - 1);
	}
	return CX_NO_EPOCH;
}

static struct cx_tenure *tenure_new(struct cx_generation *gen)
{
	struct cx_tenure *tenure = kzalloc(sizeof(*tenure), GFP_KERNEL);

	if (!tenure)
		return NULL;
	tenure->link = cx_root_new_current(gen->cryptex->sb);
	if (!tenure->link) {
		kfree(tenure);
		return NULL;
	}
	tenure->gen = cx_generation_get(gen);
	tenure->until = U64_MAX;
	INIT_LIST_HEAD(&tenure->item);
	return tenure;
}

/**
 * cx_tenure_free - forget a tenure
 * @tenure: linked nowhere any more; readers under RCU may still look at it
 *
 * Context: may sleep.
 */
void cx_tenure_free(struct cx_tenure *tenure)
{
	dput(tenure->link);
	cx_generation_put(tenure->gen);
	kfree_rcu(tenure, rcu);
}

/* What was linked before it is there for everyone who sees the new number. */
static u64 publish(void)
{
	lockdep_assert_held(&cx_lock);
	cx_changes++;
	return (u64)atomic64_add_return_release(1 << SHIFT, &newest) >> SHIFT;
}

/**
 * cx_epoch_begin - a cryptex's base is its active generation from now on
 * @cx: with its base's directory, not seen by anyone yet
 *
 * The base counts as active in all epochs before, in which nobody can have seen
 * anything else of this cryptex: so who lives in one of them gets the base.
 *
 * Context: cx_lock held.
 * Return: 0 or -%ENOMEM.
 */
int cx_epoch_begin(struct cx_cryptex *cx)
{
	struct cx_tenure *tenure = tenure_new(cx->base);

	if (!tenure)
		return -ENOMEM;
	tenure->from = CX_NO_EPOCH + 1;
	cx->base->active = true;
	cx->base->drained = false;
	cx_root_show_current(cx->sb, NULL, tenure->link);
	rcu_assign_pointer(cx->tenure, tenure);
	cx->base->since = publish();
	return 0;
}

/**
 * cx_epoch_end - a cryptex goes, and all its tenures
 * @cx: of which no file is open or mapped
 *
 * Context: cx_lock held.
 */
void cx_epoch_end(struct cx_cryptex *cx)
{
	struct cx_tenure *t, *next;

	for (t = cx_tenure_of(cx); t; t = next) {
		next = cx_tenure_older(t);
		cx_tenure_free(t);
	}
	RCU_INIT_POINTER(cx->tenure, NULL);
}

/**
 * cx_epoch_prepare - add a generation to a set that is to be switched to
 * @set: the set, of struct cx_tenure; one that is active already is left out
 * @gen: of a cryptex of which the set has no other generation
 *
 * Context: cx_lock held, until cx_epoch_switch() or cx_epoch_forget().
 * Return: 0 or -%ENOMEM.
 */
int cx_epoch_prepare(struct list_head *set, struct cx_generation *gen)
{
	struct cx_tenure *tenure;

	lockdep_assert_held(&cx_lock);
	if (gen->active)
		return 0;
	tenure = tenure_new(gen);
	if (!tenure)
		return -ENOMEM;
	list_add_tail(&tenure->item, set);
	return 0;
}

/**
 * cx_epoch_forget - the end of a set, switched to or not
 * @set: prepared; what was switched to is only taken off it
 *
 * Context: cx_lock held.
 */
void cx_epoch_forget(struct list_head *set)
{
	struct cx_tenure *t, *next;

	list_for_each_entry_safe(t, next, set, item) {
		list_del_init(&t->item);
		if (!t->from)
			cx_tenure_free(t);
	}
}

static void link_tenure(struct cx_tenure *tenure, u64 epoch)
{
	struct cx_cryptex *cx = tenure->gen->cryptex;
	struct cx_tenure *before = cx_tenure_of(cx);

	tenure->from = epoch;
	WRITE_ONCE(before->until, epoch);
	RCU_INIT_POINTER(tenure->older, before);
	rcu_assign_pointer(cx->tenure, tenure);
}

/*
 * Told after the switch: until then nobody can be sent to the new generation,
 * and the old one is what everybody gets.  A new dentry for ``current`` makes
 * each walk under RCU that was told the old generation either arrive there
 * within its RCU section or start again.
 */
static void hand_over(struct cx_tenure *tenure)
{
	struct cx_generation *gen = tenure->gen;
	struct cx_tenure *before = cx_tenure_older(tenure);

	WRITE_ONCE(before->gen->active, false);
	WRITE_ONCE(gen->active, true);
	gen->drained = false;
	gen->since = tenure->from;
	cx_root_show_current(gen->cryptex->sb, before->link, tenure->link);
	set_bit(CX_STIRRED, &gen->cryptex->flags);
}

/**
 * cx_epoch_switch - make all generations of a set active, as one new epoch
 * @set: prepared; afterwards for cx_epoch_forget()
 *
 * Context: cx_lock held.
 * Return: the new epoch's number; that of the epoch in force if the set is
 * empty.
 */
u64 cx_epoch_switch(struct list_head *set)
{
	const u64 epoch = cx_epoch_newest() + 1;
	struct cx_tenure *t;

	lockdep_assert_held(&cx_lock);
	if (list_empty(set))
		return cx_epoch_newest();
	list_for_each_entry(t, set, item)
		link_tenure(t, epoch);
	cx_epoch_set_settled(false);
	publish();
	list_for_each_entry(t, set, item)
		hand_over(t);
	cx_settle_switched();
	return epoch;
}
