/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_WHY_H
#define _CX_WHY_H

#include <linux/compiler_attributes.h>
#include <linux/netlink.h>

#include <cryptex/seal.h>

struct cx_generation;

/**
 * struct cx_why - the sentence that goes with an error
 * @text: empty until something is refused
 * @name: the cryptex that it is about, if that is known for sure, else empty
 * @label: the generation that it is about, likewise
 *
 * Filled in where the reason is known, told where the request came from: in
 * the mount log or as extended ACK.  Its size is what an extended ACK carries.
 */
struct cx_why {
	char text[NETLINK_MAX_FMTMSG_LEN];
	char name[CRYPTEX_LABEL_SIZE];
	char label[CRYPTEX_LABEL_SIZE];
};

__printf(3, 4)
int cx_refuse(struct cx_why *why, int err, const char *fmt, ...);

void cx_why_about(struct cx_why *why, const struct cx_generation *gen);

#endif /* _CX_WHY_H */
