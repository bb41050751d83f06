// SPDX-License-Identifier: GPL-2.0-only
/*
 * The generic netlink family: which commands there are, with which attributes,
 * and who may give them; include/uapi/linux/cryptex.h is their contract.
 */
#include <linux/capability.h>
#include <linux/net.h>
#include <net/genetlink.h>
#include <net/sock.h>

#include <uapi/linux/cryptex.h>

#include "generation.h"
#include "netlink.h"
#include "notify.h"
#include "users.h"

#define LABEL_POLICY \
	{ .type = NLA_NUL_STRING, .len = CRYPTEX_LABEL_SIZE - 1 }

const struct nla_policy cx_netlink_item_policy[CRYPTEX_A_ITEM_MAX + 1] = {
	[CRYPTEX_A_ITEM_NAME]	= LABEL_POLICY,
	[CRYPTEX_A_ITEM_LABEL]	= LABEL_POLICY,
};

/* Without a policy any attribute would be let through. */
static const struct nla_policy no_policy[CRYPTEX_A_PAD + 1] = {
	[CRYPTEX_A_PAD]		= { .type = NLA_REJECT },
};

static const struct nla_policy stage_policy[CRYPTEX_A_SEAL_FD + 1] = {
	[CRYPTEX_A_SEAL_FD]	= { .type = NLA_U32 },
};

static const struct nla_policy activate_policy[CRYPTEX_A_ITEM + 1] = {
	[CRYPTEX_A_ITEM]	= NLA_POLICY_NESTED(cx_netlink_item_policy),
};

static const struct nla_policy key_add_policy[CRYPTEX_A_CERTIFICATE + 1] = {
	[CRYPTEX_A_CERTIFICATE]	= NLA_POLICY_RANGE(NLA_BINARY, 1,
						   CRYPTEX_MAX_CERTIFICATE),
};

static const struct nla_policy retire_policy[CRYPTEX_A_LABEL + 1] = {
	[CRYPTEX_A_NAME]	= LABEL_POLICY,
	[CRYPTEX_A_LABEL]	= LABEL_POLICY,
};

static const struct nla_policy revoke_policy[CRYPTEX_A_LIST_FD + 1] = {
	[CRYPTEX_A_LIST_FD]	= { .type = NLA_U32 },
};

/*
 * Of an attribute that is given twice netlink takes the last one; whoever
 * checked the first one would be deceived.
 */
static int check_once(struct genl_info *info)
{
	DECLARE_BITMAP(seen, CRYPTEX_A_MAX + 1) = {};
	const struct nlattr *attr;
	int rest;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rest) {
		int type = nla_type(attr);

		if (type == CRYPTEX_A_ITEM || type > CRYPTEX_A_MAX ||
		    !__test_and_set_bit(type, seen))
			continue;
		NL_SET_ERR_MSG_ATTR(info->extack, attr,
				    "attribute given twice");
		return -EINVAL;
	}
	return 0;
}

/*
 * Whoever opened the socket must have been allowed as well: it may have been
 * handed over.  netlink_capable() asks for that only where a message has no
 * destination address, and nearly all have one.
 */
static bool may_change(const struct sk_buff *skb)
{
	const struct socket *sock = NETLINK_CB(skb).sk->sk_socket;

	return sock && sock->file &&
	       file_ns_capable(sock->file, &init_user_ns, CAP_SYS_ADMIN) &&
	       capable(CAP_SYS_ADMIN);
}

static int pre_change(const struct genl_split_ops *ops, struct sk_buff *skb,
		      struct genl_info *info)
{
	if (may_change(skb))
		return check_once(info);
	cx_notify_denied(info->genlhdr->cmd);
	NL_SET_ERR_MSG(info->extack,
		       "needs CAP_SYS_ADMIN in the initial user namespace");
	return -EPERM;
}

/**
 * cx_netlink_new_reply - memory for an answer
 * @reply: set
 * @info: the request
 *
 * To be called before anything changes: a failure must leave nothing behind.
 *
 * Context: may sleep.
 * Return: 0, then for cx_netlink_send_reply() or nlmsg_free(); -%ENOMEM.
 */
