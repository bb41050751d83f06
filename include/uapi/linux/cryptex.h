/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The netlink contract of the cryptex module, and every limit there is.
 *
 * Generic netlink family "cryptex", version 1, initial network namespace.
 * Reading state needs no privilege; every other command needs CAP_SYS_ADMIN in
 * the initial user namespace, of the caller and of who opened the socket, else
 * EPERM.  So does joining the multicast group, of the caller.  A refusal carries
 * one sentence as extended ACK.  Documentation/netlink/specs/cryptex.yaml is the
 * same for programs.
 *
 * CRYPTEX_CMD_GET (dump)
 *	One message for each generation of each mounted cryptex: NAME, LABEL,
 *	DIGEST, BASE_DIGEST (patches only), FLAGS, SECURITY_EPOCH, FLOOR (if a
 *	list set one), BUILD_TIME, ENTRIES, SEALED_BYTES, USERS, EPOCH (of
 *	active ones: since which epoch).
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
 *	EKEYREVOKED	the seal, or a key that signed it, is revoked
 *	ENOENT	no cryptex of that name is mounted
 *	ESTALE	a patch made for another base, or with a security epoch below
 *		its base's or below the floor
 *	EEXIST	another seal has this label already
 *	ENOEXEC	made for another machine
 *	EUCLEAN	an object is missing from the store or is not what the seal says
 *	ENOSPC	the cryptex has CRYPTEX_MAX_GENERATIONS generations
 *
 * CRYPTEX_CMD_ACTIVATE
 *	ITEM, once or more, each a nest of ITEM_NAME and ITEM_LABEL.  Switches
 *	all of them as one new epoch, or none.  Answers with EPOCH; if all were
 *	active already, that is the epoch in force.
 *	ENOENT	no such cryptex or generation
 *	EINVAL	no item, or two for one cryptex
 *	E2BIG	more than CRYPTEX_MAX_ITEMS items
 *	EKEYREVOKED	a generation that is revoked
 *	ESTALE	a generation below its cryptex's floor
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
 *	EKEYREVOKED	this certificate is revoked
 *	EPERM	locked
 *
 * CRYPTEX_CMD_RETIRE
 *	NAME, LABEL: frees a generation that nobody uses or needs.  Answers with
 *	nothing.
 *	ENOENT	no such cryptex or generation
 *	EBUSY	the base, or active, or in use, or what a process would get that
 *		lives in an older epoch
 *
 * CRYPTEX_CMD_REVOKE
 *	LIST_FD: a regular file, open for reading, that holds a revocation list
 *	(include/cryptex/revocation.h).  What it revokes stays revoked, and the
 *	floors that it sets stay, while the module is loaded.  Where an active
 *	generation is hit, the base, or if the base is hit too the newest
 *	generation that is not, becomes active, in one new epoch for all.
 *	Answers with LIST_NUMBER, EPOCH.  A list that is in force already
 *	changes nothing and succeeds.
 *	EBADMSG, EFBIG, EBADF, EINVAL, EIO, EPROTONOSUPPORT, ENOPKG, ENOKEY,
 *	EKEYREJECTED, EKEYREVOKED	as for STAGE
 *	ESTALE	its number is not above that of the list in force
 *	ENOSPC	more than CRYPTEX_MAX_LISTS lists, none of which contains another
 *
 * CRYPTEX_CMD_LOCK
 *	From now on until the module goes no key is added and no cryptex is
 *	mounted that is not mounted already.  Answers with nothing.
 *
 * CRYPTEX_CMD_STATE
 *	Answers with EPOCH, SEQUENCE (of the last event), LIST_NUMBER (if a list
 *	is in force), LOCKED (if so).
 *
 * Events, to the multicast group CRYPTEX_MCGRP_EVENTS.  Each has SEQUENCE, which
 * rises by one from event to event, so that a listener sees what it missed.
 *
 * CRYPTEX_CMD_MOUNTED_NTF	NAME, LABEL, EPOCH
 * CRYPTEX_CMD_UNMOUNTED_NTF	NAME
 * CRYPTEX_CMD_STAGED_NTF	NAME, LABEL, DIGEST
 * CRYPTEX_CMD_ACTIVATED_NTF	EPOCH, and an ITEM for each cryptex that it switched
 * CRYPTEX_CMD_REJECTED_NTF	COMMAND (0: a mount), ERROR, REASON; NAME and LABEL
 *		of a seal whose signature was good
 * CRYPTEX_CMD_REVOKED_NTF	LIST_NUMBER, and an ITEM for each generation that it hit
 * CRYPTEX_CMD_DRAINED_NTF	NAME, LABEL: an inactive generation's last use is over
 * CRYPTEX_CMD_RETIRED_NTF	NAME, LABEL
 * CRYPTEX_CMD_CORRUPTED_NTF	NAME, LABEL, PATH: reading a file failed, as it does
 *		when its object is damaged
 * CRYPTEX_CMD_KEY_ADDED_NTF	KEY
 * CRYPTEX_CMD_LOCKED_NTF
 */
