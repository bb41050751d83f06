// SPDX-License-Identifier: GPL-2.0-only
/*
 * The store's objects: one file per content, named by its fs-verity digest.
 *
 * The name is only a way to find it.  What counts is that fs-verity reports,
 * for the file that is now open, the digest that the seal has: from then on
 * each page that is read is checked against it by fs-verity itself.
 */
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/fsverity.h>
#include <linux/hex.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include <cryptex/seal.h>

#include "compat.h"
#include "store.h"
#include "why.h"

/* 2 digits of the digest are the folder, the others the file. */
#define OBJECTS		"objects/"
#define OBJECT_NAME_SIZE (sizeof(OBJECTS) + 2 * CRYPTEX_DIGEST_SIZE + 1)

static int take_path(struct cx_store *store, const struct path *path,
		     struct cx_why *why)
{
	struct vfsmount *mnt;

	if (path->mnt->mnt_sb->s_stack_depth >= FILESYSTEM_MAX_STACK_DEPTH)
		return cx_refuse(why, -EINVAL,
				 "store: lies on too many stacked file systems");
	mnt = clone_private_mount(path);
	if (IS_ERR(mnt))
		return cx_refuse(why, PTR_ERR(mnt),
				 "store: its mount cannot be cloned");
	mnt->mnt_flags |= MNT_READONLY | MNT_NOATIME;
	store->path.mnt = mnt;
	store->path.dentry = dget(path->dentry);
	return 0;
}

/**
 * cx_store_init - take hold of a store
 * @store: zeroed; released by cx_store_exit(), also after an error
 * @name: path of its folder, in the caller's mount namespace
 * @why: set on failure
 *
 * Context: may sleep; the caller's credentials are kept for opening objects.
 * Return: 0; -%ENOENT, -%ENOTDIR, -%EACCES as the path lookup says; -%EINVAL if
 * the folder's mount cannot be used; -%ENOMEM.
 */
int cx_store_init(struct cx_store *store, const char *name, struct cx_why *why)
{
	struct path path;
	int err;

	store->cred = get_current_cred();
	store->name = kstrdup(name, GFP_KERNEL);
	if (!store->name)
		return cx_refuse(why, -ENOMEM, "out of memory");
	err = kern_path(name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &path);
	if (err)
		return cx_refuse(why, err, "store: no such folder: %.40s", name);
	err = take_path(store, &path, why);
	path_put(&path);
	return err;
}

/**
 * cx_store_exit - let a store go
 * @store: from cx_store_init()
 */
void cx_store_exit(struct cx_store *store)
{
	if (store->path.mnt) {
		dput(store->path.dentry);
		kern_unmount(store->path.mnt);
	}
	if (store->cred)
		put_cred(store->cred);
	kfree(store->name);
}

static int look_up(const struct cx_store *store, const u8 *digest,
		   struct path *path)
{
	char name[OBJECT_NAME_SIZE] = OBJECTS;
	char *end = bin2hex(name + strlen(OBJECTS), digest, 1);

	*end++ = '/';
	end = bin2hex(end, digest + 1, CRYPTEX_DIGEST_SIZE - 1);
	*end = '\0';
	return vfs_path_lookup(store->path.dentry, store->path.mnt, name,
			       LOOKUP_NO_SYMLINKS | LOOKUP_NO_XDEV, path);
}

/*
 * Three names are walked for an object that is opened for the first time.  One
 * that was kept is as good for as long as it has its name; once it has been
 * removed or replaced, what counts is what the store has now.
 */
static int find_object(const struct cx_store *store, const u8 *digest,
		       struct dentry **kept, struct path *path)
{
	struct dentry *object = kept ? READ_ONCE(*kept) : NULL;

	/* One that loses its name just now is as good as a moment ago. */
	if (!object || data_race(d_unhashed(object)))
		return look_up(store, digest, path);
	path->mnt = store->path.mnt;
	path->dentry = object;
	path_get(path);
	return 0;
}

/* Set once: who uses what is kept has no reference of their own. */
static void keep(struct dentry **kept, struct dentry *object)
{
	if (kept && !READ_ONCE(*kept) && cmpxchg(kept, NULL, dget(object)))
		dput(object);
}

/*
 * The digest fixes the size too; it is compared because stat() already told
 * callers the size in the seal.
 */
