/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the calls with faults are made on: three cryptexes, which every fault
 * must leave as they were, or all of them as they were to become.
 */
#ifndef _KSFT_FAILNTH_RIG_H
#define _KSFT_FAILNTH_RIG_H

#include "failnth_sweep.h"
#include "raw_netlink.h"
#include "refusal.h"
#include "remote.h"

#define RIG_CRYPTEXES 3
#define RIG_PATH 256

/**
 * struct rig - see above
 * @world: its surroundings
 * @cx: mounted, with generations "1" and "2"
 * @before: what the kernel told of @cx before the call
 * @extra: a cryptex that is not mounted
 * @extra_seal: path of its base
 * @patch: an open seal of @cx[0]'s generation "3"
 * @fd: descriptors of the call at hand, -1 if not open
 * @socket: of the request at hand
 * @events: a listener, whose presence lets events be sent
 * @message: the request at hand
 * @answer: to the request at hand
 * @agent: another process, which maps @cx[0]'s "2"
 * @buffer: what the call at hand reads into
 * @length: bytes that it read
 */
struct rig {
	struct world world;
	struct cryptex cx[RIG_CRYPTEXES];
	struct state before[RIG_CRYPTEXES];
	struct cryptex extra;
	char extra_seal[RIG_PATH];
	int patch;
	int fd[3];
	int socket;
	int events;
	struct raw_message message;
	struct raw_answer answer;
	struct remote agent;
	char buffer[4096];
	long length;
};

/* There is one, as it is too large for a stack. */
extern struct rig rig;

void rig_init(void);
void rig_exit(void);

/* Remembers what the kernel tells of the cryptexes. */
void rig_take(void);

/* That alone, for calls that need no more. */
void rig_prepare(void *arg);

/* Does the kernel tell the same as then? */
bool rig_is_same(void);

/**
 * rig_works - can the active generation of each cryptex be read?
 *
 * Return: true if what `current` leads to is what `active` names, and right.
 */
bool rig_works(void);

/**
 * rig_count_active - in how many cryptexes is this generation active?
 * @label: of the generation
 */
int rig_count_active(const char *label);

/* Does the kernel know such a generation? */
bool rig_has(const struct cryptex *cx, const char *label);

/* Caches that a call would find filled by the one before are emptied. */
void rig_drop_caches(void);

/* Retires a generation with a request of its own. */
void rig_retire(const struct cryptex *cx, const char *label);

/**
 * rig_begin - remember what is told, and begin a request
 * @command: of the family
 * @flags: of the message
 *
 * It gets a socket of its own: what a lost answer leaves in one must not matter
 * to the next.
 */
void rig_begin(int command, int flags);

/* Sends the request; returns the errno of its answer. */
int rig_exchange(void *arg);

/* Closes the socket and throws events away. */
void rig_end(void);

/* Closes @fd's descriptors. */
void rig_close(void);

#endif /* _KSFT_FAILNTH_RIG_H */
