/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The calls of failnth_test.c, each list ended by one without a name. */
#ifndef _KSFT_FAILNTH_CASES_H
#define _KSFT_FAILNTH_CASES_H

#include "failnth_sweep.h"

/* On the rig: see failnth_rig.h. */
extern const struct sweep mount_sweeps[];
extern const struct sweep file_sweeps[];
extern const struct sweep netlink_sweeps[];
extern const struct sweep change_sweeps[];
extern const struct sweep revoke_sweeps[];

/* On nothing but the module's file. */
extern const struct sweep module_sweeps[];
extern const struct sweep lock_sweeps[];

#endif /* _KSFT_FAILNTH_CASES_H */
