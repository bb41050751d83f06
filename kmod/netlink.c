// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands of the generic netlink family; include/uapi/linux/cryptex.h is
 * their contract.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/slab.h>
#include <net/genetlink.h>

#include <uapi/linux/cryptex.h>

#include "cryptex.h"
#include "epoch.h"
#include "generation.h"
#include "netlink.h"
#include "trust.h"
#include "users.h"
#include "why.h"

#define LABEL_POLICY \
	{ .type = NLA_NUL_STRING, .len = CRYPTEX_LABEL_SIZE - 1 }

static const struct nla_policy item_policy[CRYPTEX_A_ITEM_MAX + 1] = {
	[CRYPTEX_A_ITEM_NAME]	= LABEL_POLICY,
	[CRYPTEX_A_ITEM_LABEL]	= LABEL_POLICY,
};

static const struct nla_policy stage_policy[CRYPTEX_A_SEAL_FD + 1] = {
	[CRYPTEX_A_SEAL_FD]	= { .type = NLA_U32 },
};

static const struct nla_policy activate_policy[CRYPTEX_A_ITEM + 1] = {
	[CRYPTEX_A_ITEM]	= NLA_POLICY_NESTED(item_policy),
};

static const struct nla_policy key_add_policy[CRYPTEX_A_CERTIFICATE + 1] = {
	[CRYPTEX_A_CERTIFICATE]	= NLA_POLICY_RANGE(NLA_BINARY, 1,
						   CRYPTEX_MAX_CERTIFICATE),
};

static int tell(struct genl_info *info, const struct cx_why *why, int err)
{
	pr_notice("refused: %s\n", why->text);
	NL_SET_ERR_MSG_FMT(info->extack, "%s", why->text);
	return err;
}

/* Only commands that change something have a doit. */
static int pre_doit(const struct genl_split_ops *ops, struct sk_buff *skb,
		    struct genl_info *info)
{
	if (netlink_capable(skb, CAP_SYS_ADMIN))
		return 0;
	NL_SET_ERR_MSG(info->extack,
		       "needs CAP_SYS_ADMIN in the initial user namespace");
	return -EPERM;
}

static struct sk_buff *new_reply(struct genl_info *info, void **head)
{
	struct sk_buff *skb = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);

	if (!skb)
		return NULL;
	*head = genlmsg_put_reply(skb, info, &cx_netlink_family, 0,
				  info->genlhdr->cmd);
	return skb;
}

/*
 * What was asked for is done, whether or not the answer gets through: a full
 * socket must not turn it into an error.
 */
static void send_reply(struct sk_buff *reply, void *head, struct genl_info *info)
{
	genlmsg_end(reply, head);
	genlmsg_reply(reply, info);
}

static bool put_identity(struct sk_buff *skb, const struct cx_generation *gen)
{
	return !nla_put_string(skb, CRYPTEX_A_NAME, cx_generation_name(gen)) &&
	       !nla_put_string(skb, CRYPTEX_A_LABEL, cx_generation_label(gen)) &&
	       !nla_put(skb, CRYPTEX_A_DIGEST, CRYPTEX_DIGEST_SIZE, gen->digest);
}

static int stage(struct sk_buff *request, struct genl_info *info)
{
	struct cx_generation *gen, *staged;
	struct cx_why why = {};
	struct sk_buff *reply;
	void *head;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, CRYPTEX_A_SEAL_FD))
		return -EINVAL;
	/* Before anything changes: a failure must leave nothing behind. */
	reply = new_reply(info, &head);
	if (!reply)
		return -ENOMEM;
	gen = cx_generation_read_fd(nla_get_u32(info->attrs[CRYPTEX_A_SEAL_FD]),
				    &why);
	err = PTR_ERR_OR_ZERO(gen);
	if (!err) {
		err = cx_cryptex_stage(gen, &staged, &why);
		cx_generation_put(gen);
	}
	if (err) {
		nlmsg_free(reply);
		return tell(info, &why, err);
	}
	put_identity(reply, staged);
	cx_generation_put(staged);
	send_reply(reply, head, info);
	return 0;
}

