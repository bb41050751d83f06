// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The module's events, by libnl.
 */
#include <poll.h>
#include <sys/socket.h>

#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "ksft_events.h"
#include "report.h"

static struct nl_sock *connected(void)
{
	struct nl_sock *sock = nl_socket_alloc();

	if (!sock || genl_connect(sock))
		die("netlink: no socket");
	return sock;
}

int listener_join(int fd)
{
	struct nl_sock *sock = connected();
	int group = genl_ctrl_resolve_grp(sock, CRYPTEX_FAMILY_NAME,
					  CRYPTEX_MCGRP_EVENTS);

	nl_socket_free(sock);
	if (group < 0)
		return -ENOENT;
	return setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
			  sizeof(group)) ? -errno : 0;
}

int listener_open(struct listener *l)
{
	l->sock = connected();
	l->fd = nl_socket_get_fd(l->sock);
	return listener_join(l->fd);
}

void listener_close(struct listener *l)
{
	nl_socket_free(l->sock);
}

static void copy_text(char *to, size_t size, struct nlattr *attr)
{
	if (attr)
		snprintf(to, size, "%s", nla_get_string(attr));
}

static void copy_bytes(void *to, size_t size, struct nlattr *attr)
{
	if (attr && (size_t)nla_len(attr) == size)
		memcpy(to, nla_data(attr), size);
}

static void copy_item(struct event *e, struct nlattr *nest)
{
	struct nlattr *attrs[CRYPTEX_A_ITEM_MAX + 1];
	struct event_item *item = &e->items[e->item_count];

	if (e->item_count++ >= EVENT_ITEMS)
		return;
	if (nla_parse_nested(attrs, CRYPTEX_A_ITEM_MAX, nest, NULL))
		die("an item that cannot be parsed");
	copy_text(item->name, sizeof(item->name), attrs[CRYPTEX_A_ITEM_NAME]);
	copy_text(item->label, sizeof(item->label), attrs[CRYPTEX_A_ITEM_LABEL]);
}

static void copy_items(struct event *e, struct nlmsghdr *head)
{
	struct nlattr *attr;
	int rest;

	nlmsg_for_each_attr(attr, head, GENL_HDRLEN, rest) {
		if (nla_type(attr) == CRYPTEX_A_ITEM)
			copy_item(e, attr);
	}
}

static void copy_attributes(struct event *e, struct nlattr **attrs)
{
	int i;

	for (i = 0; i <= CRYPTEX_A_MAX; i++)
		e->attributes |= (uint64_t)!!attrs[i] << i;
	copy_bytes(&e->sequence, sizeof(e->sequence), attrs[CRYPTEX_A_SEQUENCE]);
	copy_text(e->name, sizeof(e->name), attrs[CRYPTEX_A_NAME]);
	copy_text(e->label, sizeof(e->label), attrs[CRYPTEX_A_LABEL]);
	copy_bytes(e->digest, sizeof(e->digest), attrs[CRYPTEX_A_DIGEST]);
	copy_bytes(&e->epoch, sizeof(e->epoch), attrs[CRYPTEX_A_EPOCH]);
	copy_bytes(&e->list_number, sizeof(e->list_number),
		   attrs[CRYPTEX_A_LIST_NUMBER]);
	copy_bytes(&e->rejected, sizeof(e->rejected), attrs[CRYPTEX_A_COMMAND]);
	copy_bytes(&e->error, sizeof(e->error), attrs[CRYPTEX_A_ERROR]);
	copy_text(e->reason, sizeof(e->reason), attrs[CRYPTEX_A_REASON]);
	copy_text(e->path, sizeof(e->path), attrs[CRYPTEX_A_PATH]);
	copy_text(e->key, sizeof(e->key), attrs[CRYPTEX_A_KEY]);
}

static void parse(struct event *e, struct nlmsghdr *head, size_t size)
{
	struct nlattr *attrs[CRYPTEX_A_MAX + 1];

	/* Each event is a datagram of its own. */
	if (!nlmsg_ok(head, size) || head->nlmsg_len != size ||
	    genlmsg_parse(head, 0, attrs, CRYPTEX_A_MAX, NULL))
		die("an event that cannot be parsed");
	memset(e, 0, sizeof(*e));
	e->command = genlmsg_hdr(head)->cmd;
	copy_attributes(e, attrs);
	copy_items(e, head);
}

int listener_next(struct listener *l, struct event *e, int milliseconds)
{
	static char buffer[1 << 17] __attribute__((aligned(8)));
	struct pollfd wait = { .fd = l->fd, .events = POLLIN };
	ssize_t size;

	if (poll(&wait, 1, milliseconds) <= 0)
		return -ETIME;
	size = recv(l->fd, buffer, sizeof(buffer), 0);
	if (size < 0)
		return -errno;
	parse(e, (struct nlmsghdr *)buffer, size);
	return 0;
}
