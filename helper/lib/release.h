/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a repository says of one release: Documentation/repository.rst.
 *
 * The record is passed between processes as it stands here, so it holds no
 * pointer, and whoever receives one checks it before looking at a field.
 */
#ifndef _CX_RELEASE_H
#define _CX_RELEASE_H

#include <stdbool.h>
#include <stdint.h>

#include <cryptex/seal.h>

#include "lib/error.h"
#include "lib/fixes.h"
#include "lib/store.h"

#define CX_CHANNEL_DEFAULT	"stable"
#define CX_CHANNEL_MAX		32	/* [a-z0-9-] */
#define CX_RELEASE_HARDWARE_MAX	16
#define CX_RELEASE_FIXES_MAX	64
#define CX_RELEASE_REASON_MAX	300	/* bytes of UTF-8 */
#define CX_SEAL_BYTES_MAX	(64U << 20)	/* a larger seal is not fetched */

/**
 * struct cx_release - one release
 * @item: name and label, as in the seal
 * @digest: SHA-256 of the manifest
 * @base: @digest of the base that it is for; of a base, its own
 * @build_time: seconds since 1970 UTC
 * @rollout_start: likewise
 * @withdrawn_time: likewise; 0 if it is not known
 * @seal_size: bytes of the seal
 * @security_epoch: a machine does not go below one that it has had
 * @rollout_percent: of the cohorts, 0 to 100
 * @hardware_count: how many of @hardware; 0: it is for all
 * @fixes_count: how many of @fixes
 * @patch: 1 for a patch, 0 for a base
 * @urgent: 1 if it does not wait for a cohort
 * @at_boot: 1 if it takes a boot, 0 if new processes may get it at once
 * @withdrawn: 1 if it was taken back
 * @severity: low, medium, high, critical or unknown
 * @channel: see CX_CHANNEL_MAX
 * @hardware: classes, spelled like channels
 * @reason: why it was taken back, one line; empty if that is not said
 * @fixes: what it fixes; the first ones, where there are too many
 */
struct cx_release {
	struct cx_item item;
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	uint8_t base[CRYPTEX_DIGEST_SIZE];
	int64_t build_time;
	int64_t rollout_start;
	int64_t withdrawn_time;
	uint64_t seal_size;
	uint32_t security_epoch;
	uint32_t rollout_percent;
	uint32_t hardware_count;
	uint32_t fixes_count;
	uint8_t patch;
	uint8_t urgent;
	uint8_t at_boot;
	uint8_t withdrawn;
	char severity[12];
	char channel[CX_CHANNEL_MAX + 1];
	char hardware[CX_RELEASE_HARDWARE_MAX][CX_CHANNEL_MAX + 1];
	char reason[CX_RELEASE_REASON_MAX + 1];
	struct cx_fix fixes[CX_RELEASE_FIXES_MAX];
};

/**
 * cx_release_check - is every field what it has to be?
 * @release: from somebody who is not trusted, or just read
 * @err: filled on failure, with the field
 *
 * Return: 0 or -EBADMSG.
 */
int cx_release_check(const struct cx_release *release, struct cx_error *err);

/**
 * cx_channel_ok - is it the name of a channel, or of a hardware class?
 * @name: to be checked
 */
bool cx_channel_ok(const char *name);

#endif /* _CX_RELEASE_H */
