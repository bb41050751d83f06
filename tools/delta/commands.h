/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The commands of cryptex-delta, each with what follows its name. */
#ifndef _CX_DELTA_COMMANDS_H
#define _CX_DELTA_COMMANDS_H

#include "lib/error.h"

int cx_delta_cmd_diff(int argc, char **argv, struct cx_error *err);
int cx_delta_cmd_apply(int argc, char **argv, struct cx_error *err);
int cx_delta_cmd_show(int argc, char **argv, struct cx_error *err);
int cx_delta_cmd_bench(int argc, char **argv, struct cx_error *err);

#endif /* _CX_DELTA_COMMANDS_H */
