/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef _KSFT_STORM_PROBE_H
#define _KSFT_STORM_PROBE_H

/*
 * Exit status of the probe, which opens a file of each cryptex: the number of
 * the set that all of them are of, or one of these.
 */
enum storm_status {
	STORM_MAX_SET = 199,
	STORM_MIXED,
	STORM_NOT_OPENED,
	STORM_REVOKED,
	STORM_WRONG_USE,
};

/* Begins with its set's number, in three digits. */
#define STORM_FILE "lib/data"
#define STORM_DIGITS 3
#define STORM_PROGRAM "bin/probe"

#endif /* _KSFT_STORM_PROBE_H */
