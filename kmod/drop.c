// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dropping what the VFS has cached of generations that are not active: a cached
 * dentry holds its folder as one in use does, so draining would not be seen.
 */
#include <linux/dcache.h>
#include <linux/fs.h>

#include "cryptex.h"
#include "drop.h"
#include "generation.h"
#include "main.h"

static bool is_cached(const struct cx_generation *gen)
{
	return !gen->active && cx_references(gen->root) > 1;
}

/* The next one by id whose inactive tree is cached; its cryptex stays mounted. */
static struct cx_generation *next_cached(u64 after)
{
	struct cx_generation *gen, *found = NULL;
	const struct cx_cryptex *cx;

	list_for_each_entry(cx, &cx_cryptexes, link) {
		if (!cx->restless && !test_bit(CX_STIRRED, &cx->flags))
			continue;
		list_for_each_entry(gen, &cx->generations, link)
			if (gen->id > after && is_cached(gen) &&
			    (!found || gen->id < found->id))
				found = gen;
	}
	/* A superblock that goes takes its generations off the list, soon. */
	if (found && !atomic_inc_not_zero(&found->cryptex->sb->s_active))
		return next_cached(found->id);
	return found;
}

/**
 * cx_drop_caches - drop cached dentries of inactive generations
 *
 * Of the cryptexes that settling is going to look at.  Not under the lock: a tree
 * of 100,000 files takes a while.
 *
 * Context: may sleep; takes cx_lock.
 */
void cx_drop_caches(void)
{
	struct cx_generation *gen;
	struct super_block *sb;
	struct dentry *root;
	u64 after = 0;

	mutex_lock(&cx_lock);
	while ((gen = next_cached(after))) {
		after = gen->id;
		sb = gen->cryptex->sb;
		root = dget(gen->root);
		mutex_unlock(&cx_lock);
		shrink_dcache_parent(root);
		dput(root);
		deactivate_super(sb);
		mutex_lock(&cx_lock);
	}
	mutex_unlock(&cx_lock);
}
