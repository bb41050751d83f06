/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Requests put together byte by byte, so that every part can be wrong.
 */
#ifndef _KSFT_MESSAGE_H
#define _KSFT_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "ksft_netlink.h"

/**
 * struct message - a request of the family
 * @head: its length is set when it is sent
 * @genl: command and version
 * @body: attributes
 * @size: bytes of @body
 */
struct message {
	struct nlmsghdr head;
	struct genlmsghdr genl;
	uint8_t body[CRYPTEX_MAX_CERTIFICATE + 4096];
	size_t size;
};

/**
 * message_init - begin a request
 * @m: the message
 * @c: who will send it
 * @command: of the family
 * @flags: beside NLM_F_REQUEST and NLM_F_ACK
 */
void message_init(struct message *m, const struct client *c, int command,
		  int flags);

/**
 * message_put - add an attribute
 * @m: the message
 * @type: with its flags
 * @data: the payload
 * @size: bytes at @data
 *
 * Return: the attribute, to spoil it or to nest others in it.
 */
struct nlattr *message_put(struct message *m, int type, const void *data,
			   size_t size);

/**
 * message_end_nest - what was added since belongs to an attribute
 * @m: the message
 * @nest: added without a payload
 */
void message_end_nest(struct message *m, struct nlattr *nest);

/**
 * message_send - send a request as it is
 * @m: the message
 * @c: as in message_init()
 *
 * Return: 0 or the kernel's negative errno; the sentence is in @c->text.
 */
int message_send(struct message *m, struct client *c);

#endif /* _KSFT_MESSAGE_H */
