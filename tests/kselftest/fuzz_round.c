// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <time.h>

#include <linux/netlink.h>

#include "failnth.h"
#include "fuzz_contract.h"
#include "fuzz_round.h"
#include "report.h"

#define MAPPINGS 4
#define PAGE 4096
#define NOBODY 65534
#define MAX_FAULT 40
#define TRACING "/sys/kernel/tracing"

enum { PRIVILEGED, TERSE, UNPRIVILEGED, SOCKETS };

/**
 * struct round - what a round of messages is sent with
 * @r: decides
 * @pool: what they point to
 * @f: the message at hand
 * @answer: to it
 * @sockets: as the kernel sees them: with extended ACKs, without, and opened by
 *	somebody who may change nothing
 * @events: a listener, whose presence lets events be sent
 * @faults: can faults be injected?
 * @mappings: files that this process uses for a while
 */
struct round {
	struct fuzz_random *r;
	struct pool pool;
	struct fuzz_message f;
	struct raw_answer answer;
	int sockets[SOCKETS];
	int events;
	bool faults;
	void *mappings[MAPPINGS];
};

/* Too large for a stack. */
static struct round self;

static int open_socket(int which)
{
	int fd, off = 0;

	if (which == UNPRIVILEGED && seteuid(NOBODY))
		die_errno("seteuid");
	fd = raw_socket();
	if (which == TERSE)
		setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &off, sizeof(off));
	if (which == UNPRIVILEGED && seteuid(0))
		die_errno("seteuid");
	return fd;
}

/* Tracepoints have code of their own that somebody must want to run. */
static void trace(void)
{
	FILE *file;

	if (access(TRACING "/events", F_OK))
		mount("tracefs", TRACING, "tracefs", 0, NULL);
	file = fopen(TRACING "/events/" CRYPTEX_FAMILY_NAME "/enable", "we");
	if (!file)
		return;
	fputs("1", file);
	fclose(file);
}

static void begin(struct fuzz_random *r)
{
	int i;

	self.r = r;
	trace();
	pool_init(&self.pool);
	for (i = 0; i < SOCKETS; i++)
		self.sockets[i] = open_socket(i);
	self.events = raw_socket();
	if (raw_join(self.events, CRYPTEX_FAMILY_NAME, CRYPTEX_MCGRP_EVENTS))
		die("there are no events to listen to");
	self.faults = !failnth_init();
	if (self.faults)
		failnth_lock_memory();
}

static int pick_socket(void)
{
	if (fuzz_once_in(self.r, 20))
		return UNPRIVILEGED;
	return fuzz_once_in(self.r, 20) ? TERSE : PRIVILEGED;
}

/* The next message behind the one at hand, in the same datagram. */
static void add_another(enum fuzz_phase phase)
{
	static struct fuzz_message other;
	struct raw_message *m = &self.f.m;
	size_t at = NLMSG_ALIGN(m->size);

	fuzz_message_make(self.r, &self.pool, phase, &other);
	if (other.own >= 0)
		close(other.own);
	if (other.m.size > sizeof(m->data) - at)
		return;
	memset(m->data + m->size, 0, at - m->size);
	memcpy(m->data + at, other.m.data, other.m.size);
	m->size = at + other.m.size;
	self.f.spoiled = true;
}

static int exchange(void *socket)
{
	raw_exchange(*(int *)socket, &self.f.m, &self.answer);
	return 0;
}

/* Returns whether a fault was injected. */
static bool send_one(int which)
{
	unsigned int nth = 1 + fuzz_below(self.r, MAX_FAULT);
	bool wanted = fuzz_once_in(self.r, 40);
	int result;

	if (wanted && self.faults)
		return failnth_call(nth, exchange, &self.sockets[which],
				    &result);
	exchange(&self.sockets[which]);
	return false;
}

static void renew(int which)
{
	close(self.sockets[which]);
	self.sockets[which] = open_socket(which);
}

/* The command in the table of counts; others are told as none. */
static int row_of(int command)
{
	return command < 0 || command > CRYPTEX_CMD_MAX ? CRYPTEX_CMD_UNSPEC :
							  command;
}

static void count(struct fuzz_counts *c, bool faulty)
{
	int command = row_of(self.f.command);
	int err = -self.answer.err;

	c->messages++;
	c->spoiled += self.f.spoiled;
	c->faulty += faulty;
	c->untold += !self.answer.told;
	if (self.answer.told)
		c->verdicts[command][err >= 0 && err < FUZZ_ERRORS ? err :
				     FUZZ_ERRORS - 1]++;
}

