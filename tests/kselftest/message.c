// SPDX-License-Identifier: LGPL-2.1-or-later
#include "message.h"
#include "report.h"

void message_init(struct message *m, const struct client *c, int command,
		  int flags)
{
	memset(m, 0, sizeof(*m));
	m->head.nlmsg_type = c->family;
	m->head.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	m->genl.cmd = command;
	m->genl.version = CRYPTEX_FAMILY_VERSION;
}

struct nlattr *message_put(struct message *m, int type, const void *data,
			   size_t size)
{
	struct nlattr *attr = (struct nlattr *)(m->body + m->size);

	m->size += NLA_ALIGN(NLA_HDRLEN + size);
	if (m->size > sizeof(m->body))
		die("a message is too large");
	attr->nla_len = NLA_HDRLEN + size;
	attr->nla_type = type;
	if (size)
		memcpy(attr + 1, data, size);
	return attr;
}

void message_end_nest(struct message *m, struct nlattr *nest)
{
	nest->nla_len = m->body + m->size - (uint8_t *)nest;
}

int message_send(struct message *m, struct client *c)
{
	m->head.nlmsg_len = offsetof(struct message, body) + m->size;
	return client_send_bytes(c, m, m->head.nlmsg_len);
}
