/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The commands of cryptex-publish. */
#ifndef _COMMANDS_H
#define _COMMANDS_H

#include "command.h"

#define PROGRAM		"cryptex-publish"

extern const struct command command_build;
extern const struct command command_sign;
extern const struct command command_release;
extern const struct command command_revoke;
extern const struct command command_show;
extern const struct command command_keygen;

/**
 * parse_time - a time on the command line
 * @from: what names it, for the error
 * @text: seconds since 1970
 * @value: set on success
 * @err: filled on failure
 *
 * Return: 0, or -EINVAL (no number, or more than a seal can hold).
 */
int parse_time(const char *from, const char *text, unsigned long long *value,
	       struct cx_error *err);

#endif /* _COMMANDS_H */
