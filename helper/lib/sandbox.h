/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A program that works on what strangers send, with nothing to lose.
 *
 * cx_sandbox_start() starts it as a user of its own, without capabilities and any
 * way to get some, in namespaces of its own in which every file system is
 * read-only, and without a network if it needs none.  It gets some descriptors, and
 * can write below those only that are folders of its own.  The program itself
 * calls cx_sandbox_enter() before it reads a byte, and gives up the rest:
 * system calls, paths, ports and memory that it does not need.
 *
 * cx_confine() is the other way to work on foreign bytes: it has no file system and
 * no network at all, but what it runs has to be in this program.
 */
#ifndef _CX_SANDBOX_H
#define _CX_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/error.h"

#define CX_SANDBOX_FDS		8	/* at most */
#define CX_SANDBOX_FIRST_FD	3	/* number of the first one, in the program */
#define CX_SANDBOX_PORTS	8

/* Environment variables that may name a proxy, NULL at the end. */
extern const char *const cx_sandbox_proxies[];

/**
 * struct cx_sandbox - how a program is started
 * @program: absolute path
 * @argv: its arguments, NULL at the end
 * @uid: user that it runs as; not 0
 * @gid: group; it has no other
 * @network: it stays in the network namespace of the caller
 * @file_size: bytes that a file may grow to
 * @fds: descriptors that it gets, as 3 and so on
 * @fds_count: how many
 */
struct cx_sandbox {
	const char *program;
	const char *const *argv;
	uid_t uid;
	gid_t gid;
	bool network;
	uint64_t file_size;
	const int *fds;
	size_t fds_count;
};

/**
 * cx_sandbox_start - start a program
 * @box: how
 * @pid: set on success; the caller waits for it
 * @err: filled on failure; -EPERM: the caller is not root
 *
 * The program is killed when the calling thread ends.  Of the environment it gets
 * what concerns proxies.
 */
int cx_sandbox_start(const struct cx_sandbox *box, pid_t *pid,
		     struct cx_error *err);

/**
 * struct cx_sandbox_rules - what a program keeps
 * @network: sockets to the internet; otherwise none at all
 * @ports: TCP ports that it may connect to, where the kernel can tell (Landlock)
 * @ports_count: how many
 * @writable: descriptor of the one folder that it may change
 * @readable: descriptor of a folder that it may read, or -1
 * @memory: bytes of address space, on top of what it has
 */
struct cx_sandbox_rules {
	bool network;
	uint16_t ports[CX_SANDBOX_PORTS];
	size_t ports_count;
	int writable;
	int readable;
	uint64_t memory;
};

/**
 * cx_sandbox_enter - give up everything else, for good
 * @rules: what to keep
 * @err: filled on failure
 *
 * A system call that the program has no use for fails with EPERM, or ends it if
 * only an attacker would try it.  No memory can become code afterwards, so what a
 * library loads later it has to do without.
 *
 * Return: what Landlock does about it: 0 where the kernel has none, else its
 * version; or a negative errno.
 */
int cx_sandbox_enter(const struct cx_sandbox_rules *rules, struct cx_error *err);

#endif /* _CX_SANDBOX_H */
