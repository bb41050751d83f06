/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_NETLINK_H
#define _CX_NETLINK_H

#include <net/genetlink.h>

extern struct genl_family cx_netlink_family;

int cx_netlink_init(void);
void cx_netlink_exit(void);

#endif /* _CX_NETLINK_H */
