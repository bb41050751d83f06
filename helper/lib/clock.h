/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How much time has passed, whatever is done to the date. */
#ifndef _CX_CLOCK_H
#define _CX_CLOCK_H

#include <stdint.h>

/**
 * cx_now_ms - the monotonic clock in milliseconds
 */
int64_t cx_now_ms(void);

#endif /* _CX_CLOCK_H */
