/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef _KSFT_AUDIT_LOG_H
#define _KSFT_AUDIT_LOG_H

#include <stdbool.h>

/**
 * audit_log_open - switch auditing on, and read its log
 *
 * Return: a socket that gets the records, as readers of the log do, so no daemon
 * is needed; -1 if this kernel does not audit.
 */
int audit_log_open(void);

/**
 * audit_log_enable - switch auditing on or off
 * @fd: from audit_log_open()
 * @on: which
 */
void audit_log_enable(int fd, bool on);

#endif /* _KSFT_AUDIT_LOG_H */
