/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files over HTTP and HTTPS; the only part that speaks to libcurl.
 *
 * HTTP/1.1 and 2; proxies come from the environment (https_proxy, no_proxy, ...); at
 * most five redirects, and none from HTTPS to HTTP.  A connection that fails and an
 * answer 5xx or 429 are tried again, after a pause that doubles.  Whoever sends less
 * than 1 KiB a second for 30 seconds is given up.  No more is taken than the limit,
 * which is known before each download, and nothing is decompressed.
 */
#ifndef _CX_HTTP_H
#define _CX_HTTP_H

#include <stddef.h>

#include "lib/error.h"
#include "lib/file.h"
#include "lib/tuf/transport.h"

struct cx_http;

/* Downloads at once */
#define CX_HTTP_PARALLEL 6

/**
 * struct cx_http_options - what a connection may be told
 * @ca_file: certificates of authorities in PEM in place of the system's, or NULL
 */
struct cx_http_options {
	const char *ca_file;
};

/**
 * cx_http_open - get ready to read below a URL
 * @base: "http://" or "https://", with or without a slash at the end
 * @options: may be NULL
 * @http: set on success; the caller frees it with cx_http_close()
 * @err: filled on failure
 *
 * The network is not used yet.  Not thread-safe: libcurl is set up here.
 *
 * Return: 0, -EINVAL (not such a URL) or -ENOMEM.
 */
int cx_http_open(const char *base, const struct cx_http_options *options,
		 struct cx_http **http, struct cx_error *err);

/**
 * cx_http_close - close connections and free
 * @http: may be NULL
 */
void cx_http_close(struct cx_http *http);

/**
 * cx_http_get - read a file into memory
 * @http: where from
 * @name: relative to the base, percent-encoded
 * @max: a larger file is refused with -EFBIG, in bytes
 * @buf: set on success; the caller frees it with cx_buf_free()
 * @err: filled on failure
 *
 * Return: 0; -ENOENT (status 403, 404 or 410); -EHOSTUNREACH (no connection, or
 * a status that is an error); -ETIMEDOUT (too slow); -EFBIG; -ENOMEM.
 */
int cx_http_get(struct cx_http *http, const char *name, size_t max,
		struct cx_buf *buf, struct cx_error *err);

/**
 * cx_http_get_files - read files into descriptors, several at once
 * @http: where from
 * @jobs: see struct cx_fetch_job
 * @count: how many
 * @watch: told about progress; may be NULL
 * @watch_arg: given to @watch
 * @err: filled on failure
 *
 * A job goes on where its file ends, by a range; if the server's file is not the one
 * that was begun, the digest of the whole tells, which is the caller's to check.
 *
 * Return: 0 if all succeeded, else the error of the first job that has one; the other
 * jobs are carried through, unless @watch ended the call.
 */
int cx_http_get_files(struct cx_http *http, struct cx_fetch_job *jobs,
		      size_t count, cx_fetch_watch watch, void *watch_arg,
		      struct cx_error *err);

#endif /* _CX_HTTP_H */
