/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The operations of the helper: what cryptexctl does now and a daemon will do
 * later.  Each takes a struct cx_ops that was opened with what it needs, is
 * safe to repeat, and leaves things as they were when it fails; objects that it
 * has put into the store by then may stay, as they are named by their content.
 */
#ifndef _CX_OPS_H
#define _CX_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/cms.h"
#include "lib/error.h"
#include "lib/netlink.h"
#include "lib/state.h"
#include "lib/store.h"

#define CX_MOUNT_FOLDER "/usr/cryptexes"

/**
 * enum cx_ops_needs - what an operation needs
 * @CX_OPS_STORE: the store
 * @CX_OPS_STORE_IF: the store, if this user may read it
 * @CX_OPS_LOCK: the right to change the store
 * @CX_OPS_TRUST: the store's trusted certificates
 * @CX_OPS_KERNEL: the module
 * @CX_OPS_KERNEL_IF: the module, if it is loaded
 */
enum cx_ops_needs {
	CX_OPS_STORE		= 1 << 0,
	CX_OPS_STORE_IF		= 1 << 1,
	CX_OPS_LOCK		= 1 << 2,
	CX_OPS_KERNEL		= 1 << 3,
	CX_OPS_KERNEL_IF	= 1 << 4,
	CX_OPS_TRUST		= 1 << 5,
};

/**
 * struct cx_ops - what operations work with
 * @store: the store; @store.fd is -1 without one
 * @trust: its trusted certificates, if they were asked for
 * @nl: the module, or NULL
 * @lock: descriptor of the lock, or -1
 * @say: told what was done, or that nothing was to be done
 * @warn: told what went wrong without making the operation fail
 */
struct cx_ops {
	struct cx_store store;
	struct cx_trust trust;
	struct cx_netlink *nl;
	int lock;
	void (*say)(const char *text);
	void (*warn)(const char *text);
};

/**
 * cx_ops_open - get what an operation needs
 * @ops: @say and @warn are set by the caller, the rest here; the caller closes
 *	it after success
 * @store: path of the store
 * @needs: of enum cx_ops_needs
 * @err: filled on failure, as cx_store_open(), cx_store_lock() and cx_netlink_open()
 *	do; -ENODEV: the module is not loaded
 */
int cx_ops_open(struct cx_ops *ops, const char *store, unsigned int needs,
		struct cx_error *err);

/**
 * cx_ops_close - let go of everything
 * @ops: opened; @say and @warn stay
 */
void cx_ops_close(struct cx_ops *ops);

/**
 * cx_ops_say - tell what was done
 * @ops: whose @say is called
 * @fmt: printf format of one sentence
 */
