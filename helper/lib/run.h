/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Running a system program, without a shell. */
#ifndef _CX_RUN_H
#define _CX_RUN_H

#include "lib/error.h"

/**
 * cx_run - run a program of the system and wait for it
 * @argv: the program's name, its arguments, NULL
 * @err: filled on failure; ends with the first line that the program printed
 *
 * The program is looked for in the system's own folders only, whatever $PATH
 * says, and gets an environment of its own.  What it prints is not shown.
 *
 * Return: 0 if it ended with 0; -ENOENT if there is no such program; -ECHILD if
 * it failed; or another negative errno.
 */
int cx_run(const char *const argv[], struct cx_error *err);

#endif
