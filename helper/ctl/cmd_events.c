// SPDX-License-Identifier: LGPL-2.1-or-later
/* `cryptexctl events`: what happens, until SIGINT or SIGTERM. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/event.h"

static volatile sig_atomic_t ended;

static void on_signal(int signal)
{
	(void)signal;
	ended = 1;
}

/* The signals come only while ppoll() waits, so none is missed. */
static void catch_signals(sigset_t *waiting)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t ours;

	sigemptyset(&ours);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGTERM);
	sigprocmask(SIG_BLOCK, &ours, waiting);
	sigdelset(waiting, SIGINT);
	sigdelset(waiting, SIGTERM);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static void print(const struct ctl *ctl, const struct cx_event *event,
		  uint64_t *last)
{
	if (*last && event->sequence > *last + 1)
		ctl_event_lost(event->sequence - *last - 1, ctl->json);
	*last = event->sequence;
	ctl_event_print(event, ctl->json);
}

/* Print all that is there. */
static int drain(const struct ctl *ctl, struct cx_netlink *nl, uint64_t *last,
		 struct cx_error *err)
{
	struct cx_event event;
	int rc;

	while ((rc = cx_netlink_event(nl, &event, err)) > 0) {
		print(ctl, &event, last);
		cx_event_free(&event);
	}
	/* A reader that waits for lines must get them, or we must end. */
	if (!rc && (fflush(stdout) || ferror(stdout)))
		ended = 1;
	return rc;
}

static int listen_and_print(const struct ctl *ctl, struct cx_netlink *nl,
			    struct cx_error *err)
{
	struct pollfd poll = { .fd = cx_netlink_fd(nl), .events = POLLIN };
	uint64_t last = 0;
	sigset_t waiting;
	int rc = 0;

	catch_signals(&waiting);
	while (!rc && !ended) {
		if (ppoll(&poll, 1, NULL, &waiting) < 0 && errno != EINTR)
			return cx_fail(err, -errno, "cannot wait: %s",
				       strerror(errno));
		rc = drain(ctl, nl, &last, err);
	}
	return rc;
}

int ctl_events(const struct ctl *ctl, struct cx_error *err)
{
	struct cx_netlink *nl;
	int rc = cx_netlink_listen(&nl, err);

	if (rc)
		return rc;
	rc = listen_and_print(ctl, nl, err);
	cx_netlink_close(nl);
	return rc;
}
