// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bench.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Short runs are repeated: what else the machine does weighs more in them. */
#define ENOUGH_SECONDS	0.4
#define MOST_RUNS	25

static double seconds(const struct timeval *t)
{
	return t->tv_sec + t->tv_usec / 1e6;
}

static int judge(const char *name, int status, struct cx_error *err)
{
	if (WIFSIGNALED(status))
		return cx_fail(err, -ECHILD, "%s was killed by signal %d", name,
			       WTERMSIG(status));
	if (WEXITSTATUS(status) == 127)
		return cx_fail(err, -ENOENT,
			       "%s cannot be run: scripts/install-deps.sh bench installs it",
			       name);
	if (WEXITSTATUS(status))
		return cx_fail(err, -ECHILD, "%s failed (exit %d)", name,
			       WEXITSTATUS(status));
	return 0;
}

static int run_once(const char *const argv[], struct bench_cost *cost,
		    struct cx_error *err)
{
	struct rusage usage;
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return cx_fail(err, -errno, "fork: %s", strerror(errno));
	if (!pid) {
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	while (wait4(pid, &status, 0, &usage) < 0)
		if (errno != EINTR)
			return cx_fail(err, -errno, "wait4: %s", strerror(errno));
	cost->seconds = seconds(&usage.ru_utime) + seconds(&usage.ru_stime);
	cost->peak = (uint64_t)usage.ru_maxrss << 10;
	return judge(argv[0], status, err);
}

int bench_run(const char *const argv[], const char *output,
	      struct bench_cost *cost, struct cx_error *err)
{
	struct bench_cost once = { 0 };
	double all = 0;
	int run, ret;

	for (run = 0; run < MOST_RUNS && all < ENOUGH_SECONDS; run++) {
		unlink(output);
		ret = run_once(argv, &once, err);
		if (ret)
			return ret;
		all += once.seconds;
		if (!run || once.seconds < cost->seconds)
			cost->seconds = once.seconds;
		if (!run || once.peak > cost->peak)
			cost->peak = once.peak;
	}
	return 0;
}
