/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The netlink contract of the cryptex module.
 *
 * Generic netlink family "cryptex", version 1, initial network namespace.
 * Reading state needs no privilege; every other command needs CAP_SYS_ADMIN in
 * the initial user namespace, else EPERM.  A refusal carries one sentence as
 * extended ACK.  Documentation/netlink/specs/cryptex.yaml is the same for
 * programs.
 *
 * CRYPTEX_CMD_GET (dump)
 *	One message for each generation of each mounted cryptex: NAME, LABEL,
 *	DIGEST, BASE_DIGEST (patches only), FLAGS, SECURITY_EPOCH, BUILD_TIME,
 *	ENTRIES, SEALED_BYTES, USERS, EPOCH (of active ones: since which epoch).
 *
 * CRYPTEX_CMD_STAGE
 *	SEAL_FD: a regular file, open for reading, that holds a seal.  Adds the
 *	generation to the mounted cryptex that it names; no process is affected.
 *	Answers with NAME, LABEL, DIGEST.  Staging what is staged already
 *	changes nothing and succeeds.
 *	EBADMSG	not a seal, or one that breaks the format, or damaged
 *	EFBIG	beyond a limit of the format
 *	EBADF, EINVAL, EIO	not a descriptor for reading, not a regular file,
 *		not readable
 *	EPROTONOSUPPORT	another format version
 *	ENOPKG	signed with an algorithm that the kernel has not got
 *	ENOKEY	signed by no trusted key
 *	EKEYREJECTED	the signature does not match
 *	ENOENT	no cryptex of that name is mounted
 *	ESTALE	a patch made for another base, or with a security epoch below its base's
 *	EEXIST	another seal has this label already
 *	ENOEXEC	made for another machine
 *	EUCLEAN	an object is missing from the store or is not what the seal says
 *	ENOSPC	the cryptex has CRYPTEX_MAX_GENERATIONS generations
 *
 * CRYPTEX_CMD_ACTIVATE
 *	ITEM, once or more, each a nest of ITEM_NAME and ITEM_LABEL.  Switches all of them
 *	as one new epoch, or none.  Answers with EPOCH; if all were active
 *	already, that is the epoch in force.
 *	ENOENT	no such cryptex or generation
 *	EINVAL	no item, or two for one cryptex
 *	E2BIG	more than CRYPTEX_MAX_ITEMS items
 *
 * CRYPTEX_CMD_USERS (dump)
 *	One message for each process and generation that it maps: PID,
 *	START_TIME, COMM, NAME, LABEL, FLAGS (ACTIVE or not: a process that maps
 *	a generation without ACTIVE runs stale code).
 *
 * CRYPTEX_CMD_KEY_ADD
 *	CERTIFICATE: one X.509 certificate, DER.  Its key is trusted until the
 *	module goes.  Answers with nothing.
 *	EBADMSG	not a certificate
 *	ENOPKG	a key of an algorithm that the kernel has not got
 */
#ifndef _UAPI_LINUX_CRYPTEX_H
#define _UAPI_LINUX_CRYPTEX_H

#define CRYPTEX_FAMILY_NAME		"cryptex"
#define CRYPTEX_FAMILY_VERSION		1

#define CRYPTEX_FS_NAME			"cryptex"
#define CRYPTEX_SUPER_MAGIC		0x43525958	/* statfs f_type */

/* Limits */
#define CRYPTEX_MAX_GENERATIONS		64	/* of one cryptex */
#define CRYPTEX_MAX_CRYPTEXES		1024
#define CRYPTEX_MAX_ITEMS		CRYPTEX_MAX_CRYPTEXES
#define CRYPTEX_MAX_CERTIFICATE		16384	/* bytes */

enum cryptex_command {
	CRYPTEX_CMD_UNSPEC,
	CRYPTEX_CMD_GET,
	CRYPTEX_CMD_STAGE,
	CRYPTEX_CMD_ACTIVATE,
	CRYPTEX_CMD_USERS,
	CRYPTEX_CMD_KEY_ADD,

	__CRYPTEX_CMD_MAX,
	CRYPTEX_CMD_MAX = __CRYPTEX_CMD_MAX - 1
};

enum cryptex_attribute {
	CRYPTEX_A_UNSPEC,
	CRYPTEX_A_PAD,
	CRYPTEX_A_NAME,			/* string, the cryptex */
	CRYPTEX_A_LABEL,		/* string, the generation's version */
	CRYPTEX_A_DIGEST,		/* binary, 32 bytes: SHA-256 of the manifest */
	CRYPTEX_A_BASE_DIGEST,		/* binary, 32 bytes */
	CRYPTEX_A_FLAGS,		/* u32, enum cryptex_generation_flags */
	CRYPTEX_A_SECURITY_EPOCH,	/* u32 */
	CRYPTEX_A_BUILD_TIME,		/* u64, seconds since 1970 UTC */
	CRYPTEX_A_ENTRIES,		/* u32, files, directories and links */
	CRYPTEX_A_SEALED_BYTES,		/* u64, content of all regular files */
	CRYPTEX_A_USERS,		/* u32, regular files that are in use */
	CRYPTEX_A_EPOCH,		/* u64, activation counter */
	CRYPTEX_A_SEAL_FD,		/* u32, descriptor of the caller */
	CRYPTEX_A_ITEM,			/* nest, repeated: what to activate */
	CRYPTEX_A_PID,			/* u32, in the initial pid namespace */
	CRYPTEX_A_START_TIME,		/* u64, ns since boot, as in /proc/PID/stat */
	CRYPTEX_A_COMM,			/* string */
	CRYPTEX_A_CERTIFICATE,		/* binary, X.509 DER */

	__CRYPTEX_A_MAX,
	CRYPTEX_A_MAX = __CRYPTEX_A_MAX - 1
};

enum cryptex_item_attribute {
	CRYPTEX_A_ITEM_UNSPEC,
	CRYPTEX_A_ITEM_NAME,		/* string, the cryptex */
	CRYPTEX_A_ITEM_LABEL,		/* string, the generation's version */

	__CRYPTEX_A_ITEM_MAX,
	CRYPTEX_A_ITEM_MAX = __CRYPTEX_A_ITEM_MAX - 1
};

enum cryptex_generation_flags {
	CRYPTEX_F_BASE		= 1 << 0,	/* what a rollback returns to */
	CRYPTEX_F_ACTIVE	= 1 << 1,	/* what a new process gets */
};

#endif /* _UAPI_LINUX_CRYPTEX_H */
