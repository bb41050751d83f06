// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/process.h"
#include "lib/seccomp.h"

#define NOBODY		65534
#define FIRST_FD	3
#define HIGH_FD		64	/* above all that the child shall have */

/* What comes back; it fits into a pipe in one piece. */
struct result {
	int rc;
	char text[512];
};

/* The descriptors get the numbers from FIRST_FD on, the last one the end of the
 * pipe; everything else is closed, also what standard streams lead to. */
static int keep_only(const int *fds, size_t count, int *kept)
{
	size_t i;

	for (i = 0; i < count; i++) {
		kept[i] = fcntl(fds[i], F_DUPFD, HIGH_FD);
		if (kept[i] < 0)
			return -errno;
	}
	for (i = 0; i < count; i++) {
		if (dup2(kept[i], FIRST_FD + i) < 0)
			return -errno;
		kept[i] = FIRST_FD + i;
	}
	if (close_range(0, FIRST_FD - 1, 0) ||
	    close_range(FIRST_FD + count, ~0U, 0))
		return -errno;
	return 0;
}

static int set_limits(const struct cx_confinement *limits)
{
	uint64_t own = cx_own_memory();
	int rc = own ? cx_limit(RLIMIT_AS, own + limits->memory) : -EIO;

	if (!rc)
		rc = cx_limit(RLIMIT_FSIZE, limits->file_size);
	if (!rc)
		rc = cx_limit(RLIMIT_CPU, limits->seconds);
	if (!rc)
		rc = cx_limit(RLIMIT_CORE, 0);
	if (!rc)
		rc = cx_limit(RLIMIT_NPROC, 0);
	return rc;
}

/* Root becomes nobody, and so loses every capability.  Who is not root has none
 * to lose. */
static int drop_rights(void)
{
	if (geteuid())
		return 0;
	if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY))
		return -errno;
	return 0;
}

static int enter(const int *fds, size_t count, int *kept,
		 const struct cx_confinement *limits)
{
	int rc = set_limits(limits);

	cx_forget_signals();
	if (!rc)
		rc = keep_only(fds, count, kept);
	if (!rc)
		rc = cx_limit(RLIMIT_NOFILE, 0);
	if (!rc)
		rc = drop_rights();
	/* After the change of user, which undoes both. */
	if (!rc && (prctl(PR_SET_DUMPABLE, 0) ||
		    prctl(PR_SET_PDEATHSIG, SIGKILL)))
		rc = -errno;
	return rc ? rc : cx_seccomp_enter();
}

static void run_child(cx_confined_job job, void *ctx, const int *fds,
		      size_t count, const struct cx_confinement *limits)
{
	int kept[CX_CONFINED_FDS + 1];
	struct result result = { 0 };
	struct cx_error err = { "" };

	result.rc = enter(fds, count + 1, kept, limits);
	if (result.rc)
		cx_fail(&err, result.rc, "the child cannot be confined: %s",
			strerror(-result.rc));
	else
		result.rc = job(kept, ctx, &err);
	snprintf(result.text, sizeof(result.text), "%s", err.text);
	_exit(write(FIRST_FD + count, &result, sizeof(result)) !=
	      sizeof(result));
}

static int judge_signal(int number, const struct cx_confinement *limits,
			struct cx_error *err)
{
	switch (number) {
	case SIGSYS:
		return cx_fail(err, -EACCES,
			       "it made the child try what it may not: it is an attack, or this is a mistake in here");
	case SIGXCPU:
		return cx_fail(err, -ETIME,
			       "it took more than %u seconds of processor time",
			       limits->seconds);
	case SIGBUS:
		return cx_fail(err, -EIO,
			       "a block of its files cannot be read or written: `cryptexctl verify` finds bad ones");
	case SIGXFSZ:
		return cx_fail(err, -EFBIG, "it makes more than it may");
	default:
		return cx_fail(err, -ECHILD,
			       "the child was killed by signal %d (%s)", number,
			       strsignal(number));
	}
}

static int judge(pid_t pid, struct result *result, bool told,
		 const struct cx_confinement *limits, struct cx_error *err)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return cx_fail(err, -errno, "the child is lost: %s",
				       strerror(errno));
	if (WIFSIGNALED(status))
		return judge_signal(WTERMSIG(status), limits, err);
	result->text[sizeof(result->text) - 1] = '\0';
	if (WEXITSTATUS(status) || !told || result->rc > 0 || result->rc < -4095)
		return cx_fail(err, -ECHILD,
			       "the child ended without a proper answer (exit %d)",
			       WEXITSTATUS(status));
	return result->rc ? cx_fail(err, result->rc, "%s", result->text) : 0;
}

static bool receive(int fd, struct result *result)
{
	size_t done = 0;
	ssize_t n;

	while (done < sizeof(*result)) {
		n = read(fd, (char *)result + done, sizeof(*result) - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		done += n;
	}
	return true;
}

int cx_confine(cx_confined_job job, void *ctx, const int *fds, size_t count,
	       const struct cx_confinement *limits, struct cx_error *err)
{
	int all[CX_CONFINED_FDS + 1], ends[2], rc;
	struct result result;
	bool told;
	pid_t pid;

	if (count > CX_CONFINED_FDS)
		return cx_fail(err, -EINVAL, "too many descriptors");
	if (pipe2(ends, O_CLOEXEC))
		return cx_fail(err, -errno, "no pipe: %s", strerror(errno));
	memcpy(all, fds, count * sizeof(*fds));
	all[count] = ends[1];
	pid = fork();
	if (!pid)
		run_child(job, ctx, all, count, limits);
	rc = pid < 0 ? -errno : 0;
	close(ends[1]);
	if (!rc) {
		told = receive(ends[0], &result);
		rc = judge(pid, &result, told, limits, err);
	} else {
		cx_fail(err, rc, "no child can be started: %s", strerror(-rc));
	}
	close(ends[0]);
	return rc;
}
