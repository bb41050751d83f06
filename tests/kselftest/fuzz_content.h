/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is signed, wrong in one place: bytes that get past the signature and to
 * the rule of the format that they break.
 */
#ifndef _KSFT_FUZZ_CONTENT_H
#define _KSFT_FUZZ_CONTENT_H

#include "fuzz_random.h"
#include "signer.h"

/**
 * fuzz_content_seal - change one thing in a manifest
 * @r: decides what
 * @body: as manifest_make() has made it
 */
void fuzz_content_seal(struct fuzz_random *r, struct blob *body);

/**
 * fuzz_content_list - change one thing in the signed part of a list
 * @r: decides what
 * @body: as list_body() has made it
 */
void fuzz_content_list(struct fuzz_random *r, struct blob *body);

#endif /* _KSFT_FUZZ_CONTENT_H */
