// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mounted cryptexes and the generations that each of them has.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/hashtable.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/stringhash.h>

#include <uapi/linux/cryptex.h>

#include "cryptex.h"
#include "epoch.h"
#include "generation.h"
#include "inode.h"
#include "notify.h"
#include "revoke.h"
#include "root.h"
#include "why.h"

DEFINE_MUTEX(cx_lock);	/* what it protects: see cryptex.h */
LIST_HEAD(cx_cryptexes);
unsigned int cx_changes;

/* So that finding one does not get slower with their number; cx_lock. */
static DEFINE_HASHTABLE(by_name, 8);

static u64 last_cryptex_id;
static u64 last_generation_id;
static unsigned int cryptex_count;

/**
 * cx_cryptex_new - a cryptex with its base, not mounted yet
 * @base: its reference is taken over, unless this fails
 *
 * Return: the cryptex, for cx_cryptex_free(), or NULL if out of memory.
 */
struct cx_cryptex *cx_cryptex_new(struct cx_generation *base)
{
	struct cx_cryptex *cx = kzalloc(sizeof(*cx), GFP_KERNEL);

	if (!cx)
		return NULL;
	INIT_LIST_HEAD(&cx->generations);
	INIT_LIST_HEAD(&cx->link);
	cx->base = base;
	cx->name = cx_generation_name(base);
	cx->next_ino = CX_FIRST_INO;
	cx->quiet = true;
	return cx;
}

/**
 * cx_cryptex_free - the end of a cryptex and of its hold on its generations
 * @cx: not registered (any more), its superblock gone
 *
 * Nobody holds a reference: inodes went with the superblock, the list of
 * cryptexes let go in cx_cryptex_unregister().  Only path walks under RCU may
 * still look, so memory they read goes after a grace period.
 */
void cx_cryptex_free(struct cx_cryptex *cx)
{
	struct cx_generation *gen, *tmp;

	list_for_each_entry_safe(gen, tmp, &cx->generations, link)
		cx_generation_put(gen);
	cx_generation_put(cx->base);
	cx_store_exit(&cx->store);
	kfree_rcu(cx, rcu);
}

static u32 hash_of(const char *name)
{
	return full_name_hash(NULL, name, strlen(name));
}

/**
 * cx_cryptex_adopt - give a generation its place: numbers, a directory
 * @cx: with room for it
 * @gen: not in any cryptex
 *
 * Context: cx_lock held; takes the inode lock of the mount's root.
 * Return: 0, with a reference taken for the list; -%ENOMEM.
 */
int cx_cryptex_adopt(struct cx_cryptex *cx, struct cx_generation *gen)
{
	lockdep_assert_held(&cx_lock);
	gen->id = ++last_generation_id;
	gen->cryptex_id = cx->id;
	gen->cryptex = cx;
	gen->first_ino = cx->next_ino;
	gen->root = cx_inode_make_root(cx->sb, gen);
	if (!gen->root)
		return -ENOMEM;
	cx->next_ino += gen->seal.entry_count;
	cx->count++;
	cx_changes++;
	list_add_tail_rcu(&cx_generation_get(gen)->link, &cx->generations);
	return 0;
}

static int check_new(struct cx_cryptex *cx, struct cx_why *why)
{
	if (cx_trust_is_locked())
		return cx_refuse(why, -EPERM, "locked: no further cryptexes");
	if (cryptex_count == CRYPTEX_MAX_CRYPTEXES)
		return cx_refuse(why, -ENOSPC, "%u cryptexes are mounted",
				 cryptex_count);
	return cx_revoke_check(cx->base, why);
}

static int begin(struct cx_cryptex *cx, struct super_block *sb)
{
	cx->id = ++last_cryptex_id;
	cx->sb = sb;
	cx->current_link = cx_root_make_current(sb);
	if (!cx->current_link || cx_cryptex_adopt(cx, cx->base))
		return -ENOMEM;
	return cx_epoch_begin(cx);
}

