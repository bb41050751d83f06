// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mounted cryptexes and the generations that each of them has.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include <uapi/linux/cryptex.h>

#include "cryptex.h"
#include "epoch.h"
#include "generation.h"
#include "inode.h"
#include "why.h"

DEFINE_MUTEX(cx_lock);	/* what it protects: see cryptex.h */
LIST_HEAD(cx_cryptexes);
unsigned int cx_changes;

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

/*
 * Give a generation its place: numbers, a directory, an entry in the list,
 * which holds a reference.
 */
static int adopt(struct cx_cryptex *cx, struct cx_generation *gen)
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

static void disown(struct cx_generation *gen)
{
	lockdep_assert_held(&cx_lock);
	dput(gen->root);
	gen->root = NULL;
	gen->cryptex = NULL;
	gen->drained = true;
}

/**
 * cx_cryptex_register - let a mount's cryptex be seen, its base active
 * @cx: from cx_cryptex_new(), its store set up
 * @sb: its superblock, with a root directory
 * @why: set on failure
 *
 * Context: may sleep; takes cx_lock, holds s_umount.
 * Return: 0; -%ENOSPC if %CRYPTEX_MAX_CRYPTEXES are mounted; -%ENOMEM.
 */
int cx_cryptex_register(struct cx_cryptex *cx, struct super_block *sb,
			struct cx_why *why)
{
	int err = -ENOMEM;

	mutex_lock(&cx_lock);
	if (cryptex_count == CRYPTEX_MAX_CRYPTEXES) {
		err = cx_refuse(why, -ENOSPC, "%u cryptexes are mounted",
				cryptex_count);
		goto out;
	}
	cx->id = ++last_cryptex_id;
	cx->sb = sb;
	err = adopt(cx, cx->base);
	if (err)
		goto out;
	err = cx_epoch_add(cx);
	if (err) {
		disown(cx->base);
		goto out;
	}
	list_add_tail(&cx->link, &cx_cryptexes);
	cryptex_count++;
	pr_info("%s: mounted, base %s\n", cx->name,
		cx_generation_label(cx->base));
out:
	mutex_unlock(&cx_lock);
	if (err == -ENOMEM)
		cx_refuse(why, err, "out of memory");
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
	struct cx_generation *gen;

	mutex_lock(&cx_lock);
	if (!list_empty(&cx->link)) {
		list_del_init(&cx->link);
		cryptex_count--;
		cx_changes++;
		list_for_each_entry(gen, &cx->generations, link)
			disown(gen);
		cx_epoch_remove_dead();
		pr_info("%s: unmounted\n", cx->name);
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
	list_for_each_entry(cx, &cx_cryptexes, link)
		if (!strcmp(cx->name, name))
			return cx;
	return NULL;
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

static u32 security_epoch(const struct cx_generation *gen)
{
	return le32_to_cpu(gen->seal.header->security_epoch);
}

/* May @gen join @cx?  Positive: it is there already. */
static int check_fit(struct cx_cryptex *cx, const struct cx_generation *gen,
		     struct cx_why *why)
{
	const struct cx_generation *twin =
		cx_cryptex_find_label(cx, cx_generation_label(gen));

	if (twin && !memcmp(twin->digest, gen->digest, CRYPTEX_DIGEST_SIZE))
		return 1;
	if (memcmp(gen->seal.header->base_digest, cx->base->digest,
		   CRYPTEX_DIGEST_SIZE))
		return cx_refuse(why, -ESTALE,
				 "made for base %*phN, mounted is %*phN", 6,
				 gen->seal.header->base_digest, 6,
				 cx->base->digest);
	if (twin)
		return cx_refuse(why, -EEXIST,
				 "another seal with this label is staged");
	if (security_epoch(gen) < security_epoch(cx->base))
		return cx_refuse(why, -ESTALE,
				 "security epoch %u is below the base's %u",
				 security_epoch(gen), security_epoch(cx->base));
	if (cx->count == CRYPTEX_MAX_GENERATIONS)
		return cx_refuse(why, -ENOSPC, "%u generations are staged",
				 cx->count);
	return 0;
}

/* Find the cryptex of a generation and keep it mounted. */
static struct cx_cryptex *hold_cryptex(const struct cx_generation *gen,
				       struct cx_why *why)
{
	struct cx_cryptex *cx;

	mutex_lock(&cx_lock);
	cx = cx_cryptex_find(cx_generation_name(gen));
	if (cx && !atomic_inc_not_zero(&cx->sb->s_active))
		cx = NULL;
	mutex_unlock(&cx_lock);
	if (!cx)
		cx_refuse(why, -ENOENT, "no cryptex %.40s is mounted",
			  cx_generation_name(gen));
	return cx;
}

static int stage_in(struct cx_cryptex *cx, struct cx_generation *gen,
		    struct cx_generation **staged, struct cx_why *why)
{
	int err;

	lockdep_assert_held(&cx_lock);
	err = check_fit(cx, gen, why);
	if (err < 0)
		return err;
	if (!err) {
		if (adopt(cx, gen))
			return cx_refuse(why, -ENOMEM, "out of memory");
		pr_info("%s: staged %s, manifest %*phN\n", cx->name,
			cx_generation_label(gen), 6, gen->digest);
	}
	gen = cx_cryptex_find_label(cx, cx_generation_label(gen));
	*staged = cx_generation_get(gen);
	return 0;
}

/**
 * cx_cryptex_stage - add a generation to the cryptex that it names
 * @gen: verified and parsed; the caller keeps its reference
 * @staged: set on success to @gen, or to the same generation if it was staged
 *	already; a reference
 * @why: set on failure
 *
 * The objects are looked at without the lock, which activations need, while a
 * reference on the superblock keeps the cryptex from going.
 *
 * Context: may sleep; takes cx_lock.
 * Return: 0; -%ENOENT if no such cryptex is mounted; -%ESTALE if it is made for
 * another base or its security epoch is below the base's; -%EEXIST if its label
 * is taken; -%EUCLEAN if an object is missing or wrong; -%ENOSPC if the cryptex
 * has %CRYPTEX_MAX_GENERATIONS; -%EINTR; -%ENOMEM.
 */
int cx_cryptex_stage(struct cx_generation *gen, struct cx_generation **staged,
		     struct cx_why *why)
{
	struct cx_cryptex *cx = hold_cryptex(gen, why);
	int err;

	if (!cx)
		return -ENOENT;
	mutex_lock(&cx_lock);
	err = check_fit(cx, gen, why);
	mutex_unlock(&cx_lock);
	if (!err)
		err = cx_store_check(&cx->store, &gen->seal, why);
	if (err >= 0) {
		mutex_lock(&cx_lock);
		err = stage_in(cx, gen, staged, why);
		mutex_unlock(&cx_lock);
	}
	deactivate_super(cx->sb);
	return err;
}
