// SPDX-License-Identifier: GPL-2.0-only
/*
 * Settling: what is left behind by switching is found and forgotten, some time
 * after, by one work item.
 *
 * First it is found out which inactive generations have *drained*: nobody is
 * inside, and no path walk on the way.  Then an old epoch is *lived in* only if
 * no newer one, of those judged, has all of its generations that have not
 * drained: whoever lives in it would fit there as well.  Tenures that no such
 * epoch needs go; the others are shortened to the last one that needs them.
 * Once every cryptex has a single tenure and nobody uses another generation, the
 * epoch in force is settled.
 *
 * All of it is done an RCU grace period after the epochs that are judged were
 * the newest, so whoever was told a generation of theirs shows by now: by a pin,
 * by a reference on that tenure's ``current``, or by one inside.
 */
#include <linux/dcache.h>
#include <linux/rculist.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "cryptex.h"
#include "drop.h"
#include "epoch.h"
#include "generation.h"
#include "main.h"
#include "notify.h"
#include "settle.h"

static void settle_work(struct work_struct *work);
static DECLARE_DELAYED_WORK(settling, settle_work);

/*
 * Held for reading from the walk through a process's mappings until what it is
 * told is pinned, and for writing from the last look at who is where until what
 * nobody needs is forgotten.  Inside of cx_lock, and of a process's mmap lock.
 */
static DECLARE_RWSEM(telling);

/* Innermost; orders declaring an epoch settled against stirring a cryptex. */
static DEFINE_SPINLOCK(settled_lock);

static bool has_history(const struct cx_cryptex *cx)
{
	return cx_tenure_older(cx_tenure_of(cx));
}

/* Is a walk that was told @gen without a pin not there yet? */
static bool is_link_held(const struct cx_generation *gen)
{
	struct cx_tenure *t;

	for (t = cx_tenure_of(gen->cryptex); t; t = cx_tenure_older(t))
		if (t->gen == gen && cx_references(t->link) > 1)
			return true;
	return false;
}

/*
 * Is nobody inside of inactive @gen or on the way?  Its directory's dentry has
 * one reference of ours; each cached dentry below, and each walk, file and
 * working directory in there is one more.  A walk takes that one before it gives
 * back what showed it on the way, so the way is looked at first.
 */
static bool is_empty(const struct cx_generation *gen)
{
	if (atomic_read_acquire(&gen->pins) || is_link_held(gen))
		return false;
	/* The way before the directory, as said above. */
	smp_rmb();
	return cx_references(gen->root) == 1;
}

/* Until when was @gen active last?  Zero if no tenure of it is remembered. */
static u64 active_until(const struct cx_generation *gen)
{
	const struct cx_tenure *t;

	for (t = cx_tenure_of(gen->cryptex); t; t = cx_tenure_older(t))
		if (t->gen == gen)
			return t->until;
	return 0;
}

static void drain(struct cx_generation *gen, u64 seen)
{
	bool before = gen->drained;

	gen->drained = !gen->active && active_until(gen) <= seen &&
		       is_empty(gen);
	if (gen->drained && !before)
		cx_notify_drained(gen);
}

/*
 * The newest epoch, up to @seen, that has all generations of @epoch that have
 * not drained.  No newer one will do: for a caller that is on its way through
 * the tenures just now, @seen may be the newest epoch that there is.
 */
static u64 newest_with_all_of(u64 epoch, u64 seen)
{
	u64 found = seen, before;
	const struct cx_cryptex *cx;

	do {
		before = found;
		list_for_each_entry(cx, &cx_cryptexes, link) {
			const struct cx_generation *gen;

			if (!has_history(cx))
				continue;
			gen = cx_epoch_find(cx, epoch);
			if (gen && !gen->drained)
				found = cx_epoch_last_with(gen, found);
		}
	} while (found != before);
	return found;
}

static void need(u64 epoch)
{
	struct cx_cryptex *cx;
	struct cx_tenure *t;

	list_for_each_entry(cx, &cx_cryptexes, link)
		for (t = cx_tenure_of(cx); t; t = cx_tenure_older(t))
			if (t->from <= epoch && epoch < t->until) {
				t->needed = true;
				t->last = max(t->last, epoch);
			}
}

