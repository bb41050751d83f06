// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands that change something.
 */
#include <net/genetlink.h>

#include <uapi/linux/cryptex.h>

#include "cryptex.h"
#include "epoch.h"
#include "generation.h"
#include "netlink.h"
#include "notify.h"
#include "revoke.h"
#include "stage.h"
#include "trust.h"
#include "why.h"

/* Which request to activate is under way; cx_lock. */
static u64 activations;

static int refuse(struct genl_info *info, const struct cx_why *why, int err)
{
	cx_notify_rejected(info->genlhdr->cmd, err, why);
	NL_SET_ERR_MSG_FMT(info->extack, "%s", why->text);
	return err;
}

static int need(struct genl_info *info, int attribute, const char *name)
{
	if (!GENL_REQ_ATTR_CHECK(info, attribute))
		return 0;
	NL_SET_ERR_MSG_FMT(info->extack, "attribute %s is missing", name);
	return -EINVAL;
}

static int stage_fd(int fd, struct cx_generation **staged, struct cx_why *why)
{
	struct cx_generation *gen;
	int err;

	down_read(&cx_trust_lock);
	gen = cx_generation_read_fd(fd, why);
	err = PTR_ERR_OR_ZERO(gen);
	if (!err) {
		cx_why_about(why, gen);
		err = cx_stage(gen, staged, why);
		cx_generation_put(gen);
	}
	up_read(&cx_trust_lock);
	return err;
}

/**
 * cx_netlink_stage - CRYPTEX_CMD_STAGE
 * @request: the request
 * @info: the same, parsed
 *
 * Context: may sleep; takes cx_trust_lock and cx_lock.
 * Return: 0, or a negative errno as the contract says.
 */
int cx_netlink_stage(struct sk_buff *request, struct genl_info *info)
{
	struct cx_generation *staged;
	struct cx_why why = {};
	struct cx_reply reply;
	int err = need(info, CRYPTEX_A_SEAL_FD, "seal-fd");

	if (err)
		return err;
	if (cx_netlink_new_reply(&reply, info))
		return -ENOMEM;
	err = stage_fd(nla_get_u32(info->attrs[CRYPTEX_A_SEAL_FD]), &staged,
		       &why);
	if (err) {
		nlmsg_free(reply.skb);
		return refuse(info, &why, err);
	}
	cx_netlink_put_identity(reply.skb, staged);
	cx_generation_put(staged);
	cx_netlink_send_reply(&reply, info);
	return 0;
}

static int check_generation(struct cx_generation *gen, struct cx_why *why)
{
	int err = cx_revoke_check(gen, why);

	if (!err && !gen->active)
		err = cx_revoke_check_floor(gen, why);
	return err;
}

static struct cx_generation *find(const char *name, const char *label,
				  struct cx_why *why)
{
	struct cx_cryptex *cx = cx_cryptex_find(name);
	struct cx_generation *gen;

	if (!cx) {
		cx_refuse(why, -ENOENT, "no cryptex %.40s is mounted", name);
		return NULL;
	}
	gen = cx_cryptex_find_label(cx, label);
	if (!gen)
		cx_refuse(why, -ENOENT, "%.30s has no generation %.30s", name,
			  label);
	return gen;
}

/* The nest's own policy has been checked with the message's. */
static int parse_item(const struct nlattr *nest, const char **name,
		      const char **label, struct cx_why *why)
{
	const struct nlattr *attr;
	int rest;

	*name = NULL;
	*label = NULL;
	nla_for_each_nested(attr, nest, rest) {
		const char **text = nla_type(attr) == CRYPTEX_A_ITEM_NAME ?
					    name : label;

		if (*text)
			return cx_refuse(why, -EINVAL,
					 "an item has an attribute twice");
		*text = nla_data(attr);
	}
	if (!*name || !*label)
		return cx_refuse(why, -EINVAL,
				 "an item needs a cryptex and a label");
	return 0;
}

static int prepare_item(const struct nlattr *nest, struct list_head *set,
			struct cx_why *why)
{
	struct cx_generation *gen;
	const char *name, *label;
	int err = parse_item(nest, &name, &label, why);

	if (err)
		return err;
	gen = find(name, label, why);
	if (!gen)
		return -ENOENT;
	if (gen->cryptex->named_in == activations)
		return cx_refuse(why, -EINVAL, "%.40s is named twice", name);
	gen->cryptex->named_in = activations;
	err = check_generation(gen, why);
	if (err)
		return err;
	err = cx_epoch_prepare(set, gen);
	return err ? cx_refuse(why, err, "out of memory") : 0;
}

static int prepare(struct genl_info *info, struct list_head *set,
		   struct cx_why *why)
{
	const struct nlattr *attr;
	unsigned int items = 0;
	int rest, err;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rest) {
		if (++items > CRYPTEX_MAX_ITEMS)
			return cx_refuse(why, -E2BIG, "more than %u items",
					 CRYPTEX_MAX_ITEMS);
		err = prepare_item(attr, set, why);
		if (err)
			return err;
	}
	return items ? 0 : cx_refuse(why, -EINVAL, "nothing to activate");
}

