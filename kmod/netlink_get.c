// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading state: the dump of generations, and what holds for all of them.
 */
#include <net/genetlink.h>

#include <uapi/linux/cryptex.h>

#include "cryptex.h"
#include "epoch.h"
#include "event.h"
#include "generation.h"
#include "netlink.h"
#include "revoke.h"
#include "trust.h"

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
	return (gen == gen->cryptex->base ? CRYPTEX_F_BASE : 0) |
	       (gen->active ? CRYPTEX_F_ACTIVE : 0) |
	       (gen->revoked ? CRYPTEX_F_REVOKED : 0);
}

static bool put_floor(struct sk_buff *skb, const struct cx_cryptex *cx)
{
	u32 floor = cx_revoke_floor(cx->name);

	return !floor || !nla_put_u32(skb, CRYPTEX_A_FLOOR, floor);
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
	if (!cx_netlink_put_identity(skb, gen) || !put_manifest(skb, gen) ||
	    !put_floor(skb, gen->cryptex) ||
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

/**
 * cx_netlink_get - CRYPTEX_CMD_GET
 * @skb: filled with as many messages as there is room for
 * @cb: where the dump stands
 *
 * Context: may sleep; takes cx_lock.
 * Return: @skb's length, 0 at the end, or -%EMSGSIZE.
 */
int cx_netlink_get(struct sk_buff *skb, struct netlink_callback *cb)
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

/**
 * cx_netlink_state - CRYPTEX_CMD_STATE
 * @request: the request
 * @info: the same, parsed
 *
 * Context: may sleep; takes cx_lock.
 * Return: 0 or -%ENOMEM.
 */
int cx_netlink_state(struct sk_buff *request, struct genl_info *info)
{
	struct cx_reply reply;
	u64 number;

	if (cx_netlink_new_reply(&reply, info))
		return -ENOMEM;
	mutex_lock(&cx_lock);
	number = cx_revoke_number();
	nla_put_u64_64bit(reply.skb, CRYPTEX_A_EPOCH, cx_epoch_newest(),
			  CRYPTEX_A_PAD);
	nla_put_u64_64bit(reply.skb, CRYPTEX_A_SEQUENCE, cx_event_sequence(),
			  CRYPTEX_A_PAD);
	mutex_unlock(&cx_lock);
	if (number)
		nla_put_u64_64bit(reply.skb, CRYPTEX_A_LIST_NUMBER, number,
				  CRYPTEX_A_PAD);
	if (cx_trust_is_locked())
		nla_put_flag(reply.skb, CRYPTEX_A_LOCKED);
	cx_netlink_send_reply(&reply, info);
	return 0;
}
