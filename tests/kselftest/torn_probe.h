/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef _KSFT_TORN_PROBE_H
#define _KSFT_TORN_PROBE_H

/* Exit status of the probes, which open two libraries of one cryptex. */
enum torn_status {
	TORN_FIRST = 1,		/* both of generation 1 */
	TORN_SECOND,		/* both of generation 2 */
	TORN_MIXED,
	TORN_NOT_OPENED,
	TORN_WRONG_USE,
};

/* This far from a library's end stands its generation, '1' or '2'. */
#define TORN_MARK_SIZE 2

#define TORN_LIB_A "lib/libtorn_a.so"
#define TORN_LIB_B "lib/libtorn_b.so"

static inline enum torn_status torn_judge(int a, int b)
{
	if (a != b)
		return TORN_MIXED;
	return a == 1 ? TORN_FIRST : TORN_SECOND;
}

#endif /* _KSFT_TORN_PROBE_H */
