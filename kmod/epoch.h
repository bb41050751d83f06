/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_EPOCH_H
#define _CX_EPOCH_H

#include <linux/limits.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

struct cx_cryptex;
struct cx_generation;
struct dentry;

/* No epoch; the first one has the number 1. */
#define CX_NO_EPOCH	0

/**
 * struct cx_tenure - a span of epochs in which a generation is active
 * @gen: the generation, a reference
 * @from: the first epoch
 * @until: the first epoch in which it is not active any more; %U64_MAX while it
 *	is.  Written before that epoch is published, and later only lowered, to
 *	where no epoch is remembered any more; down to @from if none of it is
 * @older: the tenure before in the same cryptex, if an epoch of it may still be
 *	lived in
 * @link: the dentry of ``current`` for as long as the tenure lasts, a reference;
 *	a path walk that was told @gen without a pin holds one too
 * @item: in the set that is being switched; cx_lock
 * @needed: settling's note: it stays; cx_lock
 * @last: settling's note: the last epoch of it that is needed; cx_lock
 * @rcu: frees it
 *
 * Readers find them from struct cx_cryptex.tenure under RCU.
 */
struct cx_tenure {
	struct cx_generation *gen;
	u64 from;
	u64 until;
	struct cx_tenure __rcu *older;
	struct dentry *link;
	struct list_head item;
	bool needed;
	u64 last;
	struct rcu_head rcu;
};

u64 cx_epoch_newest(void);
u64 cx_epoch_settled(void);
void cx_epoch_set_settled(bool settled);
struct cx_generation *cx_epoch_find(const struct cx_cryptex *cx, u64 epoch);
u64 cx_epoch_last_with(const struct cx_generation *gen, u64 epoch);

int cx_epoch_begin(struct cx_cryptex *cx);
void cx_epoch_end(struct cx_cryptex *cx);
int cx_epoch_prepare(struct list_head *set, struct cx_generation *gen);
u64 cx_epoch_switch(struct list_head *set);
void cx_epoch_forget(struct list_head *set);

struct cx_tenure *cx_tenure_of(const struct cx_cryptex *cx);
struct cx_tenure *cx_tenure_older(const struct cx_tenure *tenure);
void cx_tenure_free(struct cx_tenure *tenure);

#endif /* _CX_EPOCH_H */
