// SPDX-License-Identifier: LGPL-2.1-or-later
/* The module's events, as structs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/cryptex.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "lib/netlink_io.h"

/* An activation of everything, and whatever comes while it is written out. */
#define EVENT_BUFFER (1 << 20)

/* What a call of cx_netlink_event() has taken. */
struct taking {
	struct cx_event *event;
	bool taken;
};

void cx_event_free(struct cx_event *event)
{
	free(event->text);
	cx_items_free(&event->items);
	memset(event, 0, sizeof(*event));
}

static int add_item(struct cx_event *event, struct nlattr *nest)
{
	static struct nla_policy policy[CRYPTEX_A_ITEM_MAX + 1] = {
		[CRYPTEX_A_ITEM_NAME] = { .type = NLA_STRING,
					  .maxlen = CRYPTEX_LABEL_SIZE },
		[CRYPTEX_A_ITEM_LABEL] = { .type = NLA_STRING,
					   .maxlen = CRYPTEX_LABEL_SIZE },
	};
	struct nlattr *attrs[CRYPTEX_A_ITEM_MAX + 1];
	int rc = nla_parse_nested(attrs, CRYPTEX_A_ITEM_MAX, nest, policy);

	if (rc < 0)
		return rc;
	if (!attrs[CRYPTEX_A_ITEM_NAME] || !attrs[CRYPTEX_A_ITEM_LABEL])
		return -NLE_MISSING_ATTR;
	if (cx_items_add(&event->items,
			 nla_get_string(attrs[CRYPTEX_A_ITEM_NAME]),
			 nla_get_string(attrs[CRYPTEX_A_ITEM_LABEL]), NULL))
		return -NLE_NOMEM;
	return 0;
}

/* An attribute that repeats is not in the array by numbers but for its last. */
static int add_items(struct cx_event *event, struct nl_msg *msg)
{
	struct genlmsghdr *h = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *attr;
	int left, rc = 0;

	nla_for_each_attr(attr, genlmsg_attrdata(h, 0), genlmsg_attrlen(h, 0),
			  left)
		if (!rc && nla_type(attr) == CRYPTEX_A_ITEM)
			rc = add_item(event, attr);
	return rc;
}

static uint32_t get_u32(struct nlattr *attr)
{
	return attr ? nla_get_u32(attr) : 0;
}

static uint64_t get_u64(struct nlattr *attr)
{
	return attr ? nla_get_u64(attr) : 0;
}

static void copy_string(char to[CRYPTEX_LABEL_SIZE], struct nlattr *attr)
{
	if (attr)
		snprintf(to, CRYPTEX_LABEL_SIZE, "%s", nla_get_string(attr));
}

static int copy_text(struct cx_event *event, struct nlattr **attrs)
{
	struct nlattr *attr = attrs[CRYPTEX_A_REASON] ?:
			      attrs[CRYPTEX_A_PATH] ?: attrs[CRYPTEX_A_KEY];

	if (!attr)
		return 0;
	event->text = strdup(nla_get_string(attr));
	return event->text ? 0 : -NLE_NOMEM;
}

static int on_event(struct nl_msg *msg, void *arg)
{
	struct genlmsghdr *h = nlmsg_data(nlmsg_hdr(msg));
	struct nlattr *attrs[CRYPTEX_A_MAX + 1];
	struct taking *taking = arg;
	struct cx_event *event = taking->event;
	int rc = cx_netlink_parse(msg, attrs);

	if (rc < 0)
		return rc;
	if (!attrs[CRYPTEX_A_SEQUENCE])
		return -NLE_MISSING_ATTR;
	cx_event_free(event);
	event->command = h->cmd;
	event->sequence = get_u64(attrs[CRYPTEX_A_SEQUENCE]);
	event->epoch = get_u64(attrs[CRYPTEX_A_EPOCH]);
	event->list_number = get_u64(attrs[CRYPTEX_A_LIST_NUMBER]);
	event->request = get_u32(attrs[CRYPTEX_A_COMMAND]);
	event->error = get_u32(attrs[CRYPTEX_A_ERROR]);
	copy_string(event->name, attrs[CRYPTEX_A_NAME]);
	copy_string(event->label, attrs[CRYPTEX_A_LABEL]);
	rc = copy_text(event, attrs);
	if (!rc)
		rc = add_items(event, msg);
	taking->taken = !rc;
	return rc < 0 ? rc : NL_OK;
}

/* Events answer no request, so they have no number of one. */
static int on_sequence(struct nl_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	return NL_OK;
}

static int join(struct cx_netlink *nl, struct cx_error *err)
{
	int group = genl_ctrl_resolve_grp(nl->socket, CRYPTEX_FAMILY_NAME,
					  CRYPTEX_MCGRP_EVENTS);
	int rc;

	if (group < 0)
		return cx_netlink_fail(err, group,
				       "cannot resolve the group of events");
	rc = nl_socket_set_buffer_size(nl->socket, EVENT_BUFFER, 0);
	if (rc < 0)
		return cx_netlink_fail(err, rc, "cannot size the buffer");
	rc = nl_socket_add_membership(nl->socket, group);
	if (rc == -NLE_PERM)
		return cx_fail(err, -EPERM, "needs root (CAP_SYS_ADMIN)");
	if (rc < 0)
		return cx_netlink_fail(err, rc, "cannot join the events");
	rc = nl_socket_set_nonblocking(nl->socket);
	return rc < 0 ? cx_netlink_fail(err, rc, "cannot go on") : 0;
}

int cx_netlink_listen(struct cx_netlink **nl, struct cx_error *err)
{
	int rc = cx_netlink_open(nl, err);

	if (rc)
		return rc;
	rc = join(*nl, err);
	if (rc)
		cx_netlink_close(*nl);
	return rc;
}

int cx_netlink_fd(const struct cx_netlink *nl)
{
	return nl_socket_get_fd(nl->socket);
}

int cx_netlink_event(struct cx_netlink *nl, struct cx_event *event,
		     struct cx_error *err)
{
	struct taking taking = { .event = event };
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int rc;

	memset(event, 0, sizeof(*event));
	if (!cb)
		return cx_fail(err, -ENOMEM, "out of memory");
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_event, &taking);
	nl_cb_set(cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, on_sequence, NULL);
	errno = 0;
	rc = nl_recvmsgs(nl->socket, cb);
	nl_cb_put(cb);
	if (rc >= 0)
		return taking.taken;
	cx_event_free(event);
	/* No room: what was lost shows in the next event's sequence. */
	if (rc == -NLE_AGAIN || errno == ENOBUFS)
		return 0;
	return cx_netlink_fail(err, rc, "the events cannot be read");
}
