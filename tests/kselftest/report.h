/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a test does when its own set-up fails: say so and end, which the
 * harness counts as a failed test.
 */
#ifndef _KSFT_REPORT_H
#define _KSFT_REPORT_H

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A diagnostic line of TAP. */
#define note(fmt, ...) fprintf(stderr, "# " fmt "\n", ##__VA_ARGS__)

/* 1 is KSFT_FAIL.  No exit handlers: a child may share its parent's streams. */
#define die(fmt, ...)							\
	do {								\
		note("%s:%d: " fmt, __FILE__, __LINE__, ##__VA_ARGS__);	\
		_exit(1);						\
	} while (0)

#define die_errno(fmt, ...) die(fmt ": %s", ##__VA_ARGS__, strerror(errno))

#endif /* _KSFT_REPORT_H */
