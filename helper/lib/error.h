/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One sentence about what went wrong, for a person.
 *
 * Functions of this library return 0 (or a count) on success and a negative
 * errno on failure, and then have filled the caller's struct cx_error.
 */
#ifndef _CX_ERROR_H
#define _CX_ERROR_H

#include <stdbool.h>

/**
 * struct cx_error - why a call failed
 * @text: one sentence without a final stop: what, where, and what to do
 */
struct cx_error {
	char text[512];
};

/**
 * cx_fail - fill an error and pass its number on
 * @err: filled; may be NULL where the caller does not want the sentence
 * @neg_errno: a negative errno, returned
 * @fmt: printf format of the sentence
 *
 * A sentence that is too long is cut.  Control characters, which a file name
 * from a foreign archive may hold, are replaced by '?'.
 *
 * Return: @neg_errno.
 */
int cx_fail(struct cx_error *err, int neg_errno, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * cx_prefix - put where it happened in front of an error
 * @err: filled by the call that failed; may be NULL
 * @neg_errno: what that call returned, returned again
 * @fmt: printf format of the text in front; ": " is added
 *
 * Return: @neg_errno.
 */
int cx_prefix(struct cx_error *err, int neg_errno, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * cx_is_one_line - is it free of control characters?
 * @text: from somebody who is not trusted
 */
bool cx_is_one_line(const char *text);

#endif /* _CX_ERROR_H */
