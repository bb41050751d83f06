/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Between http.c, which runs downloads, and http_transfer.c, which knows one. */
#ifndef _CX_HTTP_TRANSFER_H
#define _CX_HTTP_TRANSFER_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/file.h"

/**
 * struct cx_http - where from
 * @multi: all connections
 * @base: the URL, without a slash at its end
 * @shown: the same without user and password
 * @ca_file: see struct cx_http_options
 * @secure: the URL is of HTTPS
 */
struct cx_http {
	CURLM *multi;
	char *base;
	char *shown;
	char *ca_file;
	bool secure;
};

/**
 * struct cx_transfer - one file on its way, over all attempts
 * @http: where from
 * @name: which
 * @limit: its bytes at most
 * @fd: where its bytes go, or -1
 * @buf: where they go if @fd is -1
 * @at: where the next one goes
 * @best: as far as it came in any attempt
 * @fetched: bytes of all attempts
 * @attempt: bytes of the present attempt
 * @easy: the present attempt
 * @state: waiting for an attempt, within one, or over
 * @begun: the answer's head was looked at
 * @kept: it is the file that follows, not a page about an error
 * @wrong_part: it is not the part that was asked for
 * @too_large: there is more than @limit
 * @may_pass: what went wrong may go right the next time
 * @write_errno: why a byte could not be kept
 * @tries: attempts that got nowhere, one after the other
 * @not_before: when the next attempt may begin, in ms of the monotonic clock
 * @why: libcurl's words
 * @ret: once it is over: 0 or a negative errno
 * @err: if @ret is negative
 */
struct cx_transfer {
	struct cx_http *http;
	const char *name;
	uint64_t limit;
	int fd;
	struct cx_buf *buf;
	uint64_t at;
	uint64_t best;
	uint64_t fetched;
	uint64_t attempt;

	CURL *easy;
	enum { WAITING, RUNNING, ENDED } state;
	bool begun;
	bool kept;
	bool wrong_part;
	bool too_large;
	bool may_pass;
	int write_errno;
	int tries;
	int64_t not_before;
	char why[CURL_ERROR_SIZE];

	int ret;
	struct cx_error err;
};

/**
 * cx_transfer_start - begin an attempt
 * @t: waiting; then running, or over if that failed
 */
void cx_transfer_start(struct cx_transfer *t);

/**
 * cx_transfer_finish - judge an attempt
 * @t: running; then over, or waiting for another attempt
 * @code: how libcurl ended it
 */
void cx_transfer_finish(struct cx_transfer *t, CURLcode code);

/**
 * cx_transfer_stop - break an attempt off
 * @t: running
 */
void cx_transfer_stop(struct cx_transfer *t);

/**
 * cx_transfer_end - no attempt is made any more
 * @t: not running
 * @ret: 0, or a negative errno with @t's error filled
 */
void cx_transfer_end(struct cx_transfer *t, int ret);

#endif /* _CX_HTTP_TRANSFER_H */
