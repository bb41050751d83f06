/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a process that is to have little does to itself: cx_confine() and the sandbox
 * share it. */
#ifndef _CX_PROCESS_H
#define _CX_PROCESS_H

#include <stdint.h>

/**
 * cx_own_memory - bytes of address space that this process has
 *
 * Return: the bytes, or 0 where /proc/self/statm cannot be read.
 */
uint64_t cx_own_memory(void);

/**
 * cx_limit - set a resource limit, which nothing can raise again
 * @resource: of setrlimit(2)
 * @value: soft and hard limit; processor time that is over is told by SIGXCPU, and
 *	ends the process a second later
 *
 * Return: 0 or a negative errno.
 */
int cx_limit(int resource, uint64_t value);

/**
 * cx_forget_signals - back to the default for every signal, and none blocked
 *
 * What the program does on a signal is none of its child's business.
 */
void cx_forget_signals(void);

#endif /* _CX_PROCESS_H */
