/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes of a JSON text that leave it one, for the fuzzers of what is in JSON. */
#ifndef _JSON_MUTATE_H
#define _JSON_MUTATE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "../random.h"

/**
 * json_mutate - change one value of a JSON text: its type, its content, or where it is
 * @data: the text; changed in place
 * @size: bytes of it
 * @max: bytes that there is room for
 * @r: what decides
 *
 * Return: the new size; 0 if @data is no JSON, or the result has no room.
 */
size_t json_mutate(uint8_t *data, size_t size, size_t max, struct random *r);

#endif /* _JSON_MUTATE_H */
