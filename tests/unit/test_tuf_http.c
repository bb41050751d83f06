// SPDX-License-Identifier: LGPL-2.1-or-later
/* Files over HTTP from a server that cuts, fails, forgets and lies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/http.h"
#include "tuf/server.h"

#define SIZE 100000

/**
 * struct place - a folder that is served
 * @dir: the folder
 * @server: its server
 * @http: a client of that
 * @data: content of the file "data" in the folder, SIZE bytes
 * @out: an empty file
 * @err: of the last call
 */
struct place {
	char dir[64];
	struct server server;
	struct cx_http *http;
	char data[SIZE];
	int out;
	struct cx_error err;
};

static void write_file(const struct place *p, const char *name,
		       const void *data, size_t size)
{
	struct cx_error err;
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", p->dir, name);
	assert_int_equal(cx_write_file(path, NULL, data, size, 0644, &err), 0);
}

static int setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	int i;

	strcpy(p->dir, "/tmp/cryptex-http-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	for (i = 0; i < SIZE; i++)
		p->data[i] = i * 7 + i / 251;
	write_file(p, "data", p->data, SIZE);
	server_start(&p->server, p->dir);
	assert_int_equal(cx_http_open(p->server.url, NULL, &p->http, &p->err),
			 0);
	p->out = memfd_create("out", MFD_CLOEXEC);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;
	char command[128];

	cx_http_close(p->http);
	server_stop(&p->server);
	close(p->out);
	snprintf(command, sizeof(command), "rm -rf %s", p->dir);
	assert_int_equal(system(command), 0);
	free(p);
	return 0;
}

static int get(struct place *p, struct cx_fetch_job *job, uint64_t limit)
{
	*job = (struct cx_fetch_job){ .name = "data", .limit = limit,
				      .fd = p->out };
	return cx_http_get_files(p->http, job, 1, NULL, NULL, &p->err);
}

static void assert_whole(const struct place *p)
{
	static char text[SIZE];
	struct stat st;

	assert_int_equal(fstat(p->out, &st), 0);
	assert_int_equal(st.st_size, SIZE);
	assert_int_equal(pread(p->out, text, SIZE, 0), SIZE);
	assert_memory_equal(text, p->data, SIZE);
}

static void a_file_in_memory(void **state)
{
	struct place *p = *state;
	struct cx_buf buf;

	assert_int_equal(cx_http_get(p->http, "data", SIZE, &buf, &p->err), 0);
	assert_int_equal(buf.size, SIZE);
	assert_memory_equal(buf.data, p->data, SIZE);
	cx_buf_free(&buf);
	assert_int_equal(cx_http_get(p->http, "data", SIZE - 1, &buf, &p->err),
			 -EFBIG);
	assert_null(buf.data);
	assert_int_equal(p->server.shared->requests, 2);
	assert_int_equal(cx_http_get(p->http, "none", SIZE, &buf, &p->err),
			 -ENOENT);
	assert_non_null(strstr(p->err.text, "/none: the server has no such file"));
}

static void an_empty_file(void **state)
{
	struct cx_fetch_job job;
	struct place *p = *state;
	struct cx_buf buf;

	write_file(p, "data", "", 0);
	assert_int_equal(cx_http_get(p->http, "data", SIZE, &buf, &p->err), 0);
	assert_int_equal(buf.size, 0);
	cx_buf_free(&buf);
	assert_int_equal(get(p, &job, 0), 0);
}

/* What is there already is not fetched again. */
static void a_file_goes_on_where_it_ends(void **state)
{
	struct place *p = *state;
	struct cx_fetch_job job;

	assert_int_equal(pwrite(p->out, p->data, 60000, 0), 60000);
	assert_int_equal(get(p, &job, SIZE), 0);
	assert_int_equal(job.fetched, 40000);
	assert_whole(p);
	assert_int_equal(get(p, &job, SIZE), 0);
	assert_true(job.fetched < 100);
	assert_whole(p);
}

/* 25 answers, each cut after 4 KiB, and no byte twice */
static void the_network_is_cut_every_4_kib(void **state)
{
	struct place *p = *state;
	struct cx_fetch_job job;

	server_rule(&p->server, 0, "data", SERVER_CUT, 4096, NULL);
	assert_int_equal(get(p, &job, SIZE), 0);
	assert_whole(p);
	assert_int_equal(job.fetched, SIZE);
	assert_int_equal(p->server.shared->requests, (SIZE + 4095) / 4096);
}

