/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef _KSFT_FUZZ_CONTRACT_H
#define _KSFT_FUZZ_CONTRACT_H

#include "fuzz_message.h"

/**
 * fuzz_contract_breach - is an answer one that the contract allows?
 * @f: the request
 * @answer: to it
 * @unprivileged: who sent it may only ask
 * @wordy: the socket wants texts
 * @faulty: a fault was injected
 *
 * Return: NULL if it is, else what is wrong with it.
 */
const char *fuzz_contract_breach(const struct fuzz_message *f,
				 const struct raw_answer *answer,
				 bool unprivileged, bool wordy, bool faulty);

#endif /* _KSFT_FUZZ_CONTRACT_H */
