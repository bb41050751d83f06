/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Members of metadata's JSON objects, checked for type and range. */
#ifndef _CX_TUF_FIELDS_H
#define _CX_TUF_FIELDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "lib/error.h"

/**
 * struct cx_tuf_header - what all metadata have
 * @version: 1 or more
 * @expires: in seconds since 1970
 */
struct cx_tuf_header {
	int64_t version;
	time_t expires;
};

/* All return 0 or -EBADMSG, with @err filled, and set their result on success. */

/**
 * cx_tuf_get_header - the type, format, version and expiry of metadata
 * @json: the signed part
 * @type: what "_type" has to be
 * @header: set on success
 * @err: filled on failure
 */
int cx_tuf_get_header(const json_t *json, const char *type,
		      struct cx_tuf_header *header, struct cx_error *err);

/**
 * cx_tuf_get_object - a member that is an object
 * @json: an object
 * @name: of the member
 * @value: set on success
 * @err: filled on failure
 */
int cx_tuf_get_object(const json_t *json, const char *name,
		      const json_t **value, struct cx_error *err);

/**
 * cx_tuf_get_array - a member that is an array
 * @json: an object
 * @name: of the member
 * @max: values that it has at most
 * @value: set on success
 * @err: filled on failure
 */
int cx_tuf_get_array(const json_t *json, const char *name, size_t max,
		     const json_t **value, struct cx_error *err);

/**
 * cx_tuf_get_string - a member that is a string
 * @json: an object
 * @name: of the member
 * @value: set on success; belongs to @json
 * @err: filled on failure
 */
int cx_tuf_get_string(const json_t *json, const char *name, const char **value,
		      struct cx_error *err);

/**
 * cx_tuf_get_number - a member that is an integer
 * @json: an object
 * @name: of the member
 * @min: what it is at least
 * @max: what it is at most
 * @value: set on success
 * @err: filled on failure
 */
int cx_tuf_get_number(const json_t *json, const char *name, int64_t min,
		      int64_t max, int64_t *value, struct cx_error *err);

/**
 * cx_tuf_get_bool - a member that is true or false
 * @json: an object
 * @name: of the member
 * @fallback: what it is if it is missing
 * @value: set on success
 * @err: filled on failure
 */
int cx_tuf_get_bool(const json_t *json, const char *name, bool fallback,
		    bool *value, struct cx_error *err);

/**
 * cx_tuf_time_text - a time for a person
 * @time: in seconds since 1970
 * @text: set to "YYYY-MM-DD HH:MM:SS UTC"
 *
 * Return: @text.
 */
char *cx_tuf_time_text(time_t time, char text[40]);

#endif /* _CX_TUF_FIELDS_H */
