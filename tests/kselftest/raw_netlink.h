/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Requests as bytes, for tests that spoil them, or that may not allocate memory
 * between asking and being answered.  All others use ksft_netlink.h.
 */
#ifndef _KSFT_RAW_NETLINK_H
#define _KSFT_RAW_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RAW_SIZE (64 << 10)	/* bytes that a request or a datagram may have */
#define RAW_TEXT 256

/**
 * struct raw_message - a request
 * @size: bytes of @data in use
 * @data: headers and attributes; more than RAW_SIZE never fits
 */
struct raw_message {
	size_t size;
	uint8_t data[RAW_SIZE] __attribute__((aligned(8)));
};

/**
 * struct raw_answer - what came back
 * @told: the kernel said how the request ended, so @err is its verdict
 * @err: 0 or a negative errno: the verdict, else that of send() or recv()
 * @messages: number of messages beside the verdict
 * @text: extended ACK
 */
struct raw_answer {
	bool told;
	int err;
	unsigned int messages;
	char text[RAW_TEXT];
};

/**
 * raw_socket - a socket of generic netlink, with extended ACKs
 *
 * Return: a descriptor; the test ends if there is none.
 */
int raw_socket(void);

/**
 * raw_begin - start a request
 * @m: the request
 * @family: number of the family
 * @command: of the family
 * @flags: of the message, beside NLM_F_REQUEST and NLM_F_ACK
 */
void raw_begin(struct raw_message *m, int family, int command, int flags);

/**
 * raw_put - add an attribute
 * @m: a request that was begun
 * @type: of the attribute, with its flags
 * @data: its content
 * @size: bytes at @data
 *
 * Return: false, with nothing added, if it does not fit.
 */
bool raw_put(struct raw_message *m, int type, const void *data, size_t size);

/* Adds a string with its NUL. */
bool raw_put_string(struct raw_message *m, int type, const char *text);

/**
 * raw_nest - start an attribute that holds what is put next
 * @m: a request that was begun
 * @type: of the attribute, with its flags
 *
 * Return: for raw_nest_end().
 */
size_t raw_nest(struct raw_message *m, int type);
void raw_nest_end(struct raw_message *m, size_t nest);

/**
 * raw_exchange_by - as raw_exchange(), with a small buffer
 * @fd: from raw_socket(); the kernel keeps the size of the largest buffer that a
 *	socket has had, and makes the parts of a dump as large
 * @m: the request
 * @room: bytes to receive at a time, RAW_SIZE at most
 * @answer: set
 */
void raw_exchange_by(int fd, const struct raw_message *m, size_t room,
		     struct raw_answer *answer);

/**
 * raw_exchange - send a request and take all that comes back
 * @fd: from raw_socket()
 * @m: the request
 * @answer: set
 *
 * A request is carried out before send() returns and a dump goes on while it is
 * read, so this never waits.  Allocates nothing.
 */
void raw_exchange(int fd, const struct raw_message *m,
		  struct raw_answer *answer);

/**
 * raw_join - listen to a multicast group
 * @fd: from raw_socket()
 * @family: name of the family
 * @group: name of the group
 *
 * Return: 0 or a negative errno, -ENOENT if there is no such group.
 */
int raw_join(int fd, const char *family, const char *group);

/* Throws away what has come; returns the number of datagrams. */
unsigned int raw_drain(int fd);

#endif /* _KSFT_RAW_NETLINK_H */