/* Note in its cryptex what an activation shall switch it to. */
static int prepare_item(const struct nlattr *nest, struct cx_why *why)
{
	struct nlattr *item[CRYPTEX_A_ITEM_MAX + 1];
	struct cx_generation *gen;
	struct cx_cryptex *cx;
	const char *name, *label;

	/* The message's policy has checked the nest already. */
	if (nla_parse_nested(item, CRYPTEX_A_ITEM_MAX, nest, item_policy,
			     NULL) ||
	    !item[CRYPTEX_A_ITEM_NAME] || !item[CRYPTEX_A_ITEM_LABEL])
		return cx_refuse(why, -EINVAL,
				 "an item needs a cryptex and a label");
	name = nla_data(item[CRYPTEX_A_ITEM_NAME]);
	label = nla_data(item[CRYPTEX_A_ITEM_LABEL]);
	cx = cx_cryptex_find(name);
	if (!cx)
		return cx_refuse(why, -ENOENT, "no cryptex %.40s is mounted",
				 name);
	if (cx->next)
		return cx_refuse(why, -EINVAL, "%.40s is named twice", name);
	gen = cx_cryptex_find_label(cx, label);
	if (!gen)
		return cx_refuse(why, -ENOENT, "%.30s has no generation %.30s",
				 name, label);
	cx->next = gen;
	return 0;
}

static int prepare(struct genl_info *info, struct cx_why *why)
{
	const struct nlattr *attr;
	unsigned int items = 0;
	int rest, err;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rest) {
		if (nla_type(attr) != CRYPTEX_A_ITEM)
			continue;
		if (++items > CRYPTEX_MAX_ITEMS)
			return cx_refuse(why, -E2BIG, "more than %u items",
					 CRYPTEX_MAX_ITEMS);
		err = prepare_item(attr, why);
		if (err)
			return err;
	}
	return items ? 0 : cx_refuse(why, -EINVAL, "nothing to activate");
}

static void end_preparation(bool switched, u64 epoch)
{
	struct cx_cryptex *cx;

	list_for_each_entry(cx, &cx_cryptexes, link) {
		if (cx->next && switched && cx->next->since == epoch)
			pr_info("%s: %s is active from epoch %llu on\n",
				cx->name, cx_generation_label(cx->next), epoch);
		cx->next = NULL;
	}
}

static int switch_set(struct genl_info *info, u64 *epoch, struct cx_why *why)
{
	unsigned int changes;
	int err;

	mutex_lock(&cx_lock);
	changes = cx_changes;
	err = prepare(info, why);
	if (!err) {
		err = cx_epoch_activate(epoch);
		if (err)
			cx_refuse(why, err, "out of memory");
	}
	end_preparation(changes != cx_changes, *epoch);
	mutex_unlock(&cx_lock);
	return err;
}

static int activate(struct sk_buff *request, struct genl_info *info)
{
	struct cx_why why = {};
	struct sk_buff *reply;
	u64 epoch = 0;
	void *head;
	int err;

	reply = new_reply(info, &head);
	if (!reply)
		return -ENOMEM;
	err = switch_set(info, &epoch, &why);
	if (err) {
		nlmsg_free(reply);
		return tell(info, &why, err);
	}
	nla_put_u64_64bit(reply, CRYPTEX_A_EPOCH, epoch, CRYPTEX_A_PAD);
	send_reply(reply, head, info);
	return 0;
}

static int key_add(struct sk_buff *request, struct genl_info *info)
{
	const struct nlattr *cert = info->attrs[CRYPTEX_A_CERTIFICATE];
	struct cx_why why = {};
	int err;

	if (GENL_REQ_ATTR_CHECK(info, CRYPTEX_A_CERTIFICATE))
		return -EINVAL;
	err = cx_trust_add(nla_data(cert), nla_len(cert), &why);
	return err ? tell(info, &why, err) : 0;
}

