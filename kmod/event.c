// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events on their way to whoever listens: as netlink messages and as audit
 * records.
 */
#include <linux/audit.h>
#include <linux/cred.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <net/genetlink.h>

#include <uapi/linux/cryptex.h>

#include "cryptex.h"
#include "epoch.h"
#include "event.h"
#include "generation.h"
#include "netlink.h"

/* A nest, a name and a label, each with its header. */
#define ITEM_SIZE	(3 * NLA_HDRLEN + 2 * CRYPTEX_LABEL_SIZE)

/* Orders the numbering of events and their sending; nothing is inside of it. */
static DEFINE_MUTEX(event_lock);
static u64 sequence;

/**
 * cx_event_sequence - the number of the last event
 *
 * Context: any that may sleep.
 * Return: the number, 0 if there was none.
 */
u64 cx_event_sequence(void)
{
	u64 number;

	mutex_lock(&event_lock);
	number = sequence;
	mutex_unlock(&event_lock);
	return number;
}

typedef int (*item_fn)(void *context, const struct cx_generation *gen);

/* Calls @fn for each generation that is one of several of an event. */
static int visit_items(const struct cx_event *event, item_fn fn, void *context)
{
	const struct cx_generation *gen;
	const struct cx_cryptex *cx;
	const struct cx_tenure *t;
	int err = 0;

	if (event->set)
		list_for_each_entry(t, event->set, item)
			err = err ?: fn(context, t->gen);
	if (!event->hits)
		return err;
	list_for_each_entry(cx, &cx_cryptexes, link)
		list_for_each_entry(gen, &cx->generations, link)
			if (gen->hit)
				err = err ?: fn(context, gen);
	return err;
}

static int count_item(void *count, const struct cx_generation *gen)
{
	++*(size_t *)count;
	return 0;
}

static int put_item(void *skb, const struct cx_generation *gen)
{
	struct nlattr *nest = nla_nest_start(skb, CRYPTEX_A_ITEM);

	if (!nest ||
	    nla_put_string(skb, CRYPTEX_A_ITEM_NAME, cx_generation_name(gen)) ||
	    nla_put_string(skb, CRYPTEX_A_ITEM_LABEL, cx_generation_label(gen)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* Which attribute carries an event's text? */
static int text_attribute(u8 command)
{
	switch (command) {
	case CRYPTEX_CMD_REJECTED_NTF:
		return CRYPTEX_A_REASON;
	case CRYPTEX_CMD_CORRUPTED_NTF:
		return CRYPTEX_A_PATH;
	default:
		return CRYPTEX_A_KEY;
	}
}

static bool put_number(struct sk_buff *skb, int type, u64 number)
{
	return !number || !nla_put_u64_64bit(skb, type, number, CRYPTEX_A_PAD);
}

static bool put_text(struct sk_buff *skb, int type, const char *text)
{
	return !text || !nla_put_string(skb, type, text);
}

static bool put_event(struct sk_buff *skb, const struct cx_event *e)
{
	return put_number(skb, CRYPTEX_A_SEQUENCE, sequence) &&
	       put_text(skb, CRYPTEX_A_NAME, e->name) &&
	       put_text(skb, CRYPTEX_A_LABEL, e->label) &&
	       (!e->digest || !nla_put(skb, CRYPTEX_A_DIGEST,
				       CRYPTEX_DIGEST_SIZE, e->digest)) &&
	       put_number(skb, CRYPTEX_A_EPOCH, e->epoch) &&
	       put_number(skb, CRYPTEX_A_LIST_NUMBER, e->number) &&
	       (!e->error ||
		(!nla_put_u32(skb, CRYPTEX_A_COMMAND, e->request) &&
		 !nla_put_u32(skb, CRYPTEX_A_ERROR, -e->error))) &&
	       put_text(skb, text_attribute(e->command), e->text) &&
	       !visit_items(e, put_item, skb);
}

static void multicast(const struct cx_event *event)
{
	size_t items = 0;
	struct sk_buff *skb;
	void *head;

	visit_items(event, count_item, &items);
	skb = genlmsg_new(NLMSG_GOODSIZE + items * ITEM_SIZE, GFP_KERNEL);
	if (!skb)
		return;
	head = genlmsg_put(skb, 0, 0, &cx_netlink_family, 0, event->command);
	if (!head || !put_event(skb, event)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, head);
	genlmsg_multicast(&cx_netlink_family, skb, 0, 0, GFP_KERNEL);
}

/**
 * cx_event_send - number an event and send it to the multicast group
 * @event: what happened
 *
 * Never fails: what cannot be sent, for lack of memory, leaves a gap in the
 * numbers, which tells a listener to ask for the state.
 *
 * Context: may sleep; cx_lock held if @event has items.
 */
void cx_event_send(const struct cx_event *event)
{
	mutex_lock(&event_lock);
	sequence++;
	if (genl_has_listeners(&cx_netlink_family, &init_net, 0))
		multicast(event);
	mutex_unlock(&event_lock);
}

/*
 * The name of the process is as it likes, so it is written in hexadecimal, which
 * readers of the audit log know.  The text is at the end, where it can be taken
 * for nothing else.  A full audit queue must hold nobody up here: the mmap lock
 * or cx_lock may be held.
 */
static void audit_one(const struct cx_event *e, const char *name,
		      const char *label)
{
	struct audit_buffer *ab = audit_log_start(audit_context(), GFP_ATOMIC,
						  AUDIT_KERNEL);
	char comm[TASK_COMM_LEN];

	if (!ab)
		return;
	get_task_comm(comm, current);
	audit_log_format(ab, "cryptex op=%s", e->op);
	if (name)
		audit_log_format(ab, " name=\"%s\"", name);
	if (label)
		audit_log_format(ab, " label=\"%s\"", label);
	if (e->epoch)
		audit_log_format(ab, " epoch=%llu", e->epoch);
	if (e->number)
		audit_log_format(ab, " list=%llu", e->number);
	if (e->error)
		audit_log_format(ab, " request=%u errno=%d", e->request,
				 e->error);
	audit_log_format(ab, " pid=%d uid=%u auid=%u ses=%u comm=%*phN res=%d",
			 task_tgid_nr(current),
			 from_kuid(&init_user_ns, current_uid()),
			 from_kuid(&init_user_ns, audit_get_loginuid(current)),
			 audit_get_sessionid(current), (int)strlen(comm), comm,
			 !e->error);
	if (e->text)
		audit_log_format(ab, " text=\"%*pE\"", (int)strlen(e->text),
				 e->text);
	audit_log_end(ab);
}

static int audit_item(void *event, const struct cx_generation *gen)
{
	audit_one(event, cx_generation_name(gen), cx_generation_label(gen));
	return 0;
}

/**
 * cx_event_audit - write an event to the audit log, a record for each generation
 * @event: what happened
 *
 * Context: may sleep; cx_lock held if @event has items.
 */
void cx_event_audit(const struct cx_event *event)
{
	/* Whether just before or just after it was switched is all the same. */
	if (!data_race(audit_enabled))
		return;
	if (!event->set)
		audit_one(event, event->name, event->label);
	visit_items(event, audit_item, (void *)event);
}
