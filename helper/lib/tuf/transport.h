/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How the files of a repository are read: over HTTP, or from a plain directory.
 *
 * Nothing that a transport delivers is trusted; it has to keep to the limits only.
 *
 * A name is a relative reference below the repository, percent-encoded as in a URL,
 * with '/' between its components: "1.root.json", "objects/ab/cd", "2.team%2Fa.json".
 */
#ifndef _CX_TUF_TRANSPORT_H
#define _CX_TUF_TRANSPORT_H

#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"
#include "lib/file.h"

/**
 * struct cx_fetch_job - one file to fetch into a descriptor
 * @name: see above
 * @limit: bytes that the file has at most; if it has more, -EFBIG
 * @fd: a regular file, open for reading and writing.  What it holds already is taken
 *	for the file's first bytes, and only the rest is fetched; a transport that
 *	cannot do that empties it first
 * @ret: set: 0, or a negative errno as of cx_tuf_class()
 * @err: set if @ret is negative
 * @fetched: set to the bytes that went over the wire, with those of failed attempts
 *
 * What arrived stays in @fd also on failure, so that another attempt goes on there.
 */
struct cx_fetch_job {
	const char *name;
	uint64_t limit;
	int fd;
	int ret;
	struct cx_error err;
	uint64_t fetched;
};

/**
 * typedef cx_fetch_watch - told about progress, some times a second
 * @arg: the caller's
 * @fetched: bytes fetched so far, of all jobs of the call
 *
 * Return: 0 to go on, or a negative errno, with which the call ends.
 */
typedef int (*cx_fetch_watch)(void *arg, uint64_t fetched);

/**
 * struct cx_tuf_transport - how to read files of a repository
 * @fetch: read a file into memory: at most @max bytes, else -EFBIG; the caller frees
 *	@buf with cx_buf_free(); -ENOENT if there is no such file
 * @fetch_files: fetch files into descriptors, several at once where that helps.
 *	@watch may be NULL.  Returns 0 if every job succeeded, else the error of the
 *	first one that failed; each job has its own
 * @ctx: given to both
 */
struct cx_tuf_transport {
	int (*fetch)(void *ctx, const char *name, size_t max,
		     struct cx_buf *buf, struct cx_error *err);
	int (*fetch_files)(void *ctx, struct cx_fetch_job *jobs, size_t count,
			   cx_fetch_watch watch, void *watch_arg,
			   struct cx_error *err);
	void *ctx;
};

/**
 * cx_tuf_dir_transport - read from a plain directory
 * @dirfd: the directory; stays the caller's and has to stay open
 * @transport: set; nothing has to be freed
 *
 * No file outside of the directory is opened, not even by a symbolic link in it.
 */
void cx_tuf_dir_transport(int dirfd, struct cx_tuf_transport *transport);

struct cx_http;

/**
 * cx_tuf_http_transport - read from a web server
 * @http: from cx_http_open(); stays the caller's and has to stay open
 * @transport: set; nothing has to be freed
 */
void cx_tuf_http_transport(struct cx_http *http,
			   struct cx_tuf_transport *transport);

#endif /* _CX_TUF_TRANSPORT_H */
