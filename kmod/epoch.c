// SPDX-License-Identifier: GPL-2.0-only
/*
 * Epochs: immutable sets of active generations, linked from the newest to
 * older ones that somebody may still live in.
 *
 * Switching is one pointer store, in publish().  All the rest of an
 * activation's work is done before it, on memory that nobody else sees, or
 * after it, by settle_work().
 *
 * An epoch is superseded, and unlinked, when a newer one has all of its
 * generations that are still in use: whoever lives in it fits there as well.
 * A generation counts as not in use only after an RCU grace period that began
 * when it was active no more, and then only if no path walk is on the way to it
 * (pins) or inside it (references to its directory, which every open or mapped
 * file holds too).  See Documentation/filesystems/cryptex.rst for the proof.
 */
#include <linux/dcache.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "cryptex.h"
#include "epoch.h"
#include "generation.h"
#include "main.h"

struct cx_epoch __rcu *cx_epoch_newest;

static void settle_work(struct work_struct *work);
static DECLARE_WORK(settling, settle_work);

/* Innermost; orders setting @settled against counting users. */
static DEFINE_SPINLOCK(settled_lock);

static struct cx_epoch *newest(void)
{
	return rcu_dereference_protected(cx_epoch_newest,
					 lockdep_is_held(&cx_lock));
}

static struct cx_epoch *older(const struct cx_epoch *epoch)
{
	return rcu_dereference_protected(epoch->older,
					 lockdep_is_held(&cx_lock));
}

static struct cx_epoch *epoch_alloc(u32 count, gfp_t gfp)
{
	struct cx_epoch *epoch;

	epoch = kvzalloc(struct_size(epoch, active, count), gfp);
	if (epoch)
		epoch->count = count;
	return epoch;
}

static void epoch_free(struct cx_epoch *epoch)
{
	u32 i;

	for (i = 0; i < epoch->count; i++)
		cx_generation_put(epoch->active[i]);
	kvfree_rcu(epoch, rcu);
}

/* How many cryptexes of @epoch are still mounted? */
static u32 count_mounted(const struct cx_epoch *epoch)
{
	u32 i, count = 0;

	for (i = 0; i < epoch->count; i++)
		count += !!epoch->active[i]->cryptex;
	return count;
}

/*
 * The newest epoch once more, with what activations in preparation change in
 * it, without cryptexes that have gone, and with @added, whose id is higher
 * than any other's and so keeps the order.
 */
static struct cx_epoch *epoch_build(const struct cx_cryptex *added, gfp_t gfp)
{
	const struct cx_epoch *from = newest();
	struct cx_epoch *epoch;
	u32 i, n = 0;

	epoch = epoch_alloc(count_mounted(from) + !!added, gfp);
	if (!epoch)
		return NULL;
	for (i = 0; i < from->count; i++) {
		struct cx_generation *gen = from->active[i];

		if (!gen->cryptex)
			continue;
		if (gen->cryptex->next)
			gen = gen->cryptex->next;
		epoch->active[n++] = cx_generation_get(gen);
	}
	if (added)
		epoch->active[n] = cx_generation_get(added->base);
	epoch->number = from->number + 1;
	return epoch;
}

/*
 * Tell the generations.  One that is in both epochs may look inactive for an
 * instant, and lose a cached dentry for it.
 */
static void mark(const struct cx_epoch *previous, const struct cx_epoch *epoch)
{
	u32 i;

	for (i = 0; i < previous->count; i++)
		WRITE_ONCE(previous->active[i]->active, false);
	for (i = 0; i < epoch->count; i++) {
		struct cx_generation *gen = epoch->active[i];

		WRITE_ONCE(gen->active, true);
		if (!cx_epoch_has(previous, gen))
			gen->since = epoch->number;
	}
}

