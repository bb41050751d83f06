/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_GENERATION_H
#define _CX_GENERATION_H

#include <linux/dcache.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include <cryptex/seal.h>

#include "trust.h"

struct cx_cryptex;
struct cx_why;

/**
 * struct cx_generation - one sealed version of a cryptex
 * @refs: one of the cryptex that has it, of each tenure, of its directory's inode
 * @seal: the parsed manifest; the names in it live in @buf
 * @buf: the seal's bytes, from vmalloc
 * @digest: SHA-256 of the manifest, what a patch names as its base
 * @bytes: content of all regular files
 * @id: rises over all generations, never used twice
 * @cryptex_id: id of the cryptex
 * @first_ino: inode number of entry 0, the others follow
 * @cryptex: the cryptex, or NULL once its last mount has gone; cx_lock, or a
 *	file of it open
 * @link: in the cryptex's list; writers hold cx_lock, readers RCU
 * @root: its directory in the mount's root, a reference; cx_lock
 * @users: inodes of regular files in memory, so at least what is open or mapped
 * @pins: path walks that were told this generation by ``current`` and are not
 *	yet inside @root
 * @since: the epoch from which on it is active; cx_lock
 * @active: is it active in the newest epoch; written under cx_lock, a hint to
 *	everyone else
 * @drained: it is inactive and nobody is inside or on the way, as settling found
 *	it last; cx_lock
 * @revoked: it may not be activated, nor opened by a process that is not in it;
 *	never taken back; written under cx_lock
 * @hit: it is to be revoked by the list in preparation; cx_lock
 * @free: frees it after a grace period: a path walk under RCU may read its label
 *
 * Everything up to @first_ino is immutable.
 */
struct cx_generation {
	refcount_t refs;
	struct cryptex_seal seal;
	void *buf;
	u8 digest[CRYPTEX_DIGEST_SIZE];
	u64 bytes;
	u64 id;
	u64 cryptex_id;
	u64 first_ino;
	struct cx_cryptex *cryptex;
	struct list_head link;
	struct dentry *root;
	atomic_t users;
	atomic_t pins;
	u64 since;
	bool active;
	bool drained;
	bool revoked;
	bool hit;
	struct rcu_work free;
};

struct cx_generation *cx_generation_read_path(const char *path,
					      struct cx_why *why);
struct cx_generation *cx_generation_read_fd(int fd, struct cx_why *why);
struct cx_generation *cx_generation_get(struct cx_generation *gen);
void cx_generation_put(struct cx_generation *gen);
void cx_generation_pin(struct cx_generation *gen);
void cx_generation_unpin(struct cx_generation *gen);
struct cx_signed cx_generation_signed(const struct cx_generation *gen);

/*
 * How many references there are to a directory of the mount's root, or to a link
 * in it.  Whoever takes or gives one meanwhile has his own way of being seen.
 */
static inline int cx_references(const struct dentry *dentry)
{
	return READ_ONCE(dentry->d_lockref.count);
}

/* The label and the cryptex's name are NUL-terminated: the parser saw to it. */
static inline const char *cx_generation_label(const struct cx_generation *gen)
{
	return (const char *)gen->seal.header->label;
}

static inline const char *cx_generation_name(const struct cx_generation *gen)
{
	return (const char *)gen->seal.header->name;
}

static inline u32 cx_generation_security_epoch(const struct cx_generation *gen)
{
	return le32_to_cpu(gen->seal.header->security_epoch);
}

#endif /* _CX_GENERATION_H */
