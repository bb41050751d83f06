/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writing a tree in the one encoding that the seal format has for it. */
#ifndef _MANIFEST_H
#define _MANIFEST_H

#include <stdint.h>

#include <cryptex/seal.h>

#include "lib/error.h"
#include "lib/file.h"
#include "lib/fixes.h"
#include "tree.h"

/**
 * struct release - what a generation is, beside its tree
 * @name: of the cryptex
 * @label: version label
 * @is_patch: made for a base
 * @base_digest: patch: SHA-256 of the base's manifest
 * @security_epoch: see the seal's header
 * @build_time: seconds since 1970 UTC
 * @machine: e_machine, 0 for any
 * @fixes: patch: what it closes
 */
struct release {
	const char *name;
	const char *label;
	bool is_patch;
	uint8_t base_digest[CRYPTEX_DIGEST_SIZE];
	uint32_t security_epoch;
	uint64_t build_time;
	uint16_t machine;
	struct cx_fixes fixes;
};

/**
 * manifest_write - encode a tree
 * @release: the header's content
 * @tree: measured
 * @manifest: set on success; the caller frees it with cx_buf_free()
 * @err: filled on failure
 *
 * The result has passed the parser that the kernel uses.
 *
 * Return: 0, -EFBIG, -ENOMEM, or what the parser says of it.
 */
int manifest_write(const struct release *release, const struct tree *tree,
		   struct cx_buf *manifest, struct cx_error *err);

#endif /* _MANIFEST_H */
