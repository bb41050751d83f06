/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef _KSFT_REMOTE_H
#define _KSFT_REMOTE_H

#include <sys/types.h>

#define REMOTE_TEXT 4096

/**
 * struct remote - a process that runs agent.c
 * @pid: the first process; it may have forked
 * @to: its standard input
 * @from: its standard output
 * @text: what it answered last, behind the result
 */
struct remote {
	pid_t pid;
	int to;
	int from;
	char text[REMOTE_TEXT];
};

/**
 * remote_start - start an agent that maps nothing of any cryptex
 * @r: for remote_stop()
 */
void remote_start(struct remote *r);

/**
 * remote_stop - let it quit, and those that it forked
 * @r: from remote_start()
 */
void remote_stop(struct remote *r);

/**
 * remote_do - let it do something
 * @r: the agent
 * @fmt: a command of agent.c
 *
 * Return: 0, or the negative errno that the command met there.
 */
int remote_do(struct remote *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * remote_ask - let it do something and tell the answer
 * @r: the agent
 * @fmt: a command of agent.c
 *
 * Return: the answer's text, or the name of the errno, good until the next call.
 */
const char *remote_ask(struct remote *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* _KSFT_REMOTE_H */