static void publish(struct cx_epoch *epoch)
{
	struct cx_epoch *previous = newest();

	lockdep_assert_held(&cx_lock);
	mark(previous, epoch);
	RCU_INIT_POINTER(epoch->older, previous);
	rcu_assign_pointer(cx_epoch_newest, epoch);
	cx_changes++;
	cx_epoch_settle();
}

/**
 * cx_epoch_add - a new epoch that has one more cryptex, its base active
 * @cx: with the highest id of all
 *
 * Context: cx_lock held.
 * Return: 0 or -%ENOMEM.
 */
int cx_epoch_add(struct cx_cryptex *cx)
{
	struct cx_epoch *epoch = epoch_build(cx, GFP_KERNEL);

	if (!epoch)
		return -ENOMEM;
	publish(epoch);
	return 0;
}

/**
 * cx_epoch_remove_dead - a new epoch without the cryptexes that have gone
 *
 * Without memory for it the newest epoch goes on naming them; they are skipped
 * by all readers, as their ids are looked for by nobody, and freed with the
 * next epoch.
 *
 * Context: cx_lock held.
 */
void cx_epoch_remove_dead(void)
{
	struct cx_epoch *epoch = epoch_build(NULL, GFP_KERNEL);

	if (epoch)
		publish(epoch);
}

/**
 * cx_epoch_activate - switch each cryptex that has one to its @next generation
 * @number: set to the new epoch's number, or to the newest one's if no cryptex
 *	would change
 *
 * Context: cx_lock held.
 * Return: 0 or -%ENOMEM, with nothing changed.
 */
int cx_epoch_activate(u64 *number)
{
	struct cx_epoch *from = newest();
	struct cx_epoch *epoch = epoch_build(NULL, GFP_KERNEL);
	u32 i, changes = 0;

	if (!epoch)
		return -ENOMEM;
	for (i = 0; i < epoch->count; i++)
		changes += !cx_epoch_has(from, epoch->active[i]);
	if (changes) {
		publish(epoch);
		from = epoch;
	} else {
		epoch_free(epoch);
	}
	*number = from->number;
	return 0;
}

/*
 * Is nobody inside of @gen or on the way?  Called after a grace period in which
 * no walk was told of it.  Its directory's dentry has one reference of ours;
 * each cached dentry below, and each walk, file and working directory in there
 * is one more.
 */
static bool is_drained(const struct cx_generation *gen)
{
	if (atomic_read_acquire(&gen->pins))
		return false;
	if (d_count(gen->root) > 1)
		shrink_dcache_parent(gen->root);
	return d_count(gen->root) == 1;
}

static void find_drained(void)
{
	struct cx_cryptex *cx;
	struct cx_generation *gen;

	list_for_each_entry(cx, &cx_cryptexes, link)
		list_for_each_entry(gen, &cx->generations, link)
			gen->drained = !gen->active && is_drained(gen);
}

/* Does anyone who lives in @epoch fit into @candidate as well? */
static bool covers(const struct cx_epoch *candidate,
		   const struct cx_epoch *epoch)
{
	u32 i;

	for (i = 0; i < epoch->count; i++)
		if (!epoch->active[i]->drained &&
		    !cx_epoch_has(candidate, epoch->active[i]))
			return false;
	return true;
}

static bool is_superseded(const struct cx_epoch *epoch)
{
	const struct cx_epoch *newer;

	for (newer = newest(); newer != epoch; newer = older(newer))
		if (covers(newer, epoch))
			return true;
	return false;
}

/*
 * Unlink what is superseded, of the epochs that were not the newest one any
 * more when the grace period began.  A generation that was switched away from
 * since may be taken for drained too early; who was told it as the newest lives
 * in an epoch that is not looked at here.
 */
static void prune(u64 seen)
{
	struct cx_epoch *epoch = newest();
	struct cx_epoch *next;

	find_drained();
	while ((next = older(epoch))) {
		if (next->number < seen && is_superseded(next)) {
			rcu_assign_pointer(epoch->older, older(next));
			epoch_free(next);
		} else {
			epoch = next;
		}
	}
}

