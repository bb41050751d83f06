/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A web server on this machine that misbehaves as it is told.
 *
 * It serves a folder over HTTP/1.1 from a process of its own, with ranges, one
 * connection a request.
 */
#ifndef _TUF_SERVER_H
#define _TUF_SERVER_H

#include <stdint.h>
#include <sys/types.h>

#define SERVER_RULES 4

/**
 * enum server_manner - how a file is served
 * @SERVER_HONEST: as it is
 * @SERVER_ENDLESS: as bytes without an end or a length
 * @SERVER_HUGE: with a length of a tebibyte
 * @SERVER_SLOW: one byte each @arg milliseconds
 * @SERVER_CUT: the connection ends after @arg bytes of each answer
 * @SERVER_FORGETS: the same, and from the first byte whatever was asked for
 * @SERVER_HICCUP: the first answer ends after @arg bytes, later ones do not
 * @SERVER_GONE: the first answer ends after @arg bytes, and there is no other
 * @SERVER_STATUS: the status @arg and a page
 * @SERVER_FAILS: the status 503 for the first @arg requests
 * @SERVER_NO_RANGE: whole, whatever part was asked for
 * @SERVER_WRONG_RANGE: from another place than was asked for
 * @SERVER_REDIRECT: a redirect to @text
 * @SERVER_OTHER: the content of the file @text
 */
enum server_manner {
	SERVER_HONEST,
	SERVER_ENDLESS,
	SERVER_HUGE,
	SERVER_SLOW,
	SERVER_CUT,
	SERVER_FORGETS,
	SERVER_HICCUP,
	SERVER_GONE,
	SERVER_STATUS,
	SERVER_FAILS,
	SERVER_NO_RANGE,
	SERVER_WRONG_RANGE,
	SERVER_REDIRECT,
	SERVER_OTHER,
};

/**
 * struct server_rule - how to serve what
 * @match: a part of the path; empty for all
 * @manner: how
 * @arg: see @manner
 * @text: see @manner
 * @answers: how many requests it has been used for
 * @sent: bytes of files that were sent by it
 */
struct server_rule {
	char match[128];
	enum server_manner manner;
	unsigned int arg;
	char text[256];
	unsigned int answers;
	uint64_t sent;
};

/**
 * struct server - a server that runs
 * @pid: its process
 * @url: of the folder
 * @shared: rules and counts, in memory of both
 */
struct server {
	pid_t pid;
	char url[64];
	struct server_shared {
		struct server_rule rules[SERVER_RULES];
		unsigned int requests;
		uint64_t sent;
	} *shared;
};

/* Serve the folder; the test fails if that cannot be. */
void server_start(struct server *server, const char *dir);
void server_stop(struct server *server);

/* From now on; the first rule that matches counts. */
void server_rule(struct server *server, int index, const char *match,
		 enum server_manner manner, unsigned int arg, const char *text);
void server_behave(struct server *server);

#endif /* _TUF_SERVER_H */
