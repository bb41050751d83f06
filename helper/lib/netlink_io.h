/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Between netlink.c, which carries messages, and netlink_calls.c and
 * netlink_events.c, which know what is in them. */
#ifndef _CX_NETLINK_IO_H
#define _CX_NETLINK_IO_H

#include <linux/cryptex.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include "lib/netlink.h"

/* A connection */
struct cx_netlink {
	struct nl_sock *socket;
	int family;
};

/**
 * cx_netlink_parse - the attributes of a message
 * @msg: from the module
 * @attrs: set to its attributes by number, checked for type and length
 *
 * Return: 0 or a negative error number of libnl.
 */
int cx_netlink_parse(struct nl_msg *msg,
		     struct nlattr *attrs[CRYPTEX_A_MAX + 1]);

/**
 * cx_netlink_fail - an error of libnl as ours
 * @err: filled
 * @nle: a negative error number of libnl
 * @what: what failed
 *
 * Return: a negative errno.
 */
int cx_netlink_fail(struct cx_error *err, int nle, const char *what);

/**
 * typedef cx_netlink_take - take one message of an answer
 * @attrs: its attributes by number, checked for type and length
 * @arg: as given with the request
 *
 * Return: NL_OK or a negative error number of libnl.
 */
typedef int cx_netlink_take(struct nlattr **attrs, void *arg);

/**
 * cx_netlink_request - begin a request
 * @nl: the connection
 * @cmd: of enum cryptex_command
 * @flags: NLM_F_DUMP or 0
 * @room: bytes that its attributes may need
 *
 * Return: the message, which cx_netlink_do() frees; NULL when out of memory.
 */
struct nl_msg *cx_netlink_request(const struct cx_netlink *nl, uint8_t cmd,
				  int flags, size_t room);

/**
 * cx_netlink_do - send a request and wait for its answer
 * @nl: the connection
 * @msg: freed in any case
 * @rc: what putting the attributes gave; if negative nothing is sent
 * @take: called for a message of the answer; may be NULL
 * @arg: for @take
 * @err: filled on failure
 */
int cx_netlink_do(struct cx_netlink *nl, struct nl_msg *msg, int rc,
		  cx_netlink_take *take, void *arg, struct cx_error *err);

/**
 * cx_netlink_dump - dump until nothing changed meanwhile
 * @nl: the connection
 * @cmd: of enum cryptex_command
 * @take: called for each message
 * @restart: called before each further try, to empty what was collected
 * @arg: for @take and @restart
 * @err: filled on failure
 */
int cx_netlink_dump(struct cx_netlink *nl, uint8_t cmd, cx_netlink_take *take,
		    void (*restart)(void *arg), void *arg,
		    struct cx_error *err);

#endif /* _CX_NETLINK_IO_H */