static int switch_set(struct genl_info *info, u64 *epoch, struct cx_why *why)
{
	LIST_HEAD(set);
	int err;

	mutex_lock(&cx_lock);
	activations++;
	err = prepare(info, &set, why);
	if (!err) {
		*epoch = cx_epoch_switch(&set);
		if (!list_empty(&set))
			cx_notify_activated(&set, *epoch);
	}
	cx_epoch_forget(&set);
	mutex_unlock(&cx_lock);
	return err;
}

/**
 * cx_netlink_activate - CRYPTEX_CMD_ACTIVATE
 * @request: the request
 * @info: the same, parsed
 *
 * Context: may sleep; takes cx_lock.
 * Return: 0, or a negative errno as the contract says.
 */
int cx_netlink_activate(struct sk_buff *request, struct genl_info *info)
{
	struct cx_why why = {};
	struct cx_reply reply;
	u64 epoch;
	int err;

	if (cx_netlink_new_reply(&reply, info))
		return -ENOMEM;
	err = switch_set(info, &epoch, &why);
	if (err) {
		nlmsg_free(reply.skb);
		return refuse(info, &why, err);
	}
	nla_put_u64_64bit(reply.skb, CRYPTEX_A_EPOCH, epoch, CRYPTEX_A_PAD);
	cx_netlink_send_reply(&reply, info);
	return 0;
}

/**
 * cx_netlink_retire - CRYPTEX_CMD_RETIRE
 * @request: the request
 * @info: the same, parsed
 *
 * Context: may sleep; takes cx_lock.
 * Return: 0, or a negative errno as the contract says.
 */
int cx_netlink_retire(struct sk_buff *request, struct genl_info *info)
{
	struct cx_why why = {};
	int err = need(info, CRYPTEX_A_NAME, "name") ?:
		  need(info, CRYPTEX_A_LABEL, "label");

	if (err)
		return err;
	err = cx_retire(nla_data(info->attrs[CRYPTEX_A_NAME]),
			nla_data(info->attrs[CRYPTEX_A_LABEL]), &why);
	return err ? refuse(info, &why, err) : 0;
}

/**
 * cx_netlink_revoke - CRYPTEX_CMD_REVOKE
 * @request: the request
 * @info: the same, parsed
 *
 * Context: may sleep; takes cx_trust_lock and cx_lock.
 * Return: 0, or a negative errno as the contract says.
 */
int cx_netlink_revoke(struct sk_buff *request, struct genl_info *info)
{
	struct cx_revoked result;
	struct cx_why why = {};
	struct cx_reply reply;
	int err = need(info, CRYPTEX_A_LIST_FD, "list-fd");

	if (err)
		return err;
	if (cx_netlink_new_reply(&reply, info))
		return -ENOMEM;
	err = cx_revoke_fd(nla_get_u32(info->attrs[CRYPTEX_A_LIST_FD]), &result,
			   &why);
	if (err) {
		nlmsg_free(reply.skb);
		return refuse(info, &why, err);
	}
	nla_put_u64_64bit(reply.skb, CRYPTEX_A_LIST_NUMBER, result.number,
			  CRYPTEX_A_PAD);
	nla_put_u64_64bit(reply.skb, CRYPTEX_A_EPOCH, result.epoch,
			  CRYPTEX_A_PAD);
	cx_netlink_send_reply(&reply, info);
	return 0;
}

/**
 * cx_netlink_key_add - CRYPTEX_CMD_KEY_ADD
 * @request: the request
 * @info: the same, parsed
 *
 * Context: may sleep; takes cx_trust_lock.
 * Return: 0, or a negative errno as the contract says.
 */
int cx_netlink_key_add(struct sk_buff *request, struct genl_info *info)
{
	const struct nlattr *cert = info->attrs[CRYPTEX_A_CERTIFICATE];
	struct cx_why why = {};
	int err = need(info, CRYPTEX_A_CERTIFICATE, "certificate");

	if (err)
		return err;
	err = cx_trust_add(nla_data(cert), nla_len(cert), &why);
	return err ? refuse(info, &why, err) : 0;
}

/**
 * cx_netlink_lock - CRYPTEX_CMD_LOCK
 * @request: the request
 * @info: the same, parsed
 *
 * Context: may sleep; takes cx_trust_lock.
 * Return: 0.
 */
int cx_netlink_lock(struct sk_buff *request, struct genl_info *info)
{
	down_write(&cx_trust_lock);
	if (!cx_trust_is_locked()) {
		cx_trust_lock_down();
		cx_notify_locked();
	}
	up_write(&cx_trust_lock);
	return 0;
}
