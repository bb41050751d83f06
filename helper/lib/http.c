// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/http_transfer.h"

#define POLL_MS 200
#define WATCH_MS 100

/* The base without a slash at its end, and the same without a password. */
static int set_base(struct cx_http *http, const char *base)
{
	size_t len = strlen(base);
	CURLU *url = curl_url();
	char *text = NULL;
	bool ok;

	while (len && base[len - 1] == '/')
		len--;
	http->base = strndup(base, len);
	http->secure = !strncasecmp(base, "https:", 6);
	ok = http->base && url && !strpbrk(base, "?#") &&
	     (http->secure || !strncasecmp(base, "http:", 5)) &&
	     !curl_url_set(url, CURLUPART_URL, http->base, 0) &&
	     !curl_url_set(url, CURLUPART_USER, NULL, 0) &&
	     !curl_url_set(url, CURLUPART_PASSWORD, NULL, 0) &&
	     !curl_url_get(url, CURLUPART_URL, &text, 0);
	if (ok)
		http->shown = strdup(text);
	curl_free(text);
	curl_url_cleanup(url);
	if (!ok)
		return -EINVAL;
	len = http->shown ? strlen(http->shown) : 0;
	while (len && http->shown[len - 1] == '/')
		http->shown[--len] = '\0';
	return http->shown ? 0 : -ENOMEM;
}

int cx_http_open(const char *base, const struct cx_http_options *options,
		 struct cx_http **http, struct cx_error *err)
{
	struct cx_http *h = calloc(1, sizeof(*h));
	int ret = -ENOMEM;

	if (h && !curl_global_init(CURL_GLOBAL_DEFAULT)) {
		h->multi = curl_multi_init();
		ret = h->multi ? set_base(h, base) : -ENOMEM;
		if (options && options->ca_file) {
			h->ca_file = strdup(options->ca_file);
			ret = h->ca_file ? ret : -ENOMEM;
		}
	}
	if (!ret) {
		*http = h;
		return 0;
	}
	cx_http_close(h);
	if (ret == -EINVAL)
		return cx_fail(err, ret,
			       "'%s' is not the URL of a folder: it has to begin with http:// or https:// and must not have '?' or '#'",
			       base);
	return cx_fail(err, ret, "out of memory");
}

void cx_http_close(struct cx_http *http)
{
	if (!http)
		return;
	curl_multi_cleanup(http->multi);
	free(http->base);
	free(http->shown);
	free(http->ca_file);
	free(http);
}

static void reap(CURLM *multi)
{
	struct cx_transfer *t;
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(multi, &left))) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &t);
		cx_transfer_finish(t, msg->data.result);
	}
}

struct tally {
	size_t running;
	size_t waiting;
	uint64_t fetched;
};

static struct tally count(const struct cx_transfer *list, size_t n)
{
	struct tally sum = { 0 };
	size_t i;

	for (i = 0; i < n; i++) {
		sum.running += list[i].state == RUNNING;
		sum.waiting += list[i].state == WAITING;
		sum.fetched += list[i].fetched;
	}
	return sum;
}

static void start_due(struct cx_transfer *list, size_t n)
{
	size_t i, running = count(list, n).running;
	int64_t now = cx_now_ms();

	for (i = 0; i < n && running < CX_HTTP_PARALLEL; i++)
		if (list[i].state == WAITING && list[i].not_before <= now) {
			cx_transfer_start(&list[i]);
			running += list[i].state == RUNNING;
		}
}

/* What was not carried through gets the error that the watch ended the call with. */
static void break_off(struct cx_transfer *list, size_t n, int ret)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (list[i].state == RUNNING)
			cx_transfer_stop(&list[i]);
		if (list[i].state != ENDED)
			cx_transfer_end(&list[i],
				cx_fail(&list[i].err, ret,
					"%s: was not fetched, the download was stopped",
					list[i].name));
	}
}

/* Ends when every transfer has ended, or when @watch wants it. */
static void run(CURLM *multi, struct cx_transfer *list, size_t n,
		cx_fetch_watch watch, void *watch_arg)
{
	int64_t told = cx_now_ms();
	int ret = 0, running;
	struct tally sum;
	bool over;

	start_due(list, n);
	for (;;) {
		curl_multi_perform(multi, &running);
		reap(multi);
		start_due(list, n);
		sum = count(list, n);
		over = !(sum.running + sum.waiting);
		if (watch && (over || cx_now_ms() - told >= WATCH_MS)) {
			told = cx_now_ms();
			ret = watch(watch_arg, sum.fetched);
		}
		if (over || ret < 0)
			break;
		curl_multi_poll(multi, NULL, 0, POLL_MS, NULL);
	}
	break_off(list, n, ret);
}

int cx_http_get(struct cx_http *http, const char *name, size_t max,
		struct cx_buf *buf, struct cx_error *err)
{
	struct cx_transfer t = {
		.http = http, .name = name, .limit = max, .fd = -1, .buf = buf,
	};

	*buf = (struct cx_buf){ 0 };
	run(http->multi, &t, 1, NULL, NULL);
	if (t.ret < 0) {
		cx_buf_free(buf);
		if (err)
			*err = t.err;
	}
	return t.ret;
}

static int collect(struct cx_fetch_job *jobs, struct cx_transfer *list, size_t n,
		   struct cx_error *err)
{
	int ret = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		jobs[i].ret = list[i].ret;
		jobs[i].err = list[i].err;
		jobs[i].fetched = list[i].fetched;
		if (ret || !list[i].ret)
			continue;
		ret = list[i].ret;
		if (err)
			*err = list[i].err;
	}
	return ret;
}

int cx_http_get_files(struct cx_http *http, struct cx_fetch_job *jobs,
		      size_t n, cx_fetch_watch watch, void *watch_arg,
		      struct cx_error *err)
{
	struct cx_transfer *list = calloc(n ? n : 1, sizeof(*list));
	size_t i;
	int ret;

	if (!list)
		return cx_fail(err, -ENOMEM, "out of memory");
	for (i = 0; i < n; i++)
		list[i] = (struct cx_transfer){
			.http = http, .name = jobs[i].name,
			.limit = jobs[i].limit, .fd = jobs[i].fd,
		};
	run(http->multi, list, n, watch, watch_arg);
	ret = collect(jobs, list, n, err);
	free(list);
	return ret;
}
