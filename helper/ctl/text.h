/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values as text for people. */
#ifndef _CTL_TEXT_H
#define _CTL_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define CTL_DATE_SIZE	32
#define CTL_SIZE_SIZE	32
#define CTL_SHORT_SIZE	13	/* 12 hex digits, NUL */
#define CTL_COST_SIZE	128

struct cx_receipt;

/**
 * ctl_clean - make foreign text harmless
 * @text: changed in place: what is not printable UTF-8 becomes '?'
 *
 * Return: @text.
 */
char *ctl_clean(char *text);

/**
 * ctl_clean_copy - the same for text that must not change
 * @text: copied
 *
 * Return: a copy, to be freed by the caller; never NULL.
 */
char *ctl_clean_copy(const char *text);

/**
 * ctl_date - a point in time
 * @seconds: since 1970 UTC
 * @text: set to "2026-01-31 12:00:00Z"
 *
 * Return: @text.
 */
char *ctl_date(uint64_t seconds, char text[CTL_DATE_SIZE]);

/**
 * ctl_size - a number of bytes
 * @bytes: the number
 * @text: set to, for example, "4.2M"
 *
 * Return: @text.
 */
char *ctl_size(uint64_t bytes, char text[CTL_SIZE_SIZE]);

/**
 * ctl_cost - what was fetched against what it brought
 * @cost: both
 * @text: set to, for example, "81K for files of 5.4M (1.47 %), 6 of 6 as deltas"
 *
 * Return: @text.
 */
char *ctl_cost(const struct cx_receipt *cost, char text[CTL_COST_SIZE]);

/**
 * ctl_short - the start of a digest
 * @digest: its bytes
 * @text: set to 12 hex digits
 *
 * Return: @text.
 */
char *ctl_short(const uint8_t *digest, char text[CTL_SHORT_SIZE]);

/**
 * ctl_parse_size - read a size such as 512M, 1G or 1048576
 * @text: digits and at most one of K, M, G and T (powers of 1024)
 * @bytes: set on success
 *
 * Return: 0 or -EINVAL.
 */
int ctl_parse_size(const char *text, uint64_t *bytes);

#endif /* _CTL_TEXT_H */
