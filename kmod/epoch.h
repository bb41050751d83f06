/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_EPOCH_H
#define _CX_EPOCH_H

#include <linux/compiler.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

struct cx_cryptex;
struct cx_generation;

/**
 * struct cx_epoch - which generation of each cryptex is active together
 * @number: rises by one with each epoch
 * @older: the epoch before, if somebody may still live in it, else NULL
 * @rcu: frees it
 * @settled: nobody uses a generation that is not active here, so nobody needs
 *	to look at what he maps
 * @count: length of @active
 * @active: by rising cryptex id; a reference each
 *
 * Immutable once published but for @older, which is cut under cx_lock, and
 * @settled, which is a hint on the newest one, written under a lock of its own.
 * Readers walk from the newest one to older ones under RCU.
 */
struct cx_epoch {
	u64 number;
	struct cx_epoch __rcu *older;
	struct rcu_head rcu;
	bool settled;
	u32 count;
	struct cx_generation *active[] __counted_by(count);
};

extern struct cx_epoch __rcu *cx_epoch_newest;

int cx_epoch_init(void);
void cx_epoch_exit(void);
int cx_epoch_add(struct cx_cryptex *cx);
void cx_epoch_remove_dead(void);
int cx_epoch_activate(u64 *number);
void cx_epoch_settle(void);
void cx_epoch_unsettle(void);
struct cx_generation *cx_epoch_find(const struct cx_epoch *epoch,
				    u64 cryptex_id);
bool cx_epoch_has(const struct cx_epoch *epoch, const struct cx_generation *gen);

#endif /* _CX_EPOCH_H */