int cx_netlink_new_reply(struct cx_reply *reply, struct genl_info *info)
{
	reply->skb = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	if (!reply->skb)
		return -ENOMEM;
	reply->head = genlmsg_put_reply(reply->skb, info, &cx_netlink_family, 0,
					info->genlhdr->cmd);
	return 0;
}

/**
 * cx_netlink_send_reply - answer
 * @reply: from cx_netlink_new_reply()
 * @info: the request
 *
 * What was asked for is done, whether or not the answer gets through: a full
 * socket must not turn it into an error.
 */
void cx_netlink_send_reply(struct cx_reply *reply, struct genl_info *info)
{
	genlmsg_end(reply->skb, reply->head);
	genlmsg_reply(reply->skb, info);
}

/**
 * cx_netlink_put_identity - put which generation a message is about
 * @skb: the message
 * @gen: the generation
 *
 * Return: true if there was room.
 */
bool cx_netlink_put_identity(struct sk_buff *skb,
			     const struct cx_generation *gen)
{
	return !nla_put_string(skb, CRYPTEX_A_NAME, cx_generation_name(gen)) &&
	       !nla_put_string(skb, CRYPTEX_A_LABEL, cx_generation_label(gen)) &&
	       !nla_put(skb, CRYPTEX_A_DIGEST, CRYPTEX_DIGEST_SIZE, gen->digest);
}

#define CHANGE(command, handler, attributes, last) {			\
		.cmd		= (command),				\
		.pre_doit	= pre_change,				\
		.doit		= (handler),				\
		.policy		= (attributes),				\
		.maxattr	= (last),				\
		.flags		= GENL_CMD_CAP_DO,			\
	}

#define DUMP(command, handler) {					\
		.cmd		= (command),				\
		.dumpit		= (handler),				\
		.policy		= no_policy,				\
		.maxattr	= CRYPTEX_A_PAD,			\
		.flags		= GENL_CMD_CAP_DUMP,			\
	}

static const struct genl_split_ops operations[] = {
	DUMP(CRYPTEX_CMD_GET, cx_netlink_get),
	CHANGE(CRYPTEX_CMD_STAGE, cx_netlink_stage, stage_policy,
	       CRYPTEX_A_SEAL_FD),
	CHANGE(CRYPTEX_CMD_ACTIVATE, cx_netlink_activate, activate_policy,
	       CRYPTEX_A_ITEM),
	DUMP(CRYPTEX_CMD_USERS, cx_users_dump),
	CHANGE(CRYPTEX_CMD_KEY_ADD, cx_netlink_key_add, key_add_policy,
	       CRYPTEX_A_CERTIFICATE),
	CHANGE(CRYPTEX_CMD_RETIRE, cx_netlink_retire, retire_policy,
	       CRYPTEX_A_LABEL),
	CHANGE(CRYPTEX_CMD_REVOKE, cx_netlink_revoke, revoke_policy,
	       CRYPTEX_A_LIST_FD),
	CHANGE(CRYPTEX_CMD_LOCK, cx_netlink_lock, no_policy, CRYPTEX_A_PAD),
	{
		.cmd		= CRYPTEX_CMD_STATE,
		.doit		= cx_netlink_state,
		.policy		= no_policy,
		.maxattr	= CRYPTEX_A_PAD,
		.flags		= GENL_CMD_CAP_DO,
	},
};

static const struct genl_multicast_group groups[] = {
	{ .name = CRYPTEX_MCGRP_EVENTS, .flags = GENL_MCAST_CAP_SYS_ADMIN },
};

struct genl_family cx_netlink_family __ro_after_init = {
	.name		= CRYPTEX_FAMILY_NAME,
	.version	= CRYPTEX_FAMILY_VERSION,
	.module		= THIS_MODULE,
	.split_ops	= operations,
	.n_split_ops	= ARRAY_SIZE(operations),
	.mcgrps		= groups,
	.n_mcgrps	= ARRAY_SIZE(groups),
	.resv_start_op	= 1,
	.parallel_ops	= true,
};

/**
 * cx_netlink_init - take requests from now on
 *
 * Return: 0, or the negative errno of genl_register_family().
 */
int __init cx_netlink_init(void)
{
	return genl_register_family(&cx_netlink_family);
}

/**
 * cx_netlink_exit - take no more requests
 */
void cx_netlink_exit(void)
{
	genl_unregister_family(&cx_netlink_family);
}
