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

#endif /* _COMMANDS_H */