/*
 * A process lives in the newest epoch, or in the last one of some tenure.  Of
 * tenures that lasted until @seen or longer it is not known yet who was told of
 * them.
 */
static void judge(struct cx_tenure *t, u64 seen, u64 *judged)
{
	u64 last = t->until - 1;

	if (t->until > seen) {
		t->needed = true;
		t->last = last;
		return;
	}
	/* A link that is held shows the way, also where no epoch needs it. */
	if (cx_references(t->link) > 1)
		t->needed = true;
	if (t->until == t->from || t->gen->drained || last == *judged)
		return;
	*judged = last;
	if (newest_with_all_of(last, seen) == last)
		need(last);
}

/*
 * An epoch is remembered whole or not at all: a tenure that stays for the sake of
 * an epoch must not speak for later ones, of which other tenures go.  Or who comes
 * to live in it by and by would get what was never active with it.
 */
static void shorten(struct cx_tenure *t)
{
	if (t->last < t->until - 1)
		WRITE_ONCE(t->until, max(t->from, t->last + 1));
}

/* The tenures of a set end together: their epoch is judged once. */
static void judge_all(u64 seen)
{
	u64 judged = CX_NO_EPOCH;
	struct cx_cryptex *cx;
	struct cx_tenure *t;

	list_for_each_entry(cx, &cx_cryptexes, link)
		for (t = cx_tenure_of(cx); t; t = cx_tenure_older(t)) {
			t->needed = false;
			t->last = CX_NO_EPOCH;
		}
	list_for_each_entry(cx, &cx_cryptexes, link)
		if (has_history(cx))
			for (t = cx_tenure_of(cx); t; t = cx_tenure_older(t))
				judge(t, seen, &judged);
	list_for_each_entry(cx, &cx_cryptexes, link)
		for (t = cx_tenure_of(cx); t; t = cx_tenure_older(t))
			if (t->until <= seen)
				shorten(t);
}

static void prune(struct cx_cryptex *cx)
{
	struct cx_tenure *t = cx_tenure_of(cx), *next;

	while ((next = cx_tenure_older(t))) {
		if (next->needed) {
			t = next;
		} else {
			rcu_assign_pointer(t->older, cx_tenure_older(next));
			cx_tenure_free(next);
		}
	}
}

/* Does nobody live in an older epoch or use what is not active? */
static bool is_quiet(const struct cx_cryptex *cx)
{
	const struct cx_generation *gen;

	if (has_history(cx))
		return false;
	list_for_each_entry(gen, &cx->generations, link)
		if (!gen->active && atomic_read(&gen->users))
			return false;
	return true;
}

/*
 * Is there somebody who does not tell when he goes?  Such a one stands in a
 * generation's own directory, or holds the link.
 */
static bool is_waited_for(const struct cx_cryptex *cx)
{
	const struct cx_generation *gen;

	list_for_each_entry(gen, &cx->generations, link)
		if (!gen->drained && !gen->active && !atomic_read(&gen->users))
			return true;
	return false;
}

/*
 * Whoever comes to use an inactive generation is counted among its users first
 * and stirs its cryptex then, so he is seen here, or undoes what is done here.
 */
static void declare_settled(void)
{
	const struct cx_cryptex *cx;
	bool settled = true;

	spin_lock(&settled_lock);
	list_for_each_entry(cx, &cx_cryptexes, link)
		if (test_bit(CX_STIRRED, &cx->flags) || !cx->quiet)
			settled = false;
	if (settled)
		cx_epoch_set_settled(true);
	spin_unlock(&settled_lock);
}

/* Only what has been stirred is looked at, or what was left over last time. */
static void begin_round(u64 seen)
{
	struct cx_generation *gen;
	struct cx_cryptex *cx;

	list_for_each_entry(cx, &cx_cryptexes, link) {
		if (test_and_clear_bit(CX_STIRRED, &cx->flags))
			cx->restless = true;
		if (!cx->restless)
			continue;
		list_for_each_entry(gen, &cx->generations, link)
			drain(gen, seen);
	}
}

