/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef _KSFT_FUZZ_SPOIL_H
#define _KSFT_FUZZ_SPOIL_H

#include "fuzz_random.h"
#include "raw_netlink.h"

/**
 * fuzz_spoil - change one thing about a request
 * @r: decides what
 * @m: a request whose attributes can be parsed; afterwards they may not be, so
 *	this is the last thing done to it that looks at them, unless it says so
 *
 * Drops, doubles, moves, adds, wraps, retypes and resizes attributes, also
 * inside of nests, and now and then lies about sizes and header fields.
 *
 * Return: true if the attributes can be parsed still.
 */
bool fuzz_spoil(struct fuzz_random *r, struct raw_message *m);

#endif /* _KSFT_FUZZ_SPOIL_H */
