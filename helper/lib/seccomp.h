/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which system calls a confined child may make. */
#ifndef _CX_SECCOMP_H
#define _CX_SECCOMP_H

/**
 * cx_seccomp_enter - give up all system calls but a few, for good
 *
 * What is left reads, writes and maps what is open already, and ends the
 * process.  Any other call kills it.  Sets no_new_privs.
 *
 * Return: 0 or a negative errno.
 */
int cx_seccomp_enter(void);

#endif /* _CX_SECCOMP_H */
