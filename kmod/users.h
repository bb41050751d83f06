/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_USERS_H
#define _CX_USERS_H

struct netlink_callback;
struct sk_buff;

int cx_users_dump(struct sk_buff *skb, struct netlink_callback *cb);

#endif /* _CX_USERS_H */
