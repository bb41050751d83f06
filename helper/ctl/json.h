/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON on stdout. */
#ifndef _CTL_JSON_H
#define _CTL_JSON_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "lib/fixes.h"
#include "lib/receipt.h"

/**
 * ctl_json_text - a string of foreign text
 * @text: what is not printable UTF-8 becomes '?'
 */
json_t *ctl_json_text(const char *text);

/**
 * ctl_json_hex - bytes as a string of hex digits
 * @data: the bytes
 * @size: how many, at most 64
 */
json_t *ctl_json_hex(const void *data, size_t size);

/**
 * ctl_json_fixes - an array of what a patch fixes
 * @fixes: the list
 */
json_t *ctl_json_fixes(const struct cx_fixes *fixes);

/**
 * ctl_json_cost - what was fetched, or null
 * @cost: NULL where that is not known
 */
json_t *ctl_json_cost(const struct cx_receipt *cost);

/**
 * ctl_json_print - print a value, its keys sorted, and free it
 * @value: the value
 *
 * Return: 0, or CTL_FAILED once it has said that memory is short.
 */
int ctl_json_print(json_t *value);

#endif /* _CTL_JSON_H */
