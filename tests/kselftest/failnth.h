/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One failing allocation at a time: the kernel's /proc/thread-self/fail-nth.
 *
 * Slab and page allocations and copies from and to user memory are counted
 * alike, wherever in the kernel the call comes to them.
 */
#ifndef _KSFT_FAILNTH_H
#define _KSFT_FAILNTH_H

#include <stdbool.h>

/**
 * failnth_init - let every kind of fault be injected, without a word in the log
 *
 * Return: NULL, or what this kernel lacks.
 */
const char *failnth_init(void);

/**
 * failnth_call - make a call whose @nth allocation fails
 * @nth: from 1 on
 * @call: only makes system calls: whatever else runs in the kernel for the
 *	process, as a page fault does, may be hit
 * @arg: for @call
 * @result: set to what @call returned
 *
 * Return: true if there was an @nth allocation.
 */
bool failnth_call(unsigned int nth, int (*call)(void *arg), void *arg,
		  int *result);

/**
 * failnth_only_modules - inject faults only below functions of modules
 *
 * That is, until failnth_init() is called again.  Modules lie behind the kernel
 * in memory, as on x86.
 */
void failnth_only_modules(void);

/**
 * failnth_spare - inject no fault below a function of the kernel's
 * @function: as /proc/kallsyms has it; a kernel without it is fine
 *
 * That is, until failnth_init() is called again.
 */
void failnth_spare(const char *function);

/**
 * failnth_lock_memory - keep page faults out of what failnth_call() calls
 *
 * To be called again after each fork().
 */
void failnth_lock_memory(void);

#endif /* _KSFT_FAILNTH_H */