static bool put_manifest(struct sk_buff *skb, const struct cx_generation *gen)
{
	const struct cryptex_seal_header *h = gen->seal.header;

	return !nla_put_u32(skb, CRYPTEX_A_SECURITY_EPOCH,
			    le32_to_cpu(h->security_epoch)) &&
	       !nla_put_u64_64bit(skb, CRYPTEX_A_BUILD_TIME,
				  le64_to_cpu(h->build_time), CRYPTEX_A_PAD) &&
	       !nla_put_u32(skb, CRYPTEX_A_ENTRIES, gen->seal.entry_count) &&
	       !nla_put_u64_64bit(skb, CRYPTEX_A_SEALED_BYTES,
				  gen->bytes, CRYPTEX_A_PAD) &&
	       (cryptex_seal_is_base(&gen->seal) ||
		!nla_put(skb, CRYPTEX_A_BASE_DIGEST, CRYPTEX_DIGEST_SIZE,
			 h->base_digest));
}

static u32 flags_of(const struct cx_generation *gen)
{
	u32 flags = gen->active ? CRYPTEX_F_ACTIVE : 0;

	return gen == gen->cryptex->base ? flags | CRYPTEX_F_BASE : flags;
}

static int put_generation(struct sk_buff *skb, struct netlink_callback *cb,
			  const struct cx_generation *gen)
{
	void *head = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				 cb->nlh->nlmsg_seq, &cx_netlink_family,
				 NLM_F_MULTI, CRYPTEX_CMD_GET);

	if (!head)
		return -EMSGSIZE;
	genl_dump_check_consistent(cb, head);
	if (!put_identity(skb, gen) || !put_manifest(skb, gen) ||
	    nla_put_u32(skb, CRYPTEX_A_FLAGS, flags_of(gen)) ||
	    (gen->active && nla_put_u64_64bit(skb, CRYPTEX_A_EPOCH, gen->since,
					      CRYPTEX_A_PAD)) ||
	    nla_put_u32(skb, CRYPTEX_A_USERS, atomic_read(&gen->users))) {
		genlmsg_cancel(skb, head);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	return 0;
}

/* cb->args[0] is the cryptex to go on with, args[1] its last generation told. */
static int dump_cryptex(struct sk_buff *skb, struct netlink_callback *cb,
			const struct cx_cryptex *cx)
{
	const struct cx_generation *gen;
	int err;

	list_for_each_entry(gen, &cx->generations, link) {
		if (gen->id <= cb->args[1])
			continue;
		err = put_generation(skb, cb, gen);
		if (err)
			return err;
		cb->args[1] = gen->id;
	}
	cb->args[0] = cx->id + 1;
	cb->args[1] = 0;
	return 0;
}

static int get_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	const struct cx_cryptex *cx;
	int err = 0;

	mutex_lock(&cx_lock);
	cb->seq = cx_changes + 1;
	list_for_each_entry(cx, &cx_cryptexes, link) {
		if (cx->id < cb->args[0])
			continue;
		if (cx->id > cb->args[0])
			cb->args[1] = 0;
		cb->args[0] = cx->id;
		err = dump_cryptex(skb, cb, cx);
		if (err)
			break;
	}
	mutex_unlock(&cx_lock);
	return err && !skb->len ? err : skb->len;
}

static const struct genl_split_ops operations[] = {
	{
		.cmd		= CRYPTEX_CMD_GET,
		.dumpit		= get_dump,
		.flags		= GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= CRYPTEX_CMD_STAGE,
		.pre_doit	= pre_doit,
		.doit		= stage,
		.policy		= stage_policy,
		.maxattr	= ARRAY_SIZE(stage_policy) - 1,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= CRYPTEX_CMD_ACTIVATE,
		.pre_doit	= pre_doit,
		.doit		= activate,
		.policy		= activate_policy,
		.maxattr	= ARRAY_SIZE(activate_policy) - 1,
		.flags		= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= CRYPTEX_CMD_USERS,
		.dumpit		= cx_users_dump,
		.flags		= GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= CRYPTEX_CMD_KEY_ADD,
		.pre_doit	= pre_doit,
		.doit		= key_add,
		.policy		= key_add_policy,
		.maxattr	= ARRAY_SIZE(key_add_policy) - 1,
		.flags		= GENL_CMD_CAP_DO,
	},
};

struct genl_family cx_netlink_family __ro_after_init = {
	.name		= CRYPTEX_FAMILY_NAME,
	.version	= CRYPTEX_FAMILY_VERSION,
	.module		= THIS_MODULE,
	.split_ops	= operations,
	.n_split_ops	= ARRAY_SIZE(operations),
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