static bool is_object(struct inode *inode, const u8 *digest, u64 size)
{
	u8 measured[FS_VERITY_MAX_DIGEST_SIZE];
	u8 alg;

	return fsverity_get_digest(inode, measured, &alg, NULL) ==
		       CRYPTEX_DIGEST_SIZE &&
	       alg == FS_VERITY_HASH_ALG_SHA256 &&
	       !memcmp(measured, digest, CRYPTEX_DIGEST_SIZE) &&
	       i_size_read(inode) == size;
}

static struct file *open_path(const struct cx_store *store,
			      const struct path *path, const struct file *user)
{
	int flags = O_RDONLY | O_LARGEFILE | O_NOATIME;

	if (!d_is_reg(path->dentry))
		return ERR_PTR(-EUCLEAN);
	if (user)
		return cx_backing_open(user, flags, path, store->cred);
	return dentry_open(path, flags, store->cred);
}

/**
 * cx_store_open - open an object and make sure that it is the right one
 * @store: where
 * @digest: fs-verity digest, %CRYPTEX_DIGEST_SIZE bytes
 * @size: bytes of content
 * @user: the cryptex file through which it will be read, or NULL to only look
 * @kept: where a reference on its dentry is kept for the next time, NULL at
 *	first; the caller puts it when nobody opens it any more; or NULL
 *
 * Context: may sleep; overrides credentials for the lookup.
 * Return: the open file; -%EUCLEAN if the file of that name is another one or
 * has no fs-verity, -%ENOENT if there is none, or what opening it returned.
 */
struct file *cx_store_open(const struct cx_store *store, const u8 *digest,
			   u64 size, const struct file *user,
			   struct dentry **kept)
{
	const struct cred *saved = override_creds(store->cred);
	struct path path;
	struct file *file;
	int err = find_object(store, digest, kept, &path);

	if (err) {
		file = ERR_PTR(err);
		goto out;
	}
	file = open_path(store, &path, user);
	if (IS_ERR(file))
		goto put;
	if (is_object(file_inode(file), digest, size)) {
		keep(kept, path.dentry);
	} else {
		fput(file);
		file = ERR_PTR(-EUCLEAN);
	}
put:
	path_put(&path);
out:
	revert_creds(saved);
	return file;
}

static int refuse_object(const struct cryptex_seal *seal,
			 const struct cryptex_seal_entry *e, int err,
			 struct cx_why *why)
{
	const char *name = seal->strings + le32_to_cpu(e->name_off);
	int len = min_t(int, le16_to_cpu(e->name_len), 24);

	if (err == -EINTR || err == -ENOMEM)
		return cx_refuse(why, err, "store: check of objects broken off");
	if (err == -ENOENT)
		return cx_refuse(why, -EUCLEAN,
				 "store: object %*phN of %.*s is missing",
				 6, e->digest, len, name);
	return cx_refuse(why, -EUCLEAN,
			 "store: object %*phN of %.*s is not what was sealed",
			 6, e->digest, len, name);
}

/**
 * cx_store_check - are all objects of a generation there?
 * @store: where
 * @seal: parsed
 * @why: set on failure
 *
 * Opens each object once, so that a generation with a hole is refused before
 * anyone can see it.  Linear in the manifest; reads no content.
 *
 * Context: may sleep.
 * Return: 0; -%EUCLEAN naming the first object that is missing or wrong;
 * -%EINTR if the caller is being killed; -%ENOMEM.
 */
int cx_store_check(const struct cx_store *store,
		   const struct cryptex_seal *seal, struct cx_why *why)
{
	u32 i;

	for (i = 0; i < seal->entry_count; i++) {
		const struct cryptex_seal_entry *e = &seal->entries[i];
		struct file *file;

		if (!S_ISREG(le16_to_cpu(e->mode)))
			continue;
		if (fatal_signal_pending(current))
			return refuse_object(seal, e, -EINTR, why);
		file = cx_store_open(store, e->digest, le64_to_cpu(e->size),
				     NULL, NULL);
		if (IS_ERR(file))
			return refuse_object(seal, e, PTR_ERR(file), why);
		/* At once: a million would pile up until the call returns. */
		__fput_sync(file);
		cond_resched();
	}
	return 0;
}
