// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "fixture.h"
#include "remote.h"
#include "report.h"

static void become_agent(int in, int out)
{
	char path[PATH_MAX];
	char *const argv[] = { "agent", NULL };
	char *const env[] = { NULL };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	beside("agent", path);
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		die_errno("dup2");
	execve(path, argv, env);
	die_errno("%s", path);
}

void remote_start(struct remote *r)
{
	int to[2], from[2];

	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		die_errno("pipe2");
	r->pid = fork();
	if (r->pid < 0)
		die_errno("fork");
	if (!r->pid)
		become_agent(to[0], from[1]);
	close(to[0]);
	close(from[1]);
	r->to = to[1];
	r->from = from[0];
}

/* Whoever reads at the end of a pipe quits, so all of its processes do. */
void remote_stop(struct remote *r)
{
	close(r->to);
	waitpid(r->pid, NULL, 0);
	close(r->from);
}

static void read_answer(struct remote *r, char *line, size_t size)
{
	size_t n = 0;

	do {
		if (n == size - 1 || read(r->from, line + n, 1) != 1)
			die("the agent has ended");
	} while (line[n++] != '\n');
	line[n - 1] = 0;
}

static int talk(struct remote *r, const char *fmt, va_list args)
{
	char line[REMOTE_TEXT];
	char *rest;
	long result;

	if (vdprintf(r->to, fmt, args) < 0 || write(r->to, "\n", 1) != 1)
		die_errno("agent");
	read_answer(r, line, sizeof(line));
	result = strtol(line, &rest, 10);
	if (result)
		snprintf(r->text, sizeof(r->text), "%s",
			 strerrorname_np(-result));
	else
		snprintf(r->text, sizeof(r->text), "%s", rest + (*rest == ' '));
	return result;
}

int remote_do(struct remote *r, const char *fmt, ...)
{
	va_list args;
	int result;

	va_start(args, fmt);
	result = talk(r, fmt, args);
	va_end(args);
	return result;
}

const char *remote_ask(struct remote *r, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	talk(r, fmt, args);
	va_end(args);
	return r->text;
}
