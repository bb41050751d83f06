/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_STORE_H
#define _CX_STORE_H

#include <linux/path.h>
#include <linux/types.h>

#include "fault.h"

struct cryptex_seal;
struct cx_why;

/**
 * struct cx_store - where a cryptex's objects lie
 * @path: the store's folder, on a private mount of its own, so that nothing
 *	mounted over it later comes in between
 * @cred: the mounter's credentials; objects are opened with them, so the folder
 *	can be closed to everyone else
 * @name: as given to mount, for /proc/self/mountinfo
 * @faults: how its objects are mapped; has its own rules
 *
 * Set up before the superblock is, immutable until it is gone.
 */
struct cx_store {
	struct path path;
	const struct cred *cred;
	char *name;
	struct cx_fault_ops faults;
};

int cx_store_init(struct cx_store *store, const char *name, struct cx_why *why);
void cx_store_exit(struct cx_store *store);
struct file *cx_store_open(const struct cx_store *store, const u8 *digest,
			   u64 size, const struct file *user,
			   struct dentry **kept);
int cx_store_check(const struct cx_store *store,
		   const struct cryptex_seal *seal, struct cx_why *why);

#endif /* _CX_STORE_H */