/*
 * Somebody may have gone from a generation that was looked at to one that had
 * been looked at before, or was not: as one thread closes the library by which
 * another is just being told the next one.  The epoch of both is his.
 */
static void look_again(void)
{
	struct cx_cryptex *cx;
	struct cx_tenure *t;

	/* Whoever was seen to be gone has come to the other before. */
	smp_mb();
	list_for_each_entry(cx, &cx_cryptexes, link) {
		if (!has_history(cx))
			continue;
		for (t = cx_tenure_of(cx); t; t = cx_tenure_older(t)) {
			if (!t->gen->drained || is_empty(t->gen))
				continue;
			t->gen->drained = false;
			cx->restless = true;
		}
	}
}

static bool end_round(void)
{
	struct cx_cryptex *cx;
	bool wait = false;

	list_for_each_entry(cx, &cx_cryptexes, link) {
		bool waited;

		if (!cx->restless)
			continue;
		prune(cx);
		waited = is_waited_for(cx);
		cx->quiet = is_quiet(cx);
		cx->restless = !cx->quiet || waited;
		wait |= waited;
	}
	declare_settled();
	return wait;
}

static void settle_work(struct work_struct *work)
{
	u64 seen = cx_epoch_newest();
	bool wait;

	synchronize_rcu();
	cx_drop_caches();
	mutex_lock(&cx_lock);
	begin_round(seen);
	down_write(&telling);
	look_again();
	judge_all(seen);
	wait = end_round();
	up_write(&telling);
	mutex_unlock(&cx_lock);
	if (wait)
		queue_delayed_work(cx_workqueue, &settling, HZ);
}

/**
 * cx_settle - something of an inactive generation has gone: look, soon
 * @cx: its cryptex
 *
 * Context: any; the superblock of @cx is kept by the caller.
 */
void cx_settle(struct cx_cryptex *cx)
{
	if (!test_and_set_bit(CX_STIRRED, &cx->flags))
		mod_delayed_work(cx_workqueue, &settling, 0);
}

/**
 * cx_settle_switched - an epoch was published: look, in a grace period from now
 *
 * Also where a round is under way that began before it.
 *
 * Context: any.
 */
void cx_settle_switched(void)
{
	mod_delayed_work(cx_workqueue, &settling, 0);
}

/**
 * cx_unsettle - somebody has come to use a generation that is not active
 * @cx: its cryptex
 *
 * Called after he was counted among the generation's users.
 *
 * Context: process.
 */
void cx_unsettle(struct cx_cryptex *cx)
{
	spin_lock(&settled_lock);
	set_bit(CX_STIRRED, &cx->flags);
	cx_epoch_set_settled(false);
	spin_unlock(&settled_lock);
	mod_delayed_work(cx_workqueue, &settling, 0);
}

/**
 * cx_settle_now - make sure that what has gone from a cryptex is known to be gone
 * @cx: kept mounted by the caller
 *
 * Context: may sleep, for an RCU grace period; cx_lock not held.
 */
void cx_settle_now(struct cx_cryptex *cx)
{
	set_bit(CX_STIRRED, &cx->flags);
	mod_delayed_work(cx_workqueue, &settling, 0);
	flush_delayed_work(&settling);
}

/**
 * cx_settle_hold - let no epoch be forgotten until cx_settle_release()
 *
 * For who tells a process its generation: between the walk through its mappings
 * and the pin it cannot be seen where the process is going.
 *
 * Context: process, may sleep; cx_lock not held.
 */
void cx_settle_hold(void)
{
	down_read(&telling);
}

/**
 * cx_settle_release - what was told is pinned
 *
 * Context: process.
 */
void cx_settle_release(void)
{
	up_read(&telling);
}

/**
 * cx_settle_exit - settle no more
 *
 * Called when no superblock is left, so nobody can stir one.
 */
void cx_settle_exit(void)
{
	cancel_delayed_work_sync(&settling);
}
