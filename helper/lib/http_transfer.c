// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/http_transfer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/clock.h"

#define REDIRECTS_MAX 5
#define CONNECT_SECONDS 20L
#define SLOW_BYTES 1024L
#define SLOW_SECONDS 30L
/* Attempts that get nowhere, one after the other */
#define TRIES 4
#define PAUSE_MS 500
/* An attempt that added this much got somewhere. */
#define PROGRESS_BYTES 4096
/* What an answer that is an error may have to say */
#define CHATTER_MAX 65536
/* OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID, as curl reports it */
#define CERT_NOT_YET_VALID 9

/* The first byte that an answer "206 Partial Content" brings, or -1. */
static int64_t range_start(CURL *easy)
{
	struct curl_header *header;
	long long start;

	if (curl_easy_header(easy, "Content-Range", 0, CURLH_HEADER, -1,
			     &header) ||
	    sscanf(header->value, "bytes %lld-", &start) != 1)
		return -1;
	return start;
}

static int restart(struct cx_transfer *t)
{
	t->at = 0;
	if (t->fd >= 0 && ftruncate(t->fd, 0) < 0)
		t->write_errno = errno;
	return t->write_errno ? -1 : 0;
}

/* The answer's head is there: is its body wanted, and where does it go? */
static int begin_body(struct cx_transfer *t)
{
	long status = 0;

	t->begun = true;
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	t->kept = status == 200 || status == 206;
	if (status == 200 && t->at)
		return restart(t);
	t->wrong_part = status == 206 &&
			range_start(t->easy) != (int64_t)t->at;
	return t->wrong_part ? -1 : 0;
}

static int put_memory(struct cx_transfer *t, const char *data, size_t size)
{
	char *more = realloc(t->buf->data, t->at + size + 1);

	if (!more) {
		t->write_errno = ENOMEM;
		return -1;
	}
	memcpy(more + t->at, data, size);
	more[t->at + size] = '\0';
	t->buf->data = more;
	t->buf->size = t->at + size;
	return 0;
}

static int put_file(struct cx_transfer *t, const char *data, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pwrite(t->fd, data + done, size - done,
				   t->at + done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			t->write_errno = errno;
			return -1;
		}
		done += n;
	}
	return 0;
}

/* libcurl's callback; anything but @n ends the attempt. */
static size_t on_body(char *data, size_t one, size_t n, void *arg)
{
	struct cx_transfer *t = arg;

	(void)one;
	t->fetched += n;
	t->attempt += n;
	if (!t->begun && begin_body(t) < 0)
		return 0;
	if (!t->kept)
		return t->attempt > CHATTER_MAX ? 0 : n;
	if (n > t->limit - t->at) {
		t->too_large = true;
		return 0;
	}
	if ((t->fd >= 0 ? put_file(t, data, n) : put_memory(t, data, n)) < 0)
		return 0;
	t->at += n;
	return n;
}

static bool set_options(struct cx_transfer *t, const char *url)
{
	const struct cx_http *http = t->http;
	CURL *e = t->easy;
	char range[32];
	bool ok;

	ok = !curl_easy_setopt(e, CURLOPT_URL, url) &&
	     !curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https") &&
	     !curl_easy_setopt(e, CURLOPT_REDIR_PROTOCOLS_STR,
			       http->secure ? "https" : "http,https") &&
	     !curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 1L) &&
	     !curl_easy_setopt(e, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX) &&
	     !curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L) &&
	     !curl_easy_setopt(e, CURLOPT_HTTP_VERSION,
			       (long)CURL_HTTP_VERSION_2TLS) &&
	     !curl_easy_setopt(e, CURLOPT_PIPEWAIT, 1L) &&
	     !curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L) &&
	     !curl_easy_setopt(e, CURLOPT_USERAGENT, "cryptex") &&
	     !curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS) &&
	     !curl_easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES) &&
	     !curl_easy_setopt(e, CURLOPT_LOW_SPEED_TIME, SLOW_SECONDS) &&
	     !curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body) &&
	     !curl_easy_setopt(e, CURLOPT_WRITEDATA, t) &&
	     !curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->why) &&
	     !curl_easy_setopt(e, CURLOPT_PRIVATE, t);
	if (ok && http->ca_file)
		ok = !curl_easy_setopt(e, CURLOPT_CAINFO, http->ca_file);
	snprintf(range, sizeof(range), "%llu-", (unsigned long long)t->at);
	if (ok && t->at)
		return !curl_easy_setopt(e, CURLOPT_RANGE, range);
	/* The length is in the answer's head: nothing needs to arrive. */
	return ok && !curl_easy_setopt(e, CURLOPT_MAXFILESIZE_LARGE,
				       (curl_off_t)t->limit);
}

/* Where an attempt goes on: files where they end, memory anew. */
static void find_start(struct cx_transfer *t)
{
	struct stat st;

	t->at = 0;
	if (t->fd < 0)
		cx_buf_free(t->buf);
	else if (fstat(t->fd, &st) < 0)
		t->write_errno = errno;
	else if ((uint64_t)st.st_size <= t->limit)
		t->at = st.st_size;
	else
		restart(t);
}

void cx_transfer_end(struct cx_transfer *t, int ret)
{
	t->state = ENDED;
	t->ret = ret;
}

static int fail_write(struct cx_transfer *t)
{
	return cx_fail(&t->err, -t->write_errno, "%s: cannot be written: %s",
		       t->name, strerror(t->write_errno));
}

void cx_transfer_stop(struct cx_transfer *t)
{
	curl_multi_remove_handle(t->http->multi, t->easy);
	curl_easy_cleanup(t->easy);
	t->easy = NULL;
}

