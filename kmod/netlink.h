/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _CX_NETLINK_H
#define _CX_NETLINK_H

#include <net/genetlink.h>

struct cx_generation;

extern struct genl_family cx_netlink_family;
extern const struct nla_policy cx_netlink_item_policy[];

/**
 * struct cx_reply - an answer in the making
 * @skb: its message
 * @head: of the message
 */
struct cx_reply {
	struct sk_buff *skb;
	void *head;
};

int cx_netlink_init(void);
void cx_netlink_exit(void);

int cx_netlink_new_reply(struct cx_reply *reply, struct genl_info *info);
void cx_netlink_send_reply(struct cx_reply *reply, struct genl_info *info);
bool cx_netlink_put_identity(struct sk_buff *skb,
			     const struct cx_generation *gen);

int cx_netlink_get(struct sk_buff *skb, struct netlink_callback *cb);
int cx_netlink_state(struct sk_buff *request, struct genl_info *info);
int cx_netlink_stage(struct sk_buff *request, struct genl_info *info);
int cx_netlink_activate(struct sk_buff *request, struct genl_info *info);
int cx_netlink_retire(struct sk_buff *request, struct genl_info *info);
int cx_netlink_revoke(struct sk_buff *request, struct genl_info *info);
int cx_netlink_key_add(struct sk_buff *request, struct genl_info *info);
int cx_netlink_lock(struct sk_buff *request, struct genl_info *info);

#endif /* _CX_NETLINK_H */