static bool is_inactive_used(void)
{
	struct cx_cryptex *cx;
	struct cx_generation *gen;

	list_for_each_entry(cx, &cx_cryptexes, link)
		list_for_each_entry(gen, &cx->generations, link)
			if (!gen->active && atomic_read(&gen->users))
				return true;
	return false;
}

/*
 * Whoever comes to use an inactive generation counts himself first and calls
 * cx_epoch_unsettle() then, so he is seen here or undoes what is done here.
 */
static void set_settled(void)
{
	struct cx_epoch *epoch = newest();

	if (older(epoch))
		return;
	spin_lock(&settled_lock);
	WRITE_ONCE(epoch->settled, !is_inactive_used());
	spin_unlock(&settled_lock);
}

static void settle_work(struct work_struct *work)
{
	u64 seen;

	rcu_read_lock();
	seen = rcu_dereference(cx_epoch_newest)->number;
	rcu_read_unlock();
	synchronize_rcu();
	mutex_lock(&cx_lock);
	prune(seen);
	set_settled();
	mutex_unlock(&cx_lock);
}

/**
 * cx_epoch_settle - look soon whether older epochs are still needed
 *
 * To be called whenever something of an inactive generation has gone.
 *
 * Context: any.
 */
void cx_epoch_settle(void)
{
	queue_work(cx_workqueue, &settling);
}

/**
 * cx_epoch_unsettle - somebody uses a generation that is not active
 *
 * Called after he was counted among the generation's users.
 *
 * Context: any.
 */
void cx_epoch_unsettle(void)
{
	rcu_read_lock();
	spin_lock(&settled_lock);
	WRITE_ONCE(rcu_dereference(cx_epoch_newest)->settled, false);
	spin_unlock(&settled_lock);
	rcu_read_unlock();
}

/**
 * cx_epoch_find - the active generation of a cryptex
 * @epoch: in which
 * @cryptex_id: of which cryptex
 *
 * Context: RCU read lock or cx_lock held; the result is good for as long.
 * Return: the generation, or NULL if the cryptex was not mounted then.
 */
struct cx_generation *cx_epoch_find(const struct cx_epoch *epoch,
				    u64 cryptex_id)
{
	u32 low = 0, high = epoch->count;

	while (low < high) {
		u32 mid = low + (high - low) / 2;
		struct cx_generation *gen = epoch->active[mid];

		if (gen->cryptex_id == cryptex_id)
			return gen;
		if (gen->cryptex_id < cryptex_id)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/**
 * cx_epoch_has - was this generation active in that epoch?
 * @epoch: the epoch
 * @gen: the generation
 *
 * Context: RCU read lock or cx_lock held.
 * Return: true if it was.
 */
bool cx_epoch_has(const struct cx_epoch *epoch, const struct cx_generation *gen)
{
	return cx_epoch_find(epoch, gen->cryptex_id) == gen;
}

/**
 * cx_epoch_init - epoch 0, without any cryptex
 *
 * Return: 0 or -%ENOMEM.
 */
int cx_epoch_init(void)
{
	struct cx_epoch *epoch = epoch_alloc(0, GFP_KERNEL);

	if (!epoch)
		return -ENOMEM;
	epoch->settled = true;
	RCU_INIT_POINTER(cx_epoch_newest, epoch);
	return 0;
}

/**
 * cx_epoch_exit - forget all epochs
 *
 * Called when no superblock is left, so nobody reads and nobody settles.
 */
void cx_epoch_exit(void)
{
	struct cx_epoch *epoch, *next;

	cancel_work_sync(&settling);
	mutex_lock(&cx_lock);
	for (epoch = newest(); epoch; epoch = next) {
		next = older(epoch);
		epoch_free(epoch);
	}
	RCU_INIT_POINTER(cx_epoch_newest, NULL);
	mutex_unlock(&cx_lock);
}