void cx_transfer_start(struct cx_transfer *t)
{
	char *url;

	t->begun = t->kept = t->wrong_part = false;
	t->too_large = t->may_pass = false;
	t->write_errno = 0;
	t->attempt = 0;
	t->why[0] = '\0';
	find_start(t);
	if (t->write_errno) {
		cx_transfer_end(t, fail_write(t));
		return;
	}
	if (asprintf(&url, "%s/%s", t->http->base, t->name) < 0)
		url = NULL;
	t->easy = url ? curl_easy_init() : NULL;
	t->state = RUNNING;
	if (!t->easy || !set_options(t, url) ||
	    curl_multi_add_handle(t->http->multi, t->easy)) {
		curl_easy_cleanup(t->easy);
		t->easy = NULL;
		cx_transfer_end(t, cx_fail(&t->err, -ENOMEM, "out of memory"));
	}
	free(url);
}

/*
 * The server has no such part: the file is whole here, or has changed there, or the
 * server cannot count.
 */
static int on_no_range(struct cx_transfer *t)
{
	struct curl_header *header;
	unsigned long long size;

	if (!curl_easy_header(t->easy, "Content-Range", 0, CURLH_HEADER, -1,
			      &header) &&
	    sscanf(header->value, "bytes */%llu", &size) == 1 && size == t->at)
		return 0;
	if (restart(t) < 0)
		return fail_write(t);
	t->may_pass = true;
	return cx_fail(&t->err, -EHOSTUNREACH,
		       "%s/%s: the server does not send the rest of it: try again later",
		       t->http->shown, t->name);
}

static int on_status(struct cx_transfer *t, long status)
{
	const char *shown = t->http->shown;

	/* An empty file has no body. */
	if ((status == 200 || status == 206) && !t->begun &&
	    begin_body(t) < 0)
		return t->write_errno ? fail_write(t) : on_no_range(t);
	if (status == 200 || status == 206)
		return 0;
	if (status == 416 && t->at)
		return on_no_range(t);
	if (status == 403 || status == 404 || status == 410)
		return cx_fail(&t->err, -ENOENT,
			       "%s/%s: the server has no such file (status %ld)",
			       shown, t->name, status);
	t->may_pass = status >= 500 || status == 429;
	return cx_fail(&t->err, -EHOSTUNREACH,
		       "%s/%s: the server answers with the status %ld: try again later, or use another mirror",
		       shown, t->name, status);
}

static int on_certificate(struct cx_transfer *t)
{
	long verify = 0;

	curl_easy_getinfo(t->easy, CURLINFO_SSL_VERIFYRESULT, &verify);
	if (verify == CERT_NOT_YET_VALID)
		return cx_fail(&t->err, -ETIME,
			       "%s/%s: the server's certificate is not valid yet by this machine's clock: set the clock",
			       t->http->shown, t->name);
	return cx_fail(&t->err, -EHOSTUNREACH,
		       "%s/%s: the server's certificate is refused (%s): check the URL and the clock",
		       t->http->shown, t->name, t->why);
}

static bool is_passing(CURLcode code)
{
	switch (code) {
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_PARTIAL_FILE:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
		return true;
	default:
		return false;
	}
}

static int on_timeout(struct cx_transfer *t)
{
	curl_off_t connected = 0;

	curl_easy_getinfo(t->easy, CURLINFO_CONNECT_TIME_T, &connected);
	if (!connected)
		return cx_fail(&t->err, -ETIMEDOUT,
			       "%s/%s: the server cannot be reached in %ld seconds: check the network and the URL",
			       t->http->shown, t->name, CONNECT_SECONDS);
	return cx_fail(&t->err, -ETIMEDOUT,
		       "%s/%s: the server is too slow, less than %ld bytes a second for %ld seconds: use another mirror, or try again later",
		       t->http->shown, t->name, SLOW_BYTES, SLOW_SECONDS);
}

static int on_failure(struct cx_transfer *t, CURLcode code)
{
	const char *shown = t->http->shown;

	if (t->write_errno)
		return fail_write(t);
	if (t->wrong_part)
		return on_no_range(t);
	if (t->too_large || code == CURLE_FILESIZE_EXCEEDED)
		return cx_fail(&t->err, -EFBIG,
			       "%s/%s: is larger than the %llu bytes that are allowed: use another mirror",
			       shown, t->name, (unsigned long long)t->limit);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return on_timeout(t);
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		return on_certificate(t);
	t->may_pass = is_passing(code);
	return cx_fail(&t->err, -EHOSTUNREACH,
		       "%s/%s: cannot be fetched: %s: check the network and the URL",
		       shown, t->name,
		       *t->why ? t->why : curl_easy_strerror(code));
}

/*
 * What may pass is tried again: at once if the file has grown, to a size that it never
 * had before, otherwise after a pause that doubles.
 */
void cx_transfer_finish(struct cx_transfer *t, CURLcode code)
{
	long status = 0;
	int ret;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	/* Of an answer that is an error only the status counts. */
	if (code == CURLE_OK ||
	    (code == CURLE_WRITE_ERROR && t->begun && !t->kept))
		ret = on_status(t, status);
	else
		ret = on_failure(t, code);
	cx_transfer_stop(t);
	t->state = WAITING;
	t->not_before = 0;
	if (ret && t->may_pass && t->at >= t->best + PROGRESS_BYTES) {
		t->best = t->at;
		t->tries = 0;
	} else if (!ret || !t->may_pass || ++t->tries >= TRIES) {
		cx_transfer_end(t, ret);
	} else {
		t->not_before = cx_now_ms() +
				((int64_t)PAUSE_MS << (t->tries - 1));
	}
}
