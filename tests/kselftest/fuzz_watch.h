/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who looks at what happens: each of them has code of its own in the module that
 * runs only if there is one.
 */
#ifndef _KSFT_FUZZ_WATCH_H
#define _KSFT_FUZZ_WATCH_H

#include "fuzz_random.h"

/**
 * struct watch - those of a while
 * @events: listens to the module's events, or -1
 * @audit: reads the audit log, or -1
 */
struct watch {
	int events;
	int audit;
};

/**
 * watch_begin - let some watch
 * @w: set
 * @r: decides who
 *
 * The module is loaded.
 */
void watch_begin(struct watch *w, struct fuzz_random *r);

/* Throws away what they were told. */
void watch_drain(const struct watch *w);

/* Nobody watches any more. */
void watch_end(struct watch *w);

#endif /* _KSFT_FUZZ_WATCH_H */
