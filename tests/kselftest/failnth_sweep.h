/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef _KSFT_FAILNTH_SWEEP_H
#define _KSFT_FAILNTH_SWEEP_H

#include <stdbool.h>

#define SWEEP_ERRORS 4

/**
 * struct sweep - a call that is made again and again, each time with a later
 *	fault, until it gets by without one
 * @name: of the call
 * @prepare: set everything up for one call; may be NULL
 * @call: as in failnth_call(); returns 0 or a negative errno
 * @check: is what the call has left right, given what it returned?  It says
 *	what is not, and clears up
 * @errors: positive errnos that the call may return beside ENOMEM, ENOBUFS and
 *	EFAULT, which faults are
 */
struct sweep {
	const char *name;
	void (*prepare)(void *arg);
	int (*call)(void *arg);
	bool (*check)(void *arg, int err);
	int errors[SWEEP_ERRORS];
};

/**
 * sweep_run - let every allocation of a call fail, one after another
 * @s: the call
 * @arg: for its functions
 *
 * Prints how many faults there were.
 *
 * Return: true if every one was survived.
 */
bool sweep_run(const struct sweep *s, void *arg);

#endif /* _KSFT_FAILNTH_SWEEP_H */
