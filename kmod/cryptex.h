/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_CRYPTEX_H
#define _CX_CRYPTEX_H

#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/types.h>

#include "store.h"

struct cx_generation;
struct cx_tenure;
struct cx_why;
struct inode;
struct super_block;

/*
 * The one writer lock.  It protects the list of cryptexes, their lists of
 * generations, the tenures, and what is revoked.  Readers of these use RCU.  It
 * nests inside s_umount (a superblock's coming and going) and outside the inode
 * lock of a mount's root.
 */
extern struct mutex cx_lock;
extern struct list_head cx_cryptexes;

/* Rises with each change that a dump may show; cx_lock. */
extern unsigned int cx_changes;

/* Bits of struct cx_cryptex.flags */
enum {
	CX_STIRRED,	/* settling shall look at it */
};

/**
 * struct cx_cryptex - a mounted cryptex, one for each superblock
 * @id: rises over all cryptexes, never used twice
 * @name: from the base's seal
 * @sb: its superblock, which owns it
 * @store: where its objects lie
 * @base: what it was mounted with
 * @current_link: inode of ``current``, a reference
 * @tenure: the active generation's; cx_lock or RCU
 * @generations: @base and what was staged since, by rising id; cx_lock or RCU
 * @count: length of @generations; cx_lock
 * @next_ino: first inode number of the next generation; cx_lock
 * @named_in: the last request to activate that named it; cx_lock
 * @flags: bits as above
 * @quiet: it has one tenure and nobody uses what is not active, as settling
 *	found it last; cx_lock
 * @restless: settling looks at it again in its next round; cx_lock
 * @link: in cx_cryptexes, by rising id, while it is mounted; cx_lock
 * @by_name: in the table of names, while it is mounted; cx_lock
 * @rcu: path walks under RCU may look at it while the last mount goes
 */
struct cx_cryptex {
	u64 id;
	const char *name;
	struct super_block *sb;
	struct cx_store store;
	struct cx_generation *base;
	struct inode *current_link;
	struct cx_tenure __rcu *tenure;
	struct list_head generations;
	unsigned int count;
	u64 next_ino;
	u64 named_in;
	unsigned long flags;
	bool quiet;
	bool restless;
	struct list_head link;
	struct hlist_node by_name;
	struct rcu_head rcu;
};

struct cx_cryptex *cx_cryptex_new(struct cx_generation *base);
void cx_cryptex_free(struct cx_cryptex *cx);
int cx_cryptex_register(struct cx_cryptex *cx, struct super_block *sb,
			struct cx_why *why);
void cx_cryptex_unregister(struct cx_cryptex *cx);
struct cx_cryptex *cx_cryptex_find(const char *name);
struct cx_cryptex *cx_cryptex_hold(const char *name, struct cx_why *why);
struct cx_generation *cx_cryptex_find_label(const struct cx_cryptex *cx,
					    const char *label);
int cx_cryptex_adopt(struct cx_cryptex *cx, struct cx_generation *gen);

#endif /* _CX_CRYPTEX_H */
