/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much of what a repository offers is taken. */
#ifndef _CX_TUF_LIMITS_H
#define _CX_TUF_LIMITS_H

/* Bytes of a file of metadata, if nothing smaller was announced */
#define CX_TUF_ROOT_MAX		(512 << 10)
#define CX_TUF_TIMESTAMP_MAX	(32 << 10)
#define CX_TUF_SNAPSHOT_MAX	(1 << 20)
#define CX_TUF_TARGETS_MAX	(2 << 20)
/* Bytes of all files of targets together; parsed they take eight times that. */
#define CX_TUF_TARGETS_SUM	(4 << 20)

#define CX_TUF_SIGNATURES_MAX	128
#define CX_TUF_KEYS_MAX		256
#define CX_TUF_TARGETS_COUNT	8192
#define CX_TUF_DELEGATIONS_MAX	1024
/* Patterns of all delegations of a file together: each target is held against them. */
#define CX_TUF_PATTERNS_MAX	16384

/* Roots that one update goes through */
#define CX_TUF_ROTATIONS_MAX	256
/* Delegated roles that one search visits, and roles on the way to one of them */
#define CX_TUF_VISITS_MAX	64
#define CX_TUF_CHAIN_MAX	16

/* Characters of a role's name when it is encoded as a file's, and of a target's path */
#define CX_TUF_ROLE_MAX		200
#define CX_TUF_PATH_MAX		1024
#define CX_TUF_PATTERN_MAX	1024

/* Versions above that are no counting but an attack on it. */
#define CX_TUF_VERSION_MAX	(1LL << 53)

#endif /* _CX_TUF_LIMITS_H */