/* Takes back what begin() did, also half of it. */
static void end(struct cx_cryptex *cx)
{
	struct cx_generation *gen;

	lockdep_assert_held(&cx_lock);
	cx_epoch_end(cx);
	list_for_each_entry(gen, &cx->generations, link) {
		dput(gen->root);
		gen->root = NULL;
		gen->cryptex = NULL;
	}
	iput(cx->current_link);
	cx->current_link = NULL;
}

/**
 * cx_cryptex_register - let a mount's cryptex be seen, its base active
 * @cx: from cx_cryptex_new(), its store set up
 * @sb: its superblock, with a root directory
 * @why: set on failure
 *
 * Context: may sleep; takes cx_lock, holds cx_trust_lock and s_umount.
 * Return: 0; -%EPERM if locked; -%EKEYREVOKED if the base is revoked; -%ENOSPC if
 * %CRYPTEX_MAX_CRYPTEXES are mounted; -%ENOMEM.
 */
int cx_cryptex_register(struct cx_cryptex *cx, struct super_block *sb,
			struct cx_why *why)
{
	int err;

	mutex_lock(&cx_lock);
	err = check_new(cx, why);
	if (err)
		goto out;
	err = begin(cx, sb);
	if (err) {
		end(cx);
		cx_refuse(why, err, "out of memory");
		goto out;
	}
	list_add_tail(&cx->link, &cx_cryptexes);
	hash_add(by_name, &cx->by_name, hash_of(cx->name));
	cryptex_count++;
	cx_notify_mounted(cx->base);
out:
	mutex_unlock(&cx_lock);
	return err;
}

/**
 * cx_cryptex_unregister - a cryptex's last mount goes: nobody can find it now
 * @cx: registered or not
 *
 * Called before the superblock is shut down: lets go of the generations'
 * directories, which the superblock must not find in use.
 *
 * Context: may sleep; takes cx_lock, holds s_umount.
 */
void cx_cryptex_unregister(struct cx_cryptex *cx)
{
	mutex_lock(&cx_lock);
	if (!list_empty(&cx->link)) {
		list_del_init(&cx->link);
		hash_del(&cx->by_name);
		cryptex_count--;
		cx_changes++;
		end(cx);
		cx_notify_unmounted(cx->name);
	}
	mutex_unlock(&cx_lock);
}

/**
 * cx_cryptex_find - look a mounted cryptex up
 * @name: its name
 *
 * Context: cx_lock held; what is returned is good for as long.
 * Return: the cryptex or NULL.
 */
struct cx_cryptex *cx_cryptex_find(const char *name)
{
	struct cx_cryptex *cx;

	lockdep_assert_held(&cx_lock);
	hash_for_each_possible(by_name, cx, by_name, hash_of(name))
		if (!strcmp(cx->name, name))
			return cx;
	return NULL;
}

/**
 * cx_cryptex_hold - look a mounted cryptex up and keep it mounted
 * @name: its name
 * @why: set on failure
 *
 * Context: takes cx_lock.
 * Return: the cryptex, for deactivate_super() of its superblock, or NULL.
 */
struct cx_cryptex *cx_cryptex_hold(const char *name, struct cx_why *why)
{
	struct cx_cryptex *cx;

	mutex_lock(&cx_lock);
	cx = cx_cryptex_find(name);
	if (cx && !atomic_inc_not_zero(&cx->sb->s_active))
		cx = NULL;
	mutex_unlock(&cx_lock);
	if (!cx)
		cx_refuse(why, -ENOENT, "no cryptex %.40s is mounted", name);
	return cx;
}

/**
 * cx_cryptex_find_label - look a generation of a cryptex up
 * @cx: the cryptex
 * @label: the generation's label
 *
 * Context: cx_lock held; what is returned is good for as long.
 * Return: the generation or NULL.
 */
struct cx_generation *cx_cryptex_find_label(const struct cx_cryptex *cx,
					    const char *label)
{
	struct cx_generation *gen;

	lockdep_assert_held(&cx_lock);
	list_for_each_entry(gen, &cx->generations, link)
		if (!strcmp(cx_generation_label(gen), label))
			return gen;
	return NULL;
}
