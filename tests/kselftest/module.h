/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Loading and unloading the module under test, for tests that need it anew.
 * run_all.sh finds it loaded before and leaves it to be unloaded after.
 */
#ifndef _KSFT_MODULE_H
#define _KSFT_MODULE_H

#include <stdbool.h>

#define MODULE_NAME "cryptex"

/**
 * module_open - the module's file, for finit_module()
 *
 * Return: a descriptor, or -1 if only an installed module is under test.
 */
int module_open(void);

bool module_is_loaded(void);

/* Each ends the test if it fails. */
void module_load(void);

/* Waits for mounts that are about to go. */
void module_unload(void);

/* Single system calls; each returns 0 or a negative errno. */
int module_insert(int fd);
int module_remove(void);

#endif /* _KSFT_MODULE_H */
