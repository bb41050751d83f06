/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef _KSFT_LEAKS_H
#define _KSFT_LEAKS_H

#include <stdbool.h>

/**
 * leaks_begin - what has leaked so far is not to be told
 *
 * Return: false if this kernel has no kmemleak, or it is off.
 */
bool leaks_begin(void);

/**
 * leaks_end - what has leaked since
 *
 * Takes some seconds: younger memory is not judged.
 *
 * Return: the kernel's report, empty if there is nothing; the caller frees it.
 */
char *leaks_end(void);

#endif /* _KSFT_LEAKS_H */
