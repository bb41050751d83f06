// SPDX-License-Identifier: LGPL-2.1-or-later
#include "server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct server_shared *shared;
static int folder;

struct request {
	int fd;
	char path[512];
	long long from;
	struct server_rule *rule;
	unsigned int turn;	/* of the requests for which the rule was used */
	int file;
	long long size;
};

static bool put(struct request *r, const char *data, size_t size)
{
	while (size) {
		ssize_t n = send(r->fd, data, size, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		__atomic_add_fetch(&shared->sent, n, __ATOMIC_SEQ_CST);
		data += n;
		size -= n;
	}
	return true;
}

static void put_page(struct request *r, unsigned int status, const char *extra)
{
	char text[1024];
	int n = snprintf(text, sizeof(text),
			 "HTTP/1.1 %u Because\r\n%sContent-Length: 5\r\nConnection: close\r\n\r\npage\n",
			 status, extra);

	put(r, text, n);
}

static void put_endless(struct request *r)
{
	static const char head[] =
		"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"a\":\"";
	char block[4096];

	memset(block, 'a', sizeof(block));
	if (put(r, head, strlen(head)))
		while (put(r, block, sizeof(block)))
			;
}

static void put_head(struct request *r, long long from, long long size)
{
	char text[512];
	int n;

	if (r->from)
		n = snprintf(text, sizeof(text),
			     "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %lld-%lld/%lld\r\nContent-Length: %lld\r\nConnection: close\r\n\r\n",
			     from, size - 1, size, size - from);
	else
		n = snprintf(text, sizeof(text),
			     "HTTP/1.1 200 OK\r\nContent-Length: %lld\r\nConnection: close\r\n\r\n",
			     size);
	put(r, text, n);
}

static void put_slowly(struct request *r, const char *data, ssize_t n)
{
	while (n-- && put(r, data++, 1))
		usleep(r->rule->arg * 1000);
}

static bool is_cut(const struct request *r)
{
	switch (r->rule->manner) {
	case SERVER_CUT:
	case SERVER_FORGETS:
		return true;
	case SERVER_HICCUP:
	case SERVER_GONE:
		return r->turn == 1;
	default:
		return false;
	}
}

static void put_file(struct request *r)
{
	long long left = is_cut(r) ? r->rule->arg : r->size;
	char block[4096];
	ssize_t n;

	lseek(r->file, r->from, SEEK_SET);
	while (left > 0 && (n = read(r->file, block, sizeof(block))) > 0) {
		if (n > left)
			n = left;
		if (r->rule->manner == SERVER_SLOW)
			put_slowly(r, block, n);
		else if (!put(r, block, n))
			break;
		__atomic_add_fetch(&r->rule->sent, n, __ATOMIC_SEQ_CST);
		left -= n;
	}
}

static int open_file(struct request *r)
{
	const char *name = r->rule->manner == SERVER_OTHER ? r->rule->text
							   : r->path + 1;
	struct stat st;

	r->file = openat(folder, name, O_RDONLY);
	if (r->file < 0 || fstat(r->file, &st) || !S_ISREG(st.st_mode))
		return -1;
	r->size = st.st_size;
	return 0;
}

static void serve_file(struct request *r)
{
	char text[512];

	if (open_file(r) < 0) {
		put_page(r, 404, "");
	} else if (r->from && r->from >= r->size) {
		snprintf(text, sizeof(text), "Content-Range: bytes */%lld\r\n",
			 r->size);
		put_page(r, 416, text);
	} else if (r->rule->manner == SERVER_WRONG_RANGE && r->from) {
		put_head(r, r->from + 1, r->size);
		put_file(r);
	} else {
		put_head(r, r->from,
			 r->rule->manner == SERVER_HUGE ? 1LL << 40 : r->size);
		put_file(r);
	}
	if (r->file >= 0)
		close(r->file);
}

static void serve(struct request *r, unsigned int number)
{
	char text[512];

	switch (r->rule->manner) {
	case SERVER_ENDLESS:
		put_endless(r);
		break;
	case SERVER_STATUS:
		put_page(r, r->rule->arg, "");
		break;
	case SERVER_REDIRECT:
		snprintf(text, sizeof(text), "Location: %s\r\n", r->rule->text);
		put_page(r, 302, text);
		break;
	case SERVER_FAILS:
		if (number <= r->rule->arg)
			put_page(r, 503, "");
		else
			serve_file(r);
		break;
	case SERVER_NO_RANGE:
	case SERVER_FORGETS:
		r->from = 0;
		serve_file(r);
		break;
	case SERVER_GONE:
		if (r->turn == 1)
			serve_file(r);
		break;
	default:
		serve_file(r);
	}
}

static struct server_rule *rule_for(const char *path)
{
	static struct server_rule honest;
	int i;

	for (i = 0; i < SERVER_RULES; i++)
		if (shared->rules[i].manner &&
		    strstr(path, shared->rules[i].match))
			return &shared->rules[i];
	return &honest;
}

static bool read_head(int fd, char *head, size_t size)
{
	size_t have = 0;
	ssize_t n;

	while (have < size - 1 &&
	       (n = recv(fd, head + have, size - 1 - have, 0)) > 0) {
		have += n;
		head[have] = '\0';
		if (strstr(head, "\r\n\r\n"))
			return true;
	}
	return false;
}

static void *connection(void *arg)
{
	struct request r = { .fd = (int)(intptr_t)arg, .file = -1 };
	char head[8192], *range;

	if (read_head(r.fd, head, sizeof(head)) &&
	    sscanf(head, "GET %511s", r.path) == 1) {
		range = strcasestr(head, "\r\nRange: bytes=");
		if (range)
			r.from = atoll(range + 15);
		r.rule = rule_for(r.path);
		r.turn = __atomic_add_fetch(&r.rule->answers, 1,
					    __ATOMIC_SEQ_CST);
		serve(&r, __atomic_add_fetch(&shared->requests, 1,
					     __ATOMIC_SEQ_CST));
	}
	shutdown(r.fd, SHUT_WR);
	while (recv(r.fd, head, sizeof(head), 0) > 0)
		;
	close(r.fd);
	return NULL;
}

static void run(int listener)
{
	pthread_t thread;
	int fd;

	while ((fd = accept(listener, NULL, NULL)) >= 0)
		if (pthread_create(&thread, NULL, connection,
				   (void *)(intptr_t)fd) ||
		    pthread_detach(thread))
			close(fd);
}

static void need(bool truth, const char *what)
{
	if (truth)
		return;
	perror(what);
	abort();
}

void server_start(struct server *server, const char *dir)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	void *memory = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	need(memory != MAP_FAILED, "mmap");
	need(!bind(listener, (struct sockaddr *)&address, size) &&
	     !listen(listener, 64), "listen");
	getsockname(listener, (struct sockaddr *)&address, &size);
	snprintf(server->url, sizeof(server->url), "http://127.0.0.1:%u",
		 ntohs(address.sin_port));
	server->shared = shared = memory;
	server->pid = fork();
	need(server->pid >= 0, "fork");
	if (!server->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		folder = open(dir, O_RDONLY | O_DIRECTORY);
		run(listener);
		_exit(0);
	}
	close(listener);
}

void server_stop(struct server *server)
{
	kill(server->pid, SIGKILL);
	waitpid(server->pid, NULL, 0);
	munmap(server->shared, sizeof(*server->shared));
}

void server_rule(struct server *server, int index, const char *match,
		 enum server_manner manner, unsigned int arg, const char *text)
{
	struct server_rule *rule = &server->shared->rules[index];

	rule->manner = SERVER_HONEST;
	snprintf(rule->match, sizeof(rule->match), "%s", match);
	snprintf(rule->text, sizeof(rule->text), "%s", text ? text : "");
	rule->arg = arg;
	rule->answers = 0;
	rule->sent = 0;
	server->shared->requests = 0;
	server->shared->sent = 0;
	rule->manner = manner;
}

void server_behave(struct server *server)
{
	int i;

	for (i = 0; i < SERVER_RULES; i++)
		server->shared->rules[i].manner = SERVER_HONEST;
	server->shared->requests = 0;
	server->shared->sent = 0;
}
