/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a fetcher that was taken over tries. */
#ifndef _TAKEN_OVER_H
#define _TAKEN_OVER_H

#include <stddef.h>
#include <sys/types.h>

/* The program's descriptors */
#define REPORT_FD	3
#define SPOOL_FD	4
#define PLACE_FD	5	/* of struct place */

/**
 * struct place - what there is to attack, made by the parent
 * @store: a folder of root, with state.json and objects/
 * @public: a folder that everybody may write to
 * @victim: a process of the same user, which only sleeps
 * @port: a TCP port of this machine at which somebody listens
 * @socket: name of an abstract unix socket at which somebody listens
 */
struct place {
	char store[128];
	char public[128];
	pid_t victim;
	int port;
	char socket[64];
};

/**
 * struct thing - one thing to try
 * @name: as it is reported
 * @attempt: returns 0 if it worked, or a negative errno
 * @needs_landlock: version without which it is not refused with a network; 0: none
 */
struct thing {
	const char *name;
	int (*attempt)(const struct place *place);
	int needs_landlock;
};

extern const struct thing things[];
extern const size_t things_count;

#endif /* _TAKEN_OVER_H */
