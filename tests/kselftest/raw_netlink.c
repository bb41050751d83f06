// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>
#include <sys/socket.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include <linux/cryptex.h>

#include "raw_netlink.h"
#include "report.h"

/* Of static memory: nobody may be told that there is none. */
static uint8_t datagram[RAW_SIZE] __attribute__((aligned(8)));

int raw_socket(void)
{
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	int on = 1;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)) ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on)))
		die_errno("netlink socket");
	return fd;
}

void raw_begin(struct raw_message *m, int family, int command, int flags)
{
	struct nlmsghdr *head = (void *)m->data;
	struct genlmsghdr *generic = NLMSG_DATA(head);

	m->size = NLMSG_LENGTH(GENL_HDRLEN);
	*head = (struct nlmsghdr) {
		.nlmsg_len = m->size,
		.nlmsg_type = family,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags,
	};
	*generic = (struct genlmsghdr) {
		.cmd = command,
		.version = CRYPTEX_FAMILY_VERSION,
	};
}

static void set_size(struct raw_message *m, size_t size)
{
	m->size = size;
	((struct nlmsghdr *)m->data)->nlmsg_len = size;
}

bool raw_put(struct raw_message *m, int type, const void *data, size_t size)
{
	struct nlattr *attr = (void *)(m->data + m->size);

	if (NLA_HDRLEN + NLA_ALIGN(size) > sizeof(m->data) - m->size)
		return false;
	attr->nla_type = type;
	attr->nla_len = NLA_HDRLEN + size;
	memset(attr + 1, 0, NLA_ALIGN(size));
	if (size)
		memcpy(attr + 1, data, size);
	set_size(m, m->size + NLA_HDRLEN + NLA_ALIGN(size));
	return true;
}

bool raw_put_string(struct raw_message *m, int type, const char *text)
{
	return raw_put(m, type, text, strlen(text) + 1);
}

size_t raw_nest(struct raw_message *m, int type)
{
	size_t nest = m->size;

	return raw_put(m, NLA_F_NESTED | type, NULL, 0) ? nest : 0;
}

void raw_nest_end(struct raw_message *m, size_t nest)
{
	struct nlattr *attr = (void *)(m->data + nest);

	if (nest)
		attr->nla_len = m->size - nest;
}

static const struct nlattr *next_attr(const struct nlattr *attr)
{
	return (const void *)((const char *)attr + NLA_ALIGN(attr->nla_len));
}

/* The first attribute of @type between @attr and @end, or NULL. */
static const struct nlattr *find_attr(const struct nlattr *attr,
				      const void *end, int type)
{
	for (; (const char *)end - (const char *)attr >= NLA_HDRLEN &&
	       attr->nla_len >= NLA_HDRLEN; attr = next_attr(attr))
		if ((attr->nla_type & NLA_TYPE_MASK) == type)
			return attr;
	return NULL;
}

static void take_text(const struct nlmsghdr *head, const void *attrs,
		      struct raw_answer *answer)
{
	const void *end = (const char *)head + head->nlmsg_len;
	const struct nlattr *text = NULL;

	if (head->nlmsg_flags & NLM_F_ACK_TLVS)
		text = find_attr(attrs, end, NLMSGERR_ATTR_MSG);
	if (text)
		snprintf(answer->text, sizeof(answer->text), "%.*s",
			 text->nla_len - NLA_HDRLEN, (const char *)(text + 1));
}

static void take_verdict(const struct nlmsghdr *head, struct raw_answer *answer)
{
	const struct nlmsgerr *error = NLMSG_DATA(head);
	const char *attrs = (const char *)&error->msg + sizeof(error->msg);

	answer->told = true;
	if (head->nlmsg_type == NLMSG_DONE) {
		/* A dump's end has an errno alone. */
		answer->err = *(const int *)NLMSG_DATA(head);
		attrs = (const char *)NLMSG_DATA(head) + NLMSG_ALIGN(sizeof(int));
	} else {
		answer->err = error->error;
		if (!(head->nlmsg_flags & NLM_F_CAPPED))
			attrs += NLMSG_ALIGN(error->msg.nlmsg_len) -
				 sizeof(error->msg);
	}
	take_text(head, attrs, answer);
}

static void take(const struct nlmsghdr *head, int size,
		 struct raw_answer *answer)
{
	for (; NLMSG_OK(head, size); head = NLMSG_NEXT(head, size))
		if (head->nlmsg_type == NLMSG_ERROR ||
		    head->nlmsg_type == NLMSG_DONE)
			take_verdict(head, answer);
		else
			answer->messages++;
}

void raw_exchange_by(int fd, const struct raw_message *m, size_t room,
		     struct raw_answer *answer)
{
	ssize_t got;

	answer->told = false;
	answer->messages = 0;
	answer->text[0] = 0;
	answer->err = send(fd, m->data, m->size, 0) < 0 ? -errno : 0;
	while (!answer->told) {
		got = recv(fd, datagram, room, MSG_DONTWAIT);
		if (got >= 0)
			take((const void *)datagram, got, answer);
		else if (errno == EAGAIN)
			break;
		else if (!answer->err)
			answer->err = -errno;
	}
}

void raw_exchange(int fd, const struct raw_message *m,
		  struct raw_answer *answer)
{
	raw_exchange_by(fd, m, sizeof(datagram), answer);
}

unsigned int raw_drain(int fd)
{
	unsigned int count = 0;

	/* ENOBUFS says that some were lost, and is no end. */
	while (recv(fd, datagram, sizeof(datagram), MSG_DONTWAIT) >= 0 ||
	       errno == ENOBUFS)
		count++;
	return count;
}

/* The number of @group, from the list in @groups, or 0. */
static uint32_t group_number(const struct nlattr *groups, const char *group)
{
	const void *end = next_attr(groups);
	const struct nlattr *each, *name, *number;

	for (each = groups + 1; (const void *)each < end; each = next_attr(each)) {
		name = find_attr(each + 1, next_attr(each),
				 CTRL_ATTR_MCAST_GRP_NAME);
		number = find_attr(each + 1, next_attr(each),
				   CTRL_ATTR_MCAST_GRP_ID);
		if (name && number && !strcmp((const char *)(name + 1), group))
			return *(const uint32_t *)(number + 1);
	}
	return 0;
}

static uint32_t find_group(int fd, const char *family, const char *group)
{
	static struct raw_message m;
	const struct nlmsghdr *head = (const void *)datagram;
	const struct nlattr *groups = NULL;
	ssize_t got;

	raw_begin(&m, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	raw_put_string(&m, CTRL_ATTR_FAMILY_NAME, family);
	if (send(fd, m.data, m.size, 0) < 0)
		die_errno("netlink");
	got = recv(fd, datagram, sizeof(datagram), MSG_DONTWAIT);
	if (got >= (ssize_t)NLMSG_LENGTH(GENL_HDRLEN) &&
	    head->nlmsg_type == GENL_ID_CTRL)
		groups = find_attr((const void *)(datagram +
						  NLMSG_LENGTH(GENL_HDRLEN)),
				   datagram + got, CTRL_ATTR_MCAST_GROUPS);
	return groups ? group_number(groups, group) : 0;
}

int raw_join(int fd, const char *family, const char *group)
{
	uint32_t number = find_group(fd, family, group);

	raw_drain(fd);
	if (!number)
		return -ENOENT;
	if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &number,
		       sizeof(number)))
		return -errno;
	return 0;
}
