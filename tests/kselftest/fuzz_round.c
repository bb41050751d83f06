// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <time.h>

#include <linux/netlink.h>

#include "failnth.h"
#include "fuzz_contract.h"
#include "fuzz_crowd.h"
#include "fuzz_round.h"
#include "fuzz_watch.h"
#include "report.h"

#define NOBODY 65534
/* Few calls have more allocations than the first; a signature's check has. */
#define MAX_FAULT 40
#define MAX_LATE_FAULT 160

#define SMALL 4096	/* bytes that a dump's part may have, some times */

enum { PRIVILEGED, TERSE, UNPRIVILEGED, NARROW, SOCKETS };

/**
 * struct round - what a round of messages is sent with
 * @r: decides
 * @pool: what they point to
 * @f: the message at hand
 * @answer: to it
 * @sockets: as the kernel sees them: with extended ACKs, without, opened by
 *	somebody who may change nothing, and one that takes dumps in small parts
 * @dumping: a dump has begun on the last of them, which does one at a time
 * @watch: who looks on
 * @faults: can faults be injected?
 * @crowd: who uses the cryptexes
 */
struct round {
	struct fuzz_random *r;
	struct pool pool;
	struct fuzz_message f;
	struct raw_answer answer;
	int sockets[SOCKETS];
	bool dumping;
	struct watch watch;
	bool faults;
	struct crowd crowd;
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

static void begin(struct fuzz_random *r)
{
	int i;

	self.r = r;
	watch_begin(&self.watch, r);
	pool_init(&self.pool, r);
	for (i = 0; i < SOCKETS; i++)
		self.sockets[i] = open_socket(i);
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
	raw_exchange_by(*(int *)socket, &self.f.m,
			socket == &self.sockets[NARROW] ? SMALL : RAW_SIZE,
			&self.answer);
	return 0;
}

/* Returns whether a fault was injected. */
static bool send_one(int which)
{
	unsigned int nth = 1 + fuzz_below(self.r, fuzz_once_in(self.r, 2) ?
						  MAX_FAULT : MAX_LATE_FAULT);
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
	if (!self.dumping && fuzz_message_is_dump(&self.f) &&
	    fuzz_once_in(self.r, 2))
		which = NARROW;
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

/* A dump whose reader takes his time, so that it is overtaken by a change. */
static void dump_slowly(enum fuzz_phase phase, struct fuzz_counts *c)
{
	static struct raw_message get;
	uint8_t part[SMALL];
	int fd = self.sockets[NARROW];

	raw_begin(&get, self.pool.world.client.family, CRYPTEX_CMD_GET,
		  NLM_F_DUMP);
	send(fd, get.data, get.size, 0);
	self.dumping = true;
	one_message(phase, c);
	self.dumping = false;
	while (recv(fd, part, sizeof(part), MSG_DONTWAIT) > 0)
		;
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

	crowd_disperse(&self.crowd);
	watch_end(&self.watch);
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
		if (fuzz_once_in(r, 100))
			dump_slowly(phase_of(i, messages), counts);
		else
			one_message(phase_of(i, messages), counts);
		if (fuzz_once_in(r, 100))
			crowd_change(&self.crowd, &self.pool, r);
		if (fuzz_once_in(r, 1000))
			watch_drain(&self.watch);
		if (fuzz_once_in(r, 1500)) {
			watch_end(&self.watch);
			watch_begin(&self.watch, r);
		}
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
