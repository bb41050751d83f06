/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The two parts of cx_sandbox_enter() that the kernel keeps. */
#ifndef _CX_SANDBOX_RULES_H
#define _CX_SANDBOX_RULES_H

#include "lib/sandbox.h"

/**
 * cx_sandbox_landlock - give up paths and ports
 * @rules: what to keep
 * @err: filled on failure
 *
 * Return: the version of Landlock, 0 if the kernel has none, or a negative errno.
 */
int cx_sandbox_landlock(const struct cx_sandbox_rules *rules,
			struct cx_error *err);

/**
 * cx_sandbox_seccomp - give up system calls
 * @rules: what to keep
 * @err: filled on failure
 */
int cx_sandbox_seccomp(const struct cx_sandbox_rules *rules,
		       struct cx_error *err);

#endif /* _CX_SANDBOX_RULES_H */
