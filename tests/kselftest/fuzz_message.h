/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef _KSFT_FUZZ_MESSAGE_H
#define _KSFT_FUZZ_MESSAGE_H

#include "fuzz_pool.h"
#include "raw_netlink.h"

/**
 * enum fuzz_phase - how far a round has come
 * @PHASE_BUSY: what cannot be undone is rare
 * @PHASE_REVOKING: lists are frequent
 * @PHASE_LOCKING: and the module may be locked
 */
enum fuzz_phase {
	PHASE_BUSY,
	PHASE_REVOKING,
	PHASE_LOCKING,
};

/**
 * struct fuzz_message - a request to send
 * @m: its bytes
 * @command: what it was before it was spoiled
 * @spoiled: it is not what a right-minded program would send
 * @own: a descriptor to be closed afterwards, or -1
 */
struct fuzz_message {
	struct raw_message m;
	int command;
	bool spoiled;
	int own;
};

/**
 * fuzz_message_make - make the next request
 * @r: decides all about it
 * @p: what it may point to
 * @phase: decides which commands are frequent
 * @f: set
 */
void fuzz_message_make(struct fuzz_random *r, struct pool *p,
		       enum fuzz_phase phase, struct fuzz_message *f);

/* Is it the right request for a dump? */
bool fuzz_message_is_dump(const struct fuzz_message *f);

#endif /* _KSFT_FUZZ_MESSAGE_H */
