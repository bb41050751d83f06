// SPDX-License-Identifier: LGPL-2.1-or-later
/* HTTPS: whose certificate is believed, and what is said of the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/http.h"

#define DAY 86400

/**
 * struct site - a folder that "openssl s_server" serves
 * @dir: the folder, with a certificate for 127.0.0.1, its key and a file "data"
 * @pid: the server
 * @url: of the folder
 * @err: of the last call
 */
struct site {
	char dir[64];
	pid_t pid;
	char url[64];
	struct cx_error err;
};

/* The server sends files as they are, with what belongs before the content. */
static void write_answer(const char *name, const char *status,
			 const char *header)
{
	char text[256];
	int n = snprintf(text, sizeof(text), "HTTP/1.0 %s\r\n%s\r\ncontent",
			 status, header);

	assert_int_equal(cx_write_file(name, NULL, text, n, 0644, NULL), 0);
}

static int setup(void **state)
{
	struct site *s = calloc(1, sizeof(*s));

	strcpy(s->dir, "/tmp/cryptex-tls-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	assert_int_equal(chdir(s->dir), 0);
	write_answer("data", "200 OK", "");
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct site *s = *state;
	char command[128];

	if (s->pid) {
		kill(s->pid, SIGKILL);
		waitpid(s->pid, NULL, 0);
	}
	snprintf(command, sizeof(command), "rm -rf %s", s->dir);
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(system(command), 0);
	free(s);
	return 0;
}

/* A certificate that signs itself, valid for these seconds from now */
static void make_certificate(long from, long to)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);
	X509_EXTENSION *san = X509V3_EXT_conf_nid(NULL, NULL,
						  NID_subject_alt_name,
						  "IP:127.0.0.1");
	FILE *out;

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), from);
	X509_gmtime_adj(X509_getm_notAfter(x), to);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
				   (const void *)"test", -1, -1, 0);
	X509_set_issuer_name(x, name);
	X509_set_pubkey(x, key);
	X509_add_ext(x, san, -1);
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	out = fopen("cert.pem", "w");
	PEM_write_X509(out, x);
	fclose(out);
	out = fopen("key.pem", "w");
	PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL);
	fclose(out);
	X509_EXTENSION_free(san);
	X509_free(x);
	EVP_PKEY_free(key);
}

/* The server says where it listens: "ACCEPT 127.0.0.1:12345". */
static void serve(struct site *s, const char *address)
{
	char line[256], where[64];
	unsigned int port = 0;
	int pipes[2];
	FILE *said;

	snprintf(where, sizeof(where), "%s:0", address);
	assert_int_equal(pipe(pipes), 0);
	s->pid = fork();
	if (!s->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(pipes[1], 1);
		close(pipes[0]);
		execlp("openssl", "openssl", "s_server", "-HTTP", "-accept",
		       where, "-cert", "cert.pem", "-key", "key.pem", NULL);
		_exit(127);
	}
	close(pipes[1]);
	said = fdopen(pipes[0], "r");
	while (!port && fgets(line, sizeof(line), said))
		sscanf(line, "ACCEPT %*[0-9.]:%u", &port);
	assert_true(port);
	snprintf(s->url, sizeof(s->url), "https://%s:%u", address, port);
}

static int get_named(struct site *s, const char *name, const char *ca_file)
{
	const struct cx_http_options options = { .ca_file = ca_file };
	struct cx_http *http;
	struct cx_buf buf;
	int ret;

	assert_int_equal(cx_http_open(s->url, &options, &http, &s->err), 0);
	ret = cx_http_get(http, name, 100, &buf, &s->err);
	if (!ret)
		assert_string_equal(buf.data, "content");
	cx_buf_free(&buf);
	cx_http_close(http);
	return ret;
}

static int get(struct site *s, const char *ca_file)
{
	return get_named(s, "data", ca_file);
}

static void only_a_known_authority_is_believed(void **state)
{
	struct site *s = *state;

	make_certificate(-DAY, DAY);
	serve(s, "127.0.0.1");
	assert_int_equal(get(s, "cert.pem"), 0);
	assert_int_equal(get(s, NULL), -EHOSTUNREACH);
	assert_non_null(strstr(s->err.text, "certificate is refused"));
}

static void another_name_is_refused(void **state)
{
	struct site *s = *state;

	make_certificate(-DAY, DAY);
	serve(s, "127.0.0.2");
	assert_int_equal(get(s, "cert.pem"), -EHOSTUNREACH);
	assert_non_null(strstr(s->err.text, "certificate is refused"));
}

static void a_certificate_that_is_not_valid_yet(void **state)
{
	struct site *s = *state;

	make_certificate(DAY, 2 * DAY);
	serve(s, "127.0.0.1");
	assert_int_equal(get(s, "cert.pem"), -ETIME);
	assert_non_null(strstr(s->err.text, "set the clock"));
}

static void a_certificate_that_has_expired(void **state)
{
	struct site *s = *state;

	make_certificate(-2 * DAY, -DAY);
	serve(s, "127.0.0.1");
	assert_int_equal(get(s, "cert.pem"), -EHOSTUNREACH);
	assert_non_null(strstr(s->err.text, "has expired"));
	assert_non_null(strstr(s->err.text, "check the URL and the clock"));
}

/* From HTTPS to HTTPS, but not from there to HTTP */
static void redirects_stay_secure(void **state)
{
	struct site *s = *state;
	char header[128];

	make_certificate(-DAY, DAY);
	serve(s, "127.0.0.1");
	snprintf(header, sizeof(header), "Location: %s/data\r\n", s->url);
	write_answer("there", "302 Found", header);
	assert_int_equal(get_named(s, "there", "cert.pem"), 0);
	write_answer("away", "302 Found", "Location: http://127.0.0.1:1/\r\n");
	assert_int_equal(get_named(s, "away", "cert.pem"), -EHOSTUNREACH);
	assert_non_null(strstr(s->err.text, "Protocol \"http\""));
}

#define tls(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		tls(only_a_known_authority_is_believed),
		tls(another_name_is_refused),
		tls(a_certificate_that_is_not_valid_yet),
		tls(a_certificate_that_has_expired),
		tls(redirects_stay_secure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
