/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef _KSFT_NETLINK_H
#define _KSFT_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/cryptex.h>

#define NL_TEXT 256

/* Is an attribute in an answer? */
#define HAS(answer, attribute) (!!((answer)->attributes & 1ULL << (attribute)))

struct nl_msg;
struct nl_sock;

/**
 * struct client - a socket of the family "cryptex"
 * @sock: libnl's
 * @family: the family's number
 * @write_only: see client_write_only()
 * @text: extended ACK of the last request, empty if there was none
 * @epoch: in the last answer, as the following
 * @name: of a cryptex
 * @label: of a generation
 * @digest: of a generation
 * @list_number: of a revocation list
 * @sequence: of the last event
 * @attributes: bit n is set if attribute n was in the last answer
 * @answers: number of answers to the last request
 * @messages: datagrams that the last dump came in
 * @interrupted: was the last dump marked as inconsistent?
 */
struct client {
	struct nl_sock *sock;
	int family;
	bool write_only;
	char text[NL_TEXT];
	uint64_t epoch;
	char name[64];
	char label[64];
	uint8_t digest[32];
	uint64_t list_number;
	uint64_t sequence;
	uint64_t attributes;
	unsigned int answers;
	unsigned int messages;
	bool interrupted;
};

/**
 * struct generation - an answer of CRYPTEX_CMD_GET, see the UAPI header
 * @attributes: bit n is set if attribute n was in the answer
 */
struct generation {
	char name[64];
	char label[64];
	uint8_t digest[32];
	uint8_t base_digest[32];
	uint32_t flags;
	uint32_t security_epoch;
	uint64_t build_time;
	uint32_t entries;
	uint64_t sealed_bytes;
	uint32_t users;
	uint64_t epoch;
	uint32_t floor;
	uint64_t attributes;
};

/**
 * struct user - an answer of CRYPTEX_CMD_USERS, see the UAPI header
 */
struct user {
	uint32_t pid;
	uint64_t start_time;
	char comm[32];
	char name[64];
	char label[64];
	uint32_t flags;
};

struct item {
	const char *name;
	const char *label;
};

/**
 * client_open - connect to the module
 * @c: for client_close(), also if this failed
 *
 * Return: 0, or a negative errno, -ENOENT if there is no such family.
 */
int client_open(struct client *c);
void client_close(struct client *c);

/**
 * client_fd - the socket's descriptor
 * @c: the client
 */
int client_fd(const struct client *c);

/**
 * client_adopt - speak through another socket from now on
 * @c: an open client
 * @fd: a generic netlink socket, its own from now on
 */
void client_adopt(struct client *c, int fd);

/*
 * Each request returns 0 or the kernel's negative errno, and leaves the
 * sentence in c->text.
 */
int client_stage(struct client *c, int fd);
int client_activate(struct client *c, const struct item *items, size_t count);
int client_key_add(struct client *c, const void *der, size_t size);
int client_retire(struct client *c, const char *name, const char *label);
int client_revoke(struct client *c, int fd);
int client_lock(struct client *c);
int client_state(struct client *c);

/**
 * client_get - dump the generations
 * @c: the client
 * @name: of this cryptex, or NULL for all
 * @list: set to an array, which the caller frees
 *
 * Return: its length, or a negative errno.
 */
int client_get(struct client *c, const char *name, struct generation **list);

/**
 * client_users - dump the users
 * @c: the client
 * @name: of this cryptex, or NULL for all
 * @list: set to an array, which the caller frees
 *
 * Return: its length, or a negative errno.
 */
int client_users(struct client *c, const char *name, struct user **list);

/**
 * client_write_only - send with write(), without an address, from now on
 * @c: the client
 */
void client_write_only(struct client *c);

/**
 * client_new - begin a request by hand
 * @c: the client
 * @command: of the family
 * @flags: of the message, beside NLM_F_REQUEST
 *
 * Return: for client_add() and client_send(), which frees it.
 */
struct nl_msg *client_new(struct client *c, int command, int flags);
void client_add(struct nl_msg *msg, int type, const void *data, size_t size);
int client_send(struct client *c, struct nl_msg *msg);

/**
 * client_send_bytes - send a request that libnl has not made
 * @c: the client
 * @data: the whole message, which asks for an acknowledgment
 * @size: bytes at @data
 *
 * Return: 0, the kernel's negative errno, or -ETIME if it said nothing.
 */
int client_send_bytes(struct client *c, void *data, size_t size);

#endif /* _KSFT_NETLINK_H */
