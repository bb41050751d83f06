// SPDX-License-Identifier: LGPL-2.1-or-later
#include <sys/mount.h>
#include <sys/stat.h>

#include <linux/cryptex.h>

#include "audit_log.h"
#include "fuzz_watch.h"
#include "raw_netlink.h"
#include "report.h"

#define TRACING "/sys/kernel/tracing"
#define ENABLE "/events/" CRYPTEX_FAMILY_NAME "/enable"
#define INSTANCE TRACING "/instances/" CRYPTEX_FAMILY_NAME

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	if (!file)
		return;
	fputs(text, file);
	fclose(file);
}

/* Two who look at the same tracepoint are called in another way than one. */
static void trace(unsigned int tracers)
{
	if (access(TRACING "/events", F_OK))
		mount("tracefs", TRACING, "tracefs", 0, NULL);
	put(TRACING ENABLE, tracers > 0 ? "1" : "0");
	mkdir(INSTANCE, 0700);
	put(INSTANCE ENABLE, tracers > 1 ? "1" : "0");
}

static int listen(void)
{
	int fd = raw_socket();

	if (raw_join(fd, CRYPTEX_FAMILY_NAME, CRYPTEX_MCGRP_EVENTS))
		die("there are no events to listen to");
	return fd;
}

/* Audit records go through a thread of the kernel's and cost most of all. */
void watch_begin(struct watch *w, struct fuzz_random *r)
{
	trace(fuzz_once_in(r, 2) ? 0 : 1 + fuzz_below(r, 2));
	w->events = fuzz_once_in(r, 2) ? listen() : -1;
	w->audit = fuzz_once_in(r, 8) ? audit_log_open() : -1;
}

void watch_drain(const struct watch *w)
{
	if (w->events >= 0)
		raw_drain(w->events);
	if (w->audit >= 0)
		raw_drain(w->audit);
}

void watch_end(struct watch *w)
{
	trace(0);
	if (w->events >= 0)
		close(w->events);
	if (w->audit < 0)
		return;
	audit_log_enable(w->audit, false);
	close(w->audit);
}
