/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef _KSFT_WORKER_H
#define _KSFT_WORKER_H

#include <stdbool.h>
#include <sys/types.h>

/**
 * worker_start - fork
 *
 * Return: 0 in the child, which ends by _exit(); in the parent its pid. The test
 * ends if there is no child to be had.
 */
pid_t worker_start(void);

/**
 * worker_ended_well - wait for the end of a child
 * @pid: from worker_start()
 *
 * Return: true if it exited, with 0.
 */
bool worker_ended_well(pid_t pid);

#endif /* _KSFT_WORKER_H */
