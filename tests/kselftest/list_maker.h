/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Makes revocation lists in memory, from the format's description, as
 * seal_maker.h does seals.
 */
#ifndef _KSFT_LIST_MAKER_H
#define _KSFT_LIST_MAKER_H

#include <stdint.h>

#include <cryptex/revocation.h>

#include "seal_maker.h"

/**
 * struct floor - the lowest security epoch of a cryptex
 * @name: the cryptex
 * @security_epoch: at least this
 */
struct floor {
	const char *name;
	uint32_t security_epoch;
};

#define LIST_MAX_SEALS 32
#define LIST_MAX_FLOORS 8
#define LIST_MAX_CERTIFICATES 4

/**
 * struct denials - what a list says, in any order; zeroed when empty
 * @number: of the list
 * @seals: digests of manifests
 * @seal_count: how many
 * @floors: for cryptexes
 * @floor_count: how many
 * @certificates: in DER
 * @certificate_count: how many
 */
struct denials {
	uint64_t number;
	uint8_t seals[LIST_MAX_SEALS][CRYPTEX_DIGEST_SIZE];
	size_t seal_count;
	struct floor floors[LIST_MAX_FLOORS];
	size_t floor_count;
	struct blob certificates[LIST_MAX_CERTIFICATES];
	size_t certificate_count;
};

void denials_add_seal(struct denials *d, const uint8_t *digest);
void denials_add_floor(struct denials *d, const char *name,
		       uint32_t security_epoch);
void denials_add_certificate(struct denials *d, const struct signer *signer);

/**
 * list_body - the signed part of a list
 * @d: put into the order that the format wants
 *
 * Return: for seal_make(), which signs it; the caller frees the data, and may
 * spoil it first.
 */
struct blob list_body(struct denials *d);

/**
 * list_make - a signed list
 * @d: put into the order that the format wants
 * @signer: who signs it
 *
 * Return: the caller frees the data.
 */
struct blob list_make(struct denials *d, const struct signer *signer);

#endif /* _KSFT_LIST_MAKER_H */
