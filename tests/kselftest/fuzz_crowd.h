/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who uses the cryptexes while requests come. */
#ifndef _KSFT_FUZZ_CROWD_H
#define _KSFT_FUZZ_CROWD_H

#include <sys/types.h>

#include "fuzz_pool.h"

#define CROWD_MAPPINGS 6
#define CROWD_FOLDERS 2
#define CROWD_PROCESSES 16

/**
 * struct crowd - users of generations; zeroed when there are none
 * @mappings: files that this process maps, or NULL
 * @folders: a generation's folder that is open, its descriptor plus 1, or 0
 * @processes: which map what this one mapped when they began, or 0
 */
struct crowd {
	void *mappings[CROWD_MAPPINGS];
	int folders[CROWD_FOLDERS];
	pid_t processes[CROWD_PROCESSES];
};

/**
 * crowd_change - let a user come, or go
 * @c: the users
 * @p: has the cryptexes
 * @r: decides
 */
void crowd_change(struct crowd *c, struct pool *p, struct fuzz_random *r);

/* All go. */
void crowd_disperse(struct crowd *c);

#endif /* _KSFT_FUZZ_CROWD_H */