static void a_cut_that_brings_nothing_ends(void **state)
{
	struct place *p = *state;
	struct cx_fetch_job job;
	struct stat st;

	server_rule(&p->server, 0, "data", SERVER_CUT, 10, NULL);
	assert_int_equal(get(p, &job, SIZE), -EHOSTUNREACH);
	assert_int_equal(job.ret, -EHOSTUNREACH);
	assert_int_equal(p->server.shared->requests, 4);
	assert_int_equal(fstat(p->out, &st), 0);
	assert_int_equal(st.st_size, 40);
	server_behave(&p->server);
	assert_int_equal(get(p, &job, SIZE), 0);
	assert_int_equal(job.fetched, SIZE - 40);
	assert_whole(p);
}

/* It gets as far as ever, and never further. */
static void a_cut_without_ranges_ends(void **state)
{
	struct place *p = *state;
	struct cx_fetch_job job;
	struct cx_buf buf;

	server_rule(&p->server, 0, "data", SERVER_FORGETS, 50000, NULL);
	assert_int_equal(get(p, &job, SIZE), -EHOSTUNREACH);
	assert_int_equal(p->server.shared->requests, 5);
	assert_int_equal(cx_http_get(p->http, "data", SIZE, &buf, &p->err),
			 -EHOSTUNREACH);
	assert_null(buf.data);
}

static void a_server_without_ranges(void **state)
{
	struct place *p = *state;
	struct cx_fetch_job job;

	server_rule(&p->server, 0, "data", SERVER_NO_RANGE, 0, NULL);
	assert_int_equal(write(p->out, "what was something else", 23), 23);
	assert_int_equal(get(p, &job, SIZE), 0);
	assert_int_equal(job.fetched, SIZE);
	assert_whole(p);
}

/* Bytes in the wrong place would only show in the digest of the whole. */
static void a_server_that_cannot_count(void **state)
{
	struct place *p = *state;
	struct cx_fetch_job job;

	server_rule(&p->server, 0, "data", SERVER_WRONG_RANGE, 0, NULL);
	assert_int_equal(pwrite(p->out, p->data, 60000, 0), 60000);
	assert_int_equal(get(p, &job, SIZE), 0);
	assert_whole(p);
}

static void a_file_that_became_shorter_there(void **state)
{
	struct place *p = *state;
	struct cx_fetch_job job;
	struct stat st;

	assert_int_equal(pwrite(p->out, p->data, 60000, 0), 60000);
	write_file(p, "data", p->data, 1000);
	assert_int_equal(get(p, &job, SIZE), 0);
	assert_int_equal(fstat(p->out, &st), 0);
	assert_int_equal(st.st_size, 1000);
}

static void more_than_the_limit_is_not_kept(void **state)
{
	struct place *p = *state;
	struct cx_fetch_job job;
	struct stat st;

	assert_int_equal(pwrite(p->out, p->data, 60000, 0), 60000);
	assert_int_equal(get(p, &job, SIZE - 1), -EFBIG);
	assert_int_equal(fstat(p->out, &st), 0);
	assert_true(st.st_size < SIZE);
	assert_non_null(strstr(p->err.text, "larger than the 99999 bytes"));
}

static void a_server_in_trouble_is_asked_again(void **state)
{
	struct place *p = *state;
	struct cx_fetch_job job;

	server_rule(&p->server, 0, "data", SERVER_FAILS, 2, NULL);
	assert_int_equal(get(p, &job, SIZE), 0);
	assert_int_equal(p->server.shared->requests, 3);
	assert_whole(p);
	server_rule(&p->server, 0, "data", SERVER_FAILS, 99, NULL);
	assert_int_equal(ftruncate(p->out, 0), 0);
	assert_int_equal(get(p, &job, SIZE), -EHOSTUNREACH);
	assert_non_null(strstr(p->err.text, "status 503"));
	assert_int_equal(p->server.shared->requests, 4);
}

static void nobody_listens(void **state)
{
	struct place *p = *state;
	struct cx_http *http;
	struct cx_buf buf;

	assert_int_equal(cx_http_open("http://127.0.0.1:1/x/", NULL, &http,
				      &p->err), 0);
	assert_int_equal(cx_http_get(http, "data", SIZE, &buf, &p->err),
			 -EHOSTUNREACH);
	assert_non_null(strstr(p->err.text, "http://127.0.0.1:1/x/data: cannot be fetched"));
	cx_http_close(http);
}

