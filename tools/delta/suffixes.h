/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the longest part of a text is in another: a suffix array. */
#ifndef _CX_DELTA_SUFFIXES_H
#define _CX_DELTA_SUFFIXES_H

#include <stdint.h>

/* Longer texts have no suffix array here. */
#define CX_SUFFIXES_MAX	((1ull << 31) - 2)
/* A longer match is found as one of this length. */
#define CX_SUFFIXES_LENGTH 4096

/**
 * struct cx_suffixes - a text whose suffixes are sorted
 * @text: not owned
 * @size: bytes of it
 * @sorted: where each suffix begins
 */
struct cx_suffixes {
	const uint8_t *text;
	uint64_t size;
	int32_t *sorted;
};

/**
 * cx_suffixes_sort - sort a text's suffixes
 * @s: filled; freed by cx_suffixes_free()
 * @text: has to stay
 * @size: at most CX_SUFFIXES_MAX
 *
 * Takes four bytes of memory for each byte of the text.  Return: 0 or -ENOMEM.
 */
int cx_suffixes_sort(struct cx_suffixes *s, const uint8_t *text, uint64_t size);

/* cx_suffixes_free - also of one that was only zeroed */
void cx_suffixes_free(struct cx_suffixes *s);

/**
 * cx_suffixes_find - the longest match of the beginning of some bytes
 * @s: the sorted text
 * @wanted: the bytes
 * @size: how many
 * @near: of several as long, one near this place is preferred
 * @length: set to how long it is
 *
 * Return: where in the text it is.
 */
uint64_t cx_suffixes_find(const struct cx_suffixes *s, const uint8_t *wanted,
			  uint64_t size, uint64_t near, uint64_t *length);

#endif /* _CX_DELTA_SUFFIXES_H */
