/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tests of attacks have in common. */
#ifndef _TUF_ATTACK_H
#define _TUF_ATTACK_H

#include "world.h"

#define ATTACK_SIZE 28

/* The content of the target "team/app", and another one of the same size */
extern const char attack_good[ATTACK_SIZE];
extern const char attack_evil[ATTACK_SIZE];

/* Publish team/app; the client is up to date then, and has nothing downloaded. */
void attack_publish(struct world *world);

/*
 * An update, and if @target is not NULL its download, fails with @ret and a sentence
 * that has @says in it, and leaves the client's files as they were, but for @except.
 */
void attack_refused(struct world *world, const char *target, int ret,
		    const char *except, const char *says);

/* What was refused does not stand in the way of what an honest mirror offers. */
void attack_recovers(struct world *world);

#define attack(test) cmocka_unit_test_setup_teardown(test, world_make, world_free)

#endif /* _TUF_ATTACK_H */