static void urls_that_are_none(void **state)
{
	static const char *const urls[] = {
		"", "file:///etc", "ftp://a/b", "http://a/b?c", "http://a/#b",
		"https:", "nonsense",
	};
	struct place *p = *state;
	struct cx_http *http;
	size_t i;

	for (i = 0; i < sizeof(urls) / sizeof(*urls); i++)
		assert_int_equal(cx_http_open(urls[i], NULL, &http, &p->err),
				 -EINVAL);
}

static void a_password_is_not_told(void **state)
{
	struct place *p = *state;
	struct cx_http *http;
	struct cx_buf buf;

	assert_int_equal(cx_http_open("http://me:secret@127.0.0.1:1", NULL,
				      &http, &p->err), 0);
	assert_int_equal(cx_http_get(http, "data", SIZE, &buf, &p->err),
			 -EHOSTUNREACH);
	assert_null(strstr(p->err.text, "secret"));
	cx_http_close(http);
}

#define MANY 40

static int count_calls(void *arg, uint64_t fetched)
{
	uint64_t *last = arg;

	assert_true(fetched >= *last);
	*last = fetched;
	return 0;
}

static void many_at_once(void **state)
{
	struct cx_fetch_job jobs[MANY];
	struct place *p = *state;
	uint64_t last = 0;
	struct stat st;
	int i;

	for (i = 0; i < MANY; i++)
		jobs[i] = (struct cx_fetch_job){
			.name = i == 7 ? "none" : "data", .limit = SIZE,
			.fd = memfd_create("job", MFD_CLOEXEC),
		};
	assert_int_equal(cx_http_get_files(p->http, jobs, MANY, count_calls,
					   &last, &p->err), -ENOENT);
	assert_true(last >= (MANY - 1) * SIZE);
	for (i = 0; i < MANY; i++) {
		assert_int_equal(jobs[i].ret, i == 7 ? -ENOENT : 0);
		assert_int_equal(fstat(jobs[i].fd, &st), 0);
		assert_int_equal(st.st_size, i == 7 ? 0 : SIZE);
		close(jobs[i].fd);
	}
}

static int stop_at_once(void *arg, uint64_t fetched)
{
	(void)arg;
	return fetched ? -EINTR : 0;
}

static void a_download_is_stopped(void **state)
{
	struct cx_fetch_job job = { .name = "data", .limit = SIZE };
	struct place *p = *state;

	server_rule(&p->server, 0, "data", SERVER_SLOW, 20, NULL);
	job.fd = p->out;
	assert_int_equal(cx_http_get_files(p->http, &job, 1, stop_at_once, NULL,
					   &p->err), -EINTR);
	assert_non_null(strstr(p->err.text, "was stopped"));
}

static void a_full_disk_is_told(void **state)
{
	struct cx_fetch_job job = { .name = "data", .limit = SIZE };
	struct place *p = *state;

	job.fd = memfd_create("small", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_int_equal(fcntl(job.fd, F_ADD_SEALS, F_SEAL_GROW), 0);
	assert_int_equal(cx_http_get_files(p->http, &job, 1, NULL, NULL,
					   &p->err), -EPERM);
	assert_non_null(strstr(p->err.text, "data: cannot be written"));
	close(job.fd);
}

static void proxies_come_from_the_environment(void **state)
{
	struct place *p = *state;
	struct cx_http *http;
	struct cx_buf buf;

	setenv("http_proxy", p->server.url, 1);
	assert_int_equal(cx_http_open("http://no-such-host.invalid", NULL,
				      &http, &p->err), 0);
	server_rule(&p->server, 0, "http://no-such-host.invalid/data",
		    SERVER_OTHER, 0, "data");
	assert_int_equal(cx_http_get(http, "data", SIZE, &buf, &p->err), 0);
	unsetenv("http_proxy");
	assert_int_equal(buf.size, SIZE);
	cx_buf_free(&buf);
	cx_http_close(http);
}

#define http(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		http(a_file_in_memory),
		http(an_empty_file),
		http(a_file_goes_on_where_it_ends),
		http(the_network_is_cut_every_4_kib),
		http(a_cut_that_brings_nothing_ends),
		http(a_cut_without_ranges_ends),
		http(a_server_without_ranges),
		http(a_server_that_cannot_count),
		http(a_file_that_became_shorter_there),
		http(more_than_the_limit_is_not_kept),
		http(a_server_in_trouble_is_asked_again),
		http(nobody_listens),
		http(urls_that_are_none),
		http(a_password_is_not_told),
		http(many_at_once),
		http(a_download_is_stopped),
		http(a_full_disk_is_told),
		http(proxies_come_from_the_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
