/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef _KSFT_FUZZ_ROUND_H
#define _KSFT_FUZZ_ROUND_H

#include "fuzz_message.h"
#include "kcov.h"

#define FUZZ_ERRORS 256	/* errnos above are counted as the last one */

/**
 * struct fuzz_counts - what became of the messages of all rounds
 * @messages: sent
 * @spoiled: of them were not what a right-minded program would send
 * @faulty: of them met an allocation that failed
 * @untold: of them got no verdict
 * @wrong: of them were answered as they must not be
 * @verdicts: by command and errno
 * @sent: messages by command
 * @spent: on them, in nanoseconds, making and answering
 */
struct fuzz_counts {
	unsigned long messages;
	unsigned long spoiled;
	unsigned long faulty;
	unsigned long untold;
	unsigned long wrong;
	unsigned long verdicts[CRYPTEX_CMD_MAX + 1][FUZZ_ERRORS];
	unsigned long sent[CRYPTEX_CMD_MAX + 1];
	uint64_t spent[CRYPTEX_CMD_MAX + 1];
};

/**
 * fuzz_round - send messages, and look at what is left in the end
 * @r: decides what is sent
 * @messages: how many
 * @kcov: takes notice of the branches; may be NULL
 * @counts: counted up
 *
 * The module is loaded, nothing is mounted.  The process ends if the cryptexes
 * are not sane afterwards.
 */
void fuzz_round(struct fuzz_random *r, unsigned long messages,
		struct kcov *kcov, struct fuzz_counts *counts);

void fuzz_counts_print(const struct fuzz_counts *counts);

#endif /* _KSFT_FUZZ_ROUND_H */
