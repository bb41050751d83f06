// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/http.h"
#include "lib/tuf/transport.h"

static int fetch(void *ctx, const char *name, size_t max, struct cx_buf *buf,
		 struct cx_error *err)
{
	return cx_http_get(ctx, name, max, buf, err);
}

static int fetch_files(void *ctx, struct cx_fetch_job *jobs, size_t count,
		       cx_fetch_watch watch, void *watch_arg,
		       struct cx_error *err)
{
	return cx_http_get_files(ctx, jobs, count, watch, watch_arg, err);
}

void cx_tuf_http_transport(struct cx_http *http,
			   struct cx_tuf_transport *transport)
{
	*transport = (struct cx_tuf_transport){ fetch, fetch_files, http };
}