#ifndef _UAPI_LINUX_CRYPTEX_H
#define _UAPI_LINUX_CRYPTEX_H

#define CRYPTEX_FAMILY_NAME		"cryptex"
#define CRYPTEX_FAMILY_VERSION		1

#define CRYPTEX_FS_NAME			"cryptex"
#define CRYPTEX_SUPER_MAGIC		0x43525958	/* statfs f_type */

#define CRYPTEX_MCGRP_EVENTS		"events"

/*
 * Limits.  What is beyond one is refused, with EFBIG in a file, ENOSPC or E2BIG
 * in a command.
 */
#define CRYPTEX_MAX_GENERATIONS		64	/* of one cryptex */
#define CRYPTEX_MAX_CRYPTEXES		1024
#define CRYPTEX_MAX_ITEMS		CRYPTEX_MAX_CRYPTEXES
#define CRYPTEX_MAX_CERTIFICATE		16384	/* bytes */
#define CRYPTEX_MAX_LISTS		16	/* of revocations, in force together */
#define CRYPTEX_NAME_MAX		255	/* bytes, one path component */
#define CRYPTEX_TARGET_MAX		4095	/* bytes, a symlink's target */
#define CRYPTEX_SEAL_MAX_ENTRIES	1000000
#define CRYPTEX_SEAL_MAX_STRINGS	0x8000000	/* bytes */
#define CRYPTEX_SEAL_MAX_XATTR_SETS	4096
#define CRYPTEX_SEAL_MAX_XATTRS		0x400000	/* bytes */
#define CRYPTEX_SEAL_MAX_FIXES		0x100000	/* bytes */
#define CRYPTEX_SEAL_MAX_SIGNATURE	0x10000		/* bytes */
#define CRYPTEX_REVOCATION_MAX_SEALS	65536
#define CRYPTEX_REVOCATION_MAX_FLOORS	4096
#define CRYPTEX_REVOCATION_MAX_CERTIFICATES	64

enum cryptex_command {
	CRYPTEX_CMD_UNSPEC,
	CRYPTEX_CMD_GET,
	CRYPTEX_CMD_STAGE,
	CRYPTEX_CMD_ACTIVATE,
	CRYPTEX_CMD_USERS,
	CRYPTEX_CMD_KEY_ADD,
	CRYPTEX_CMD_RETIRE,
	CRYPTEX_CMD_REVOKE,
	CRYPTEX_CMD_LOCK,
	CRYPTEX_CMD_STATE,
	CRYPTEX_CMD_MOUNTED_NTF,
	CRYPTEX_CMD_UNMOUNTED_NTF,
	CRYPTEX_CMD_STAGED_NTF,
	CRYPTEX_CMD_ACTIVATED_NTF,
	CRYPTEX_CMD_REJECTED_NTF,
	CRYPTEX_CMD_REVOKED_NTF,
	CRYPTEX_CMD_DRAINED_NTF,
	CRYPTEX_CMD_RETIRED_NTF,
	CRYPTEX_CMD_CORRUPTED_NTF,
	CRYPTEX_CMD_KEY_ADDED_NTF,
	CRYPTEX_CMD_LOCKED_NTF,

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
	CRYPTEX_A_LIST_FD,		/* u32, descriptor of the caller */
	CRYPTEX_A_LIST_NUMBER,		/* u64, of a revocation list */
	CRYPTEX_A_FLOOR,		/* u32, lowest security epoch to activate */
	CRYPTEX_A_SEQUENCE,		/* u64, of an event */
	CRYPTEX_A_LOCKED,		/* flag */
	CRYPTEX_A_COMMAND,		/* u32, enum cryptex_command */
	CRYPTEX_A_ERROR,		/* u32, a positive errno */
	CRYPTEX_A_REASON,		/* string, one sentence */
	CRYPTEX_A_PATH,			/* string, of a file below its generation */
	CRYPTEX_A_KEY,			/* string, the kernel's description of a key */

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
	CRYPTEX_F_REVOKED	= 1 << 2,	/* may not be activated any more */
};

#endif /* _UAPI_LINUX_CRYPTEX_H */
