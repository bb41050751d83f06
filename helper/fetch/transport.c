// SPDX-License-Identifier: LGPL-2.1-or-later
/* The folders of a repository over one connection, with what comes counted. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fetch/fetch.h"
#include "lib/clock.h"

#define STEP_MS		500	/* between two words about progress */
#define SILENT_MAX	64	/* words to somebody who does not answer */

static int fetch_one(void *ctx, const char *name, size_t max,
		     struct cx_buf *buf, struct cx_error *err)
{
	const struct place *place = ctx;
	struct session *s = place->session;
	char *path;
	int rc;

	if (asprintf(&path, "%s%s", place->prefix, name) < 0)
		return cx_fail(err, -ENOMEM, "out of memory");
	rc = s->base.fetch(s->base.ctx, path, max, buf, err);
	if (!rc)
		s->fetched += buf->size;
	free(path);
	return rc;
}

static int fetch_many(void *ctx, struct cx_fetch_job *jobs, size_t count,
		      cx_fetch_watch watch, void *watch_arg,
		      struct cx_error *err)
{
	const struct place *place = ctx;
	struct session *s = place->session;
	const char **given = calloc(count + 1, sizeof(*given));
	size_t i;
	int rc = given ? 0 : cx_fail(err, -ENOMEM, "out of memory");

	for (i = 0; given && i < count; i++) {
		char *path;

		given[i] = jobs[i].name;
		if (asprintf(&path, "%s%s", place->prefix, given[i]) < 0)
			rc = cx_fail(err, -ENOMEM, "out of memory");
		jobs[i].name = rc ? NULL : path;
	}
	if (!rc)
		rc = s->base.fetch_files(s->base.ctx, jobs, count, watch,
					 watch_arg, err);
	for (i = 0; given && i < count; i++) {
		free((char *)jobs[i].name);
		jobs[i].name = given[i];
		s->fetched += jobs[i].fetched;
	}
	free(given);
	return rc;
}

struct cx_tuf_transport fetch_transport(struct session *session,
					enum place_of place)
{
	static const char *const prefixes[] = { "metadata/", "targets/", "" };

	session->places[place] = (struct place){ session, prefixes[place] };
	return (struct cx_tuf_transport){
		.fetch = fetch_one, .fetch_files = fetch_many,
		.ctx = &session->places[place],
	};
}

int fetch_progress(void *arg, uint64_t fetched)
{
	struct pollfd pollfd = { .fd = FETCH_SOCK };
	struct session *s = arg;
	const struct cx_message message = {
		.type = CX_MESSAGE_PROGRESS,
		.progress = { .done = s->done + fetched, .total = s->total },
	};
	int64_t now = cx_now_ms();

	if (now - s->told < STEP_MS)
		return 0;
	s->told = now;
	if (poll(&pollfd, 1, 0) > 0 && pollfd.revents & (POLLHUP | POLLERR))
		return -EPIPE;
	/* Whoever is busy with a file for long must not make us wait: the
	 * connections would break. */
	if (s->unanswered && s->silent++ >= SILENT_MAX)
		return 0;
	return cx_channel_send(FETCH_SOCK, &message, -1, NULL);
}
