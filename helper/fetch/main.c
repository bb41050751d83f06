// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Usage: cryptex-fetch URL
 *
 * Is started by cryptexctl, with the descriptors of fetch.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/fetch.h"
#include "fetch/index.h"
#include "lib/http.h"
#include "lib/remote.h"

#define MEMORY	(64 << 20)	/* bytes, on top of program and libraries */

static int fail(int rc, const struct cx_error *why)
{
	struct cx_message message = { .type = CX_MESSAGE_FAIL };

	message.fail.code = rc < 0 && rc >= -4095 ? rc : -EIO;
	message.fail.reason = *why;
	return cx_channel_send(FETCH_SOCK, &message, -1, NULL);
}

void fetch_note(int rc, const struct cx_error *why)
{
	struct cx_message message = { .type = CX_MESSAGE_NOTE };

	message.fail.code = rc;
	message.fail.reason = *why;
	cx_channel_send(FETCH_SOCK, &message, -1, NULL);
}

static int folder(const char *name, struct cx_error *err)
{
	int fd;

	if (mkdirat(FETCH_SPOOL, name, 0700) && errno != EEXIST)
		return cx_fail(err, -errno, "the spool's folder %s cannot be made: %s",
			       name, strerror(errno));
	fd = openat(FETCH_SPOOL, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC |
		    O_NOFOLLOW);
	if (fd < 0)
		return cx_fail(err, -errno, "the spool's folder %s: %s", name,
			       strerror(errno));
	return fd;
}

/* The port of a proxy is one to connect to as well. */
static void add_proxies(struct cx_sandbox_rules *rules)
{
	const char *const *name = cx_sandbox_proxies;

	for (; *name && rules->ports_count < CX_SANDBOX_PORTS; name++) {
		const char *value = getenv(*name);
		const char *colon = value ? strrchr(value, ':') : NULL;
		int port = colon ? atoi(colon + 1) : 0;

		if (port > 0 && port < 65536)
			rules->ports[rules->ports_count++] = port;
	}
}

/* Redirects may lead to the usual ports; names are resolved over 53. */
static int confine(const struct cx_url *url, struct cx_error *err)
{
	struct cx_sandbox_rules rules = {
		.network = !url->path,
		.ports = { url->port, 80, 443, 53 }, .ports_count = 4,
		.writable = FETCH_SPOOL,
		.readable = url->path ? FETCH_FOLDER : -1,
		.memory = MEMORY,
	};
	int rc;

	if (!url->path)
		add_proxies(&rules);
	rc = cx_sandbox_enter(&rules, err);
	return rc < 0 ? rc : 0;
}

/* libcurl and OpenSSL read their own configuration before they are confined, and
 * nothing else. */
static int set_up(struct session *s, const char *text, struct cx_error *err)
{
	struct cx_url url;
	int rc = cx_url_parse(text, &url, err);

	if (rc)
		return rc;
	if (url.path)
		cx_tuf_dir_transport(FETCH_FOLDER, &s->base);
	else
		rc = cx_http_open(text, NULL, &s->http, err);
	if (!rc && s->http)
		cx_tuf_http_transport(s->http, &s->base);
	if (!rc)
		rc = confine(&url, err);
	if (rc)
		return rc;
	s->metadata = rc = folder("metadata", err);
	if (rc >= 0)
		s->parts = rc = folder("parts", err);
	return rc < 0 ? rc : 0;
}

static int answer(struct session *s, const struct cx_message *m,
		  struct cx_error *err)
{
	switch (m->type) {
	case CX_MESSAGE_REFRESH:
		return fetch_refresh(s, &m->refresh, err);
	case CX_MESSAGE_SEAL:
		return fetch_seal(s, &m->item, err);
	case CX_MESSAGE_HAVE:
		return fetch_batch(&s->have, &s->have_count, &m->batch, err);
	case CX_MESSAGE_WANT:
		return fetch_batch(&s->want, &s->want_count, &m->batch, err);
	case CX_MESSAGE_GO:
		return fetch_objects(s, err);
	default:
		return cx_fail(err, -EBADMSG, "that was not asked now");
	}
}

/* Return: 0 to go on, or a negative errno once nobody listens. */
static int serve_one(struct session *s, struct cx_message *message)
{
	struct cx_message done = { .type = CX_MESSAGE_DONE };
	struct cx_error err = { "" };
	int fd, rc = cx_channel_recv(FETCH_SOCK, CX_SIDE_OWNER, message, &fd,
				     &err);

	if (rc <= 0)
		return -EPIPE;
	rc = answer(s, message, &err);
	if (rc == -EPIPE)
		return rc;
	if (rc)
		return fail(rc, &err);
	if (message->type == CX_MESSAGE_HAVE || message->type == CX_MESSAGE_WANT)
		return 0;
	done.done.fetched = s->fetched;
	s->fetched = 0;
	return cx_channel_send(FETCH_SOCK, &done, -1, NULL);
}

int main(int argc, char **argv)
{
	struct cx_message *message = malloc(sizeof(*message));
	struct session session = { .metadata = -1, .parts = -1 };
	struct cx_error err = { "" };
	struct stat st;
	int rc;

	if (argc != 2 || fstat(FETCH_SOCK, &st) || !S_ISSOCK(st.st_mode)) {
		fputs("cryptex-fetch: is started by cryptexctl\n", stderr);
		return 2;
	}
	if (!message)
		return 1;
	rc = set_up(&session, argv[1], &err);
	if (rc) {
		fail(rc, &err);
		return 1;
	}
	while (!serve_one(&session, message))
		;
	return 0;
}
