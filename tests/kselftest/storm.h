/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the parts of storm_test share.
 *
 * A set is one generation of each cryptex, activated together and in no other
 * company. All files of a set carry its number, so a process that sees two
 * numbers has seen two epochs.
 */
#ifndef _KSFT_STORM_H
#define _KSFT_STORM_H

#include "fixture.h"
#include "storm_probe.h"

#define STORM_CRYPTEXES 3
#define STORM_LASTING 3		/* sets 1, the bases, to 3 are always there */
#define STORM_CHURNERS 2	/* each has a set that comes and goes: 4, 5 */
#define STORM_SETS (STORM_LASTING + STORM_CHURNERS)
#define STORM_FIRST_REVOKED 100	/* numbers of sets that are to be revoked */

/**
 * struct storm_counts - what happened, in memory shared by all processes
 * @stop: no part begins another round
 * @missing: a path below `current` that could not be opened or executed
 * @seen: processes that saw one set, by its number
 * @mixed: processes that saw two
 * @not_opened: processes that could not open or map a file
 * @revoked: opens refused with %EKEYREVOKED, which a revocation may cause
 * @other: processes that ended in any other way
 * @switches: activations
 * @gone: activations of a set that was retired or revoked meanwhile
 * @staged: generations
 * @retired: generations
 * @busy: refusals to retire
 * @lists: revocation lists
 * @mounts: of any kind
 * @dumps: consistent ones
 * @interrupted: dumps that say that they are not
 * @torn_dumps: consistent ones in which two sets are active
 * @users: told by all dumps
 * @present: is this set staged in all cryptexes? A hint
 * @label: number behind the "r" of the set that is to be revoked, 0 for none
 *
 * Counted with atomics.
 */
struct storm_counts {
	bool stop;
	long missing;
	long seen[STORM_MAX_SET + 1];
	long mixed;
	long not_opened;
	long revoked;
	long other;
	long switches;
	long gone;
	long staged;
	long retired;
	long busy;
	long lists;
	long mounts;
	long dumps;
	long interrupted;
	long torn_dumps;
	long users;
	bool present[STORM_SETS + 1];
	long label;
};

/**
 * struct storm - the storm
 * @world: its surroundings
 * @cryptexes: with all lasting sets staged
 * @base: seals of the bases, open files
 * @counts: shared
 */
struct storm {
	struct world world;
	struct cryptex cryptexes[STORM_CRYPTEXES];
	int base[STORM_CRYPTEXES];
	struct storm_counts *counts;
};

/* A part of the storm: a process of its own, which never returns. */
typedef void storm_part(struct storm *s, int number);

storm_part storm_launch, storm_switch, storm_churn, storm_revoke, storm_mount,
	storm_dump;

/* Atomically one more. */
void storm_count(long *what);

/* Is it time to end? */
bool storm_is_over(const struct storm *s);

/* A number below @limit. */
unsigned int storm_random(unsigned int limit);

void storm_sleep(unsigned int microseconds);

/**
 * storm_tree - the content of a generation
 * @s: the storm
 * @which: number of the cryptex
 * @set: the generation's set
 * @t: filled
 */
void storm_tree(struct storm *s, int which, int set, struct tree *t);

/**
 * storm_stage - stage a set in all cryptexes
 * @s: the storm
 * @set: its number
 * @label: of its generations
 * @digests: set to those of the seals, unless NULL
 */
void storm_stage(struct storm *s, int set, const char *label,
		 uint8_t (*digests)[CRYPTEX_DIGEST_SIZE]);

/**
 * storm_activate - activate a set
 * @s: the storm
 * @label: of its generations
 *
 * Return: 0 or a negative errno.
 */
int storm_activate(struct storm *s, const char *label);

/**
 * storm_retire - retire a set, as soon as nobody needs it any more
 * @s: the storm
 * @label: of its generations
 *
 * What is active is switched to the bases first.
 */
void storm_retire(struct storm *s, const char *label);

#endif /* _KSFT_STORM_H */