static void judge(int which, bool faulty, struct fuzz_counts *c)
{
	const char *wrong = fuzz_contract_breach(&self.f, &self.answer,
						 which == UNPRIVILEGED,
						 which != TERSE, faulty);

	count(c, faulty);
	if (!wrong)
		return;
	c->wrong++;
	note("message %lu, command %d%s: %s, \"%s\": %s", c->messages,
	     self.f.command, self.f.spoiled ? ", spoiled" : "",
	     self.answer.err ? strerrorname_np(-self.answer.err) : "success",
	     self.answer.text, wrong);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static void one_message(enum fuzz_phase phase, struct fuzz_counts *c)
{
	int which = pick_socket();
	uint64_t begun = now();
	bool faulty;

	fuzz_message_make(self.r, &self.pool, phase, &self.f);
	if (fuzz_once_in(self.r, 40))
		add_another(phase);
	faulty = send_one(which);
	judge(which, faulty, c);
	if (self.f.own >= 0)
		close(self.f.own);
	if (self.f.spoiled)
		raw_drain(self.sockets[which]);
	/* A dump that was broken off would be in the way of the next. */
	if (!self.answer.told)
		renew(which);
	c->sent[row_of(self.f.command)]++;
	c->spent[row_of(self.f.command)] += now() - begun;
}

/* So that generations are in use, and out of it again. */
static void change_mapping(void)
{
	const struct cryptex *cx =
		&self.pool.cx[fuzz_below(self.r, POOL_CRYPTEXES)];
	void **slot = &self.mappings[fuzz_below(self.r, MAPPINGS)];
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s/text", cx->dir,
		 fuzz_once_in(self.r, 3) ? "current" :
		 pool_label(&self.pool, self.r));
	if (*slot) {
		munmap(*slot, PAGE);
		*slot = NULL;
		return;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	*slot = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	if (*slot == MAP_FAILED)
		*slot = NULL;
	close(fd);
}

static void drop_mappings(void)
{
	int i;

	for (i = 0; i < MAPPINGS; i++)
		if (self.mappings[i])
			munmap(self.mappings[i], PAGE);
}

static void need_active(struct cryptex *cx, char *label)
{
	struct generation *list = NULL;
	int n = client_get(&self.pool.world.client, cx->name, &list);
	int i, active = 0;

	for (i = 0; i < n; i++) {
		if (!(list[i].flags & CRYPTEX_F_ACTIVE))
			continue;
		strcpy(label, list[i].label);
		active++;
	}
	if (active != 1)
		die("%s: %d active generations of %d", cx->name, active, n);
	free(list);
}

static void need_sane(struct cryptex *cx)
{
	char label[64], want[80], *path = cryptex_path(cx, "current/text");
	size_t size = 0;
	char *text = file_read(path, &size);

	need_active(cx, label);
	snprintf(want, sizeof(want), "%s:text\n", label);
	if (!text || size != strlen(want) || memcmp(text, want, size))
		die("%s: not the content of %s (%s)", path, label,
		    strerror(errno));
	free(text);
	free(path);
}

static void end(void)
{
	int i;

	drop_mappings();
	for (i = 0; i < POOL_CRYPTEXES; i++) {
		need_sane(&self.pool.cx[i]);
		if (umount(self.pool.cx[i].dir))
			die_errno("umount");
	}
	world_exit(&self.pool.world);
}

static enum fuzz_phase phase_of(unsigned long i, unsigned long messages)
{
	if (i < messages / 2)
		return PHASE_BUSY;
	return i < messages - messages / 20 ? PHASE_REVOKING : PHASE_LOCKING;
}

void fuzz_round(struct fuzz_random *r, unsigned long messages,
		struct kcov *kcov, struct fuzz_counts *counts)
{
	unsigned long i;

	begin(r);
	if (kcov)
		kcov_start(kcov);
	for (i = 0; i < messages; i++) {
		one_message(phase_of(i, messages), counts);
		if (fuzz_once_in(r, 100))
			change_mapping();
		if (fuzz_once_in(r, 1000))
			raw_drain(self.events);
		if (kcov)
			kcov_collect(kcov);
	}
	end();
}

void fuzz_counts_print(const struct fuzz_counts *c)
{
	int command, err;

	note("%lu messages: %lu spoiled, %lu with a fault, %lu without a verdict, %lu wrongly answered",
	     c->messages, c->spoiled, c->faulty, c->untold, c->wrong);
	for (command = 0; command <= CRYPTEX_CMD_MAX; command++) {
		if (!c->sent[command])
			continue;
		note("command %d: %lu, %lu us each", command, c->sent[command],
		     (unsigned long)(c->spent[command] / c->sent[command] / 1000));
		for (err = 0; err < FUZZ_ERRORS; err++)
			if (c->verdicts[command][err])
				note("	%s %lu",
				     err ? strerrorname_np(err) : "success",
				     c->verdicts[command][err]);
	}
}
