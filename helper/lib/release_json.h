/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A release as the repository's metadata say it. */
#ifndef _CX_RELEASE_JSON_H
#define _CX_RELEASE_JSON_H

#include <jansson.h>

#include "lib/release.h"

/**
 * cx_release_from_json - read the custom member "cryptex" of a target
 * @custom: that member; not trusted
 * @length: bytes of the target
 * @release: set on success, and checked
 * @err: filled on failure, with the member that is wrong
 *
 * Fixes that are too many are left out; the seal has them all.
 */
int cx_release_from_json(const json_t *custom, uint64_t length,
			 struct cx_release *release, struct cx_error *err);

/**
 * cx_release_to_json - the same back
 * @release: checked
 *
 * Return: the member, or NULL when out of memory.
 */
json_t *cx_release_to_json(const struct cx_release *release);

/**
 * cx_time_parse - read a point in time
 * @text: "2026-11-22T06:00:00Z"
 * @seconds: set on success, since 1970 UTC
 *
 * Return: whether it was one.
 */
bool cx_time_parse(const char *text, int64_t *seconds);

/**
 * cx_time_format - the same back
 * @seconds: since 1970 UTC
 * @text: set
 *
 * Return: @text.
 */
char *cx_time_format(int64_t seconds, char text[32]);

#endif /* _CX_RELEASE_JSON_H */