void cx_ops_say(const struct cx_ops *ops, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * cx_ops_warn - tell what went wrong
 * @ops: whose @warn is called
 * @fmt: printf format of one sentence
 */
void cx_ops_warn(const struct cx_ops *ops, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * cx_op_init - make a store, or see that there is one
 * @path: where
 * @loop_size: bytes of a file system of its own, in the file @path.img; 0 to
 *	use the file system that @path lies on
 * @say: told what was done
 * @err: filled on failure; -EOPNOTSUPP: no fs-verity there
 */
int cx_op_init(const char *path, uint64_t loop_size,
	       void (*say)(const char *text), struct cx_error *err);

/**
 * cx_op_mount_loop - mount a store that has a file system of its own
 * @path: the store
 * @err: filled on failure
 *
 * Return: 1 if it was mounted now, 0 if there is nothing to mount, or a
 * negative errno.
 */
int cx_op_mount_loop(const char *path, struct cx_error *err);

/**
 * cx_op_trust - trust a certificate, now and after each boot
 * @ops: needs STORE, LOCK, KERNEL_IF
 * @path: the certificate, PEM or DER
 * @err: filled on failure; then it is not stored either; -EKEYEXPIRED, -EAGAIN: it is
 *	not valid now; -EINVAL: it has no key id
 */
int cx_op_trust(struct cx_ops *ops, const char *path, struct cx_error *err);

/**
 * struct cx_mount_request - what to mount
 * @what: a container, or NAME or NAME@LABEL of a base in the store
 * @mountpoint: absolute; NULL for the last one, or CX_MOUNT_FOLDER/NAME
 * @graft: tell the dynamic linker
 */
struct cx_mount_request {
	const char *what;
	const char *mountpoint;
	bool graft;
};

/**
 * cx_op_mount - mount a base
 * @ops: needs STORE, LOCK, TRUST, KERNEL
 * @request: what and where
 * @err: filled on failure; -EINVAL: no base, or no such mountpoint can be; -EBUSY: it
 *	is mounted in another way, or something else is there; -ENOTEMPTY: files are;
 *	-ENOENT: the base or some of its content is not to be had; -ENOKEY: signed by
 *	no trusted key
 */
int cx_op_mount(struct cx_ops *ops, const struct cx_mount_request *request,
		struct cx_error *err);

/**
 * cx_op_umount - undo a mount, its graft and its state
 * @ops: needs STORE, LOCK, KERNEL_IF
 * @name: the cryptex
 * @err: filled on failure; -EBUSY: it is in use, and stays
 */
int cx_op_umount(struct cx_ops *ops, const char *name, struct cx_error *err);

/**
 * cx_op_stage - hand a patch to the kernel
 * @ops: needs STORE, LOCK, TRUST, KERNEL
 * @what: a container, or NAME@LABEL of a seal in the store
 * @err: filled on failure; -EINVAL: a base; -ESTALE: for another base, or a delta for
 *	another object; -ENOENT: its base is not mounted, or some of its content is
 *	not to be had; -ENOKEY: signed by no trusted key
 */
int cx_op_stage(struct cx_ops *ops, const char *what, struct cx_error *err);

/**
 * cx_op_activate - switch a set of cryptexes, all or none
 * @ops: needs STORE, LOCK, KERNEL
 * @items: one for each cryptex
 * @count: how many
 * @err: filled on failure, and then nothing is switched unless it says so; -EINVAL:
 *	one is named twice; -ENOENT: not mounted or not staged; otherwise as
 *	cx_netlink_activate() does
 */
int cx_op_activate(struct cx_ops *ops, const struct cx_item *items,
		   size_t count, struct cx_error *err);

/**
 * cx_op_rollback - return to the base
 * @ops: needs STORE, LOCK, KERNEL
 * @names: cryptexes
 * @count: how many; 0 for all that are mounted
 * @err: filled on failure; -ENOENT: one is not mounted
 *
 * Unlike an activation it takes place also if it cannot be saved; that is a
 * failure all the same, and @err says what has happened.
 */
int cx_op_rollback(struct cx_ops *ops, char *const names[], size_t count,
		   struct cx_error *err);

/**
 * cx_op_revoke - put a revocation list in force, now and after each boot
 * @ops: needs STORE, LOCK, TRUST, KERNEL_IF
 * @path: the list
 * @err: filled on failure; then it is not stored either; -ESTALE: a newer list
 *	is in force
 */
int cx_op_revoke(struct cx_ops *ops, const char *path, struct cx_error *err);

/**
 * cx_op_retire - let go of a generation that nobody uses
 * @ops: needs STORE, LOCK, KERNEL
 * @item: the generation
 * @err: filled on failure; -EBUSY: the base, active, in use, or wanted at boot
 *
 * Its seal leaves the store; its objects stay until cx_op_gc().  One that is in
 * the store only can go as well, be it a base.
 */
int cx_op_retire(struct cx_ops *ops, const struct cx_item *item,
		 struct cx_error *err);

/**
 * cx_op_gc - remove the objects that no seal in the store names
 * @ops: needs STORE, LOCK, KERNEL_IF
 * @err: filled on failure; -ENOENT, -EBADMSG: a seal is missing or damaged, so
 *	that it is not known what is needed, and nothing was removed
 */
int cx_op_gc(struct cx_ops *ops, struct cx_error *err);

/**
 * cx_op_boot - bring back what was in force before the machine went down
 * @ops: @say and @warn set, not open
 * @store: path of the store
 * @err: filled on failure
 *
 * What fails is told through @warn; the other cryptexes come up all the same.
 *
 * Return: 0, or a negative errno if something failed.
 */
int cx_op_boot(struct cx_ops *ops, const char *store, struct cx_error *err);

/**
 * struct cx_listed - one generation, as the kernel and the store know it
 * @item: its name and label
 * @base: it is a base
 * @active: it is what a new process gets
 * @staged: the kernel knows it
 * @stored: its seal is in the store
 * @revoked: the kernel says that it may not become active any more
 * @security_epoch: from the seal
 * @entries: files, directories and links
 * @users: regular files of it that are in use
 * @build_time: seconds since 1970 UTC
 * @bytes: content of all its regular files
 * @digest: SHA-256 of its manifest
 */
struct cx_listed {
	struct cx_item item;
	bool base;
	bool active;
	bool staged;
	bool stored;
	bool revoked;
	uint32_t security_epoch;
	uint32_t entries;
	uint32_t users;
	uint64_t build_time;
	uint64_t bytes;
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
};

/**
 * struct cx_listing - many of them
 * @list: @count generations, sorted by name and label, on the heap
 * @count: how many
 */
struct cx_listing {
	struct cx_listed *list;
	size_t count;
};

/**
 * cx_op_list - list every generation
 * @ops: needs STORE_IF, TRUST, KERNEL_IF
 * @name: only those of this cryptex; NULL for all
 * @listing: set on success; the caller frees @listing->list
 * @err: filled on failure
 *
 * A seal that cannot be read is told through @warn and left out.
 */
int cx_op_list(struct cx_ops *ops, const char *name, struct cx_listing *listing,
	       struct cx_error *err);

/**
 * struct cx_verify_result - what a verification saw
 * @seals: number of seals
 * @objects: number of objects, each counted once
 * @bytes: content that was read through
 * @faults: number of faults
 */
struct cx_verify_result {
	size_t seals;
	size_t objects;
	uint64_t bytes;
	size_t faults;
};

/**
 * typedef cx_verify_report - told of each fault
 * @ctx: as given to cx_op_verify()
 * @where: the seal or object
 * @text: what is wrong, what is affected and what to do
 */
typedef void (*cx_verify_report)(void *ctx, const char *where,
				 const char *text);

/**
 * cx_op_verify - check every seal and read every object through
 * @ops: needs STORE, TRUST
 * @name: only what this cryptex uses; NULL for all
 * @report: told of each fault
 * @ctx: for @report
 * @result: set on success
 * @err: filled on failure
 *
 * Return: 0 also if there are faults, or a negative errno if the verification
 * itself could not be done.
 */
int cx_op_verify(struct cx_ops *ops, const char *name, cx_verify_report report,
		 void *ctx, struct cx_verify_result *result,
		 struct cx_error *err);

#endif /* _CX_OPS_H */
