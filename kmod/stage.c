// SPDX-License-Identifier: GPL-2.0-only
/*
 * Generations come to a mounted cryptex, and leave it.
 */
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/rculist.h>
#include <linux/spinlock.h>

#include <uapi/linux/cryptex.h>

#include "cryptex.h"
#include "epoch.h"
#include "generation.h"
#include "notify.h"
#include "revoke.h"
#include "settle.h"
#include "stage.h"
#include "why.h"

/* May @gen join @cx?  Positive: it is there already. */
static int check_fit(struct cx_cryptex *cx, const struct cx_generation *gen,
		     struct cx_why *why)
{
	const struct cx_generation *twin =
		cx_cryptex_find_label(cx, cx_generation_label(gen));
	u32 oldest = cx_generation_security_epoch(cx->base);
	u32 epoch = cx_generation_security_epoch(gen);
	int err = cx_revoke_check(gen, why);

	if (err)
		return err;
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
	if (epoch < oldest)
		return cx_refuse(why, -ESTALE,
				 "security epoch %u is below the base's %u",
				 epoch, oldest);
	err = cx_revoke_check_floor(gen, why);
	if (err)
		return err;
	if (cx->count == CRYPTEX_MAX_GENERATIONS)
		return cx_refuse(why, -ENOSPC, "%u generations are staged",
				 cx->count);
	return 0;
}

static int join(struct cx_cryptex *cx, struct cx_generation *gen,
		struct cx_generation **staged, struct cx_why *why)
{
	int err;

	lockdep_assert_held(&cx_lock);
	err = check_fit(cx, gen, why);
	if (err < 0)
		return err;
	if (!err) {
		if (cx_cryptex_adopt(cx, gen))
			return cx_refuse(why, -ENOMEM, "out of memory");
		cx_notify_staged(gen);
	}
	gen = cx_cryptex_find_label(cx, cx_generation_label(gen));
	*staged = cx_generation_get(gen);
	return 0;
}

/**
 * cx_stage - add a generation to the cryptex that it names
 * @gen: verified and parsed; the caller keeps its reference
 * @staged: set on success to @gen, or to the same generation if it was staged
 *	already; a reference
 * @why: set on failure
 *
 * The objects are looked at without cx_lock, which activations need, while a
 * reference on the superblock keeps the cryptex from going.
 *
 * Context: may sleep; takes cx_lock, cx_trust_lock held since before @gen was
 * verified.
 * Return: 0; -%ENOENT if no such cryptex is mounted; -%EKEYREVOKED if the seal is
 * revoked; -%ESTALE if it is made for another base or its security epoch is
 * below the base's or the floor; -%EEXIST if its label is taken; -%EUCLEAN if an
 * object is missing or wrong; -%ENOSPC if the cryptex has
 * %CRYPTEX_MAX_GENERATIONS; -%EINTR; -%ENOMEM.
 */
int cx_stage(struct cx_generation *gen, struct cx_generation **staged,
	     struct cx_why *why)
{
	struct cx_cryptex *cx = cx_cryptex_hold(cx_generation_name(gen), why);
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
		err = join(cx, gen, staged, why);
		mutex_unlock(&cx_lock);
	}
	deactivate_super(cx->sb);
	return err;
}

static bool has_tenure(const struct cx_generation *gen)
{
	const struct cx_tenure *t;

	for (t = cx_tenure_of(gen->cryptex); t; t = cx_tenure_older(t))
		if (t->gen == gen)
			return true;
	return false;
}

/* Unless somebody has just come in, nobody can from now on. */
static bool close_directory(struct dentry *root)
{
	bool alone;

	spin_lock(&root->d_lock);
	alone = root->d_lockref.count == 1;
	if (alone)
		__d_drop(root);
	spin_unlock(&root->d_lock);
	return alone;
}

static int check_unused(const struct cx_generation *gen, struct cx_why *why)
{
	int users = atomic_read(&gen->users);

	if (gen == gen->cryptex->base)
		return cx_refuse(why, -EBUSY, "this is the base");
	if (gen->active)
		return cx_refuse(why, -EBUSY, "this is the active generation");
	if (users)
		return cx_refuse(why, -EBUSY,
				 "in use: %d of its files are open or mapped",
				 users);
	if (!gen->drained)
		return cx_refuse(why, -EBUSY,
				 "in use: 0 files, but a folder of it is");
	if (has_tenure(gen))
		return cx_refuse(why, -EBUSY,
				 "a process of an older epoch would get it");
	return 0;
}

static int leave(struct cx_cryptex *cx, const char *label, struct cx_why *why)
{
	struct cx_generation *gen = cx_cryptex_find_label(cx, label);
	int err;

	lockdep_assert_held(&cx_lock);
	if (!gen)
		return cx_refuse(why, -ENOENT, "%.30s has no generation %.30s",
				 cx->name, label);
	err = check_unused(gen, why);
	if (err)
		return err;
	if (!close_directory(gen->root))
		return cx_refuse(why, -EBUSY, "somebody has just come to it");
	list_del_rcu(&gen->link);
	cx->count--;
	cx_changes++;
	cx_notify_retired(gen);
	dput(gen->root);
	cx_generation_put(gen);
	return 0;
}

/**
 * cx_retire - free a generation that nobody uses or needs
 * @name: of the cryptex
 * @label: of the generation
 * @why: set on failure
 *
 * Context: may sleep, for an RCU grace period; takes cx_lock.
 * Return: 0; -%ENOENT if there is no such cryptex or generation; -%EBUSY if it
 * is the base, active, in use or needed by an older epoch.
 */
int cx_retire(const char *name, const char *label, struct cx_why *why)
{
	struct cx_cryptex *cx = cx_cryptex_hold(name, why);
	int err;

	if (!cx)
		return -ENOENT;
	cx_settle_now(cx);
	mutex_lock(&cx_lock);
	err = leave(cx, label, why);
	mutex_unlock(&cx_lock);
	deactivate_super(cx->sb);
	return err;
}
