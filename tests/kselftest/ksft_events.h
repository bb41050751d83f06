/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef _KSFT_EVENTS_H
#define _KSFT_EVENTS_H

#include "ksft_netlink.h"

#define EVENT_ITEMS 8

struct event_item {
	char name[64];
	char label[64];
};

/**
 * struct event - what the module tells of itself, see the UAPI header
 * @command: which event
 * @rejected: the command that was rejected
 * @item_count: length of @items, of which the first are kept
 * @attributes: bit n is set if attribute n was there
 */
struct event {
	int command;
	uint64_t sequence;
	char name[64];
	char label[64];
	uint8_t digest[32];
	uint64_t epoch;
	uint64_t list_number;
	uint32_t rejected;
	uint32_t error;
	char reason[NL_TEXT];
	char path[256];
	char key[256];
	struct event_item items[EVENT_ITEMS];
	unsigned int item_count;
	uint64_t attributes;
};

/**
 * struct listener - a socket for the events
 * @sock: libnl's
 * @fd: its descriptor
 */
struct listener {
	struct nl_sock *sock;
	int fd;
};

/**
 * listener_open - make a socket and join the multicast group
 * @l: for listener_close(), also if this failed
 *
 * Return: 0, or a negative errno, -ENOENT if there is no such group.
 */
int listener_open(struct listener *l);
void listener_close(struct listener *l);

/**
 * listener_join - let a socket join the multicast group
 * @fd: of any generic netlink socket
 *
 * Return: 0 or a negative errno.
 */
int listener_join(int fd);

/**
 * listener_next - wait for the next event
 * @l: the listener
 * @e: the event
 * @milliseconds: how long to wait
 *
 * Return: 0; -ETIME if none came, -ENOBUFS if some were lost.
 */
int listener_next(struct listener *l, struct event *e, int milliseconds);

#endif /* _KSFT_EVENTS_H */
