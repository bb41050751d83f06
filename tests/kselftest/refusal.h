/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What every test of a refusal does: ask, compare errno and sentence, and make
 * sure that nothing has changed.
 */
#ifndef _KSFT_REFUSAL_H
#define _KSFT_REFUSAL_H

#include "fixture.h"

/**
 * struct state - what the kernel tells of a cryptex
 * @generations: the dump
 * @count: length of @generations, or a negative errno
 * @active: target of the link `active`
 */
struct state {
	struct generation *generations;
	int count;
	char active[64];
};

void state_take(struct state *s, struct cryptex *cx);
bool state_is_as(const struct state *s, struct cryptex *cx);
void state_exit(struct state *s);

/**
 * struct snapshot - all that a request to the module can change
 * @state: of one cryptex
 * @keys: the keyring
 * @epoch: in force
 * @list_number: of the revocation list in force
 * @attributes: of CRYPTEX_CMD_STATE's answer: with LOCKED or without
 */
struct snapshot {
	struct state state;
	char keys[256];
	uint64_t epoch;
	uint64_t list_number;
	uint64_t attributes;
};

void snapshot_take(struct snapshot *s, struct cryptex *cx);
bool snapshot_is_as(const struct snapshot *s, struct cryptex *cx);
void snapshot_exit(struct snapshot *s);

/**
 * struct refusal - what is expected
 * @err: a negative errno
 * @text: part of the sentence
 */
struct refusal {
	int err;
	const char *text;
};

/*
 * Each of these returns true if the request was refused as expected and the
 * cryptex is as before; if not, it prints what came instead.
 */
bool stage_refused(struct cryptex *cx, int fd, const struct refusal *want);
bool stage_seal_refused(struct cryptex *cx, const struct blob *seal,
			const struct refusal *want);
bool mount_refused(struct cryptex *cx, const char *seal, const char *store,
		   const struct refusal *want);
bool mount_seal_refused(struct cryptex *cx, const struct blob *seal,
			const struct refusal *want);

#endif /* _KSFT_REFUSAL_H */
