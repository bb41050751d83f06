// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/process.h"

#define HIGH_FD		64	/* above all that the program shall have */
#define MAX_FILES	128
#define MAX_PROCESSES	64	/* of that user; threads count */
#define CPU_SECONDS	7200

const char *const cx_sandbox_proxies[] = {
	"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
	NULL,
};

/* Where to do without one */
static const char *const no_proxies[] = { "no_proxy", "NO_PROXY", NULL };

/* Room for PATH, LC_ALL, those above and the end */
#define ENVIRONMENT	(sizeof(cx_sandbox_proxies) / sizeof(char *) + \
			 sizeof(no_proxies) / sizeof(char *) + 1)

/* What the program finds as its environment */
struct environment {
	char *list[ENVIRONMENT];
	size_t count;
	char space[8192];
	size_t used;
};

static void add_variables(struct environment *env, const char *const *names)
{
	for (; *names; names++) {
		const char *value = getenv(*names);
		size_t size = value ? strlen(*names) + strlen(value) + 2 : 0;
		char *text = env->space + env->used;

		if (!value || size > sizeof(env->space) - env->used)
			continue;
		stpcpy(stpcpy(stpcpy(text, *names), "="), value);
		env->list[env->count++] = text;
		env->used += size;
	}
}

static void fill_environment(struct environment *env)
{
	env->count = env->used = 0;
	env->list[env->count++] = "PATH=/usr/bin:/bin";
	env->list[env->count++] = "LC_ALL=C.UTF-8";
	add_variables(env, cx_sandbox_proxies);
	add_variables(env, no_proxies);
	env->list[env->count] = NULL;
}

/* The program's descriptors get their numbers, the standard ones lead nowhere, and
 * @report stays open above them until the program runs. */
static int arrange(const struct cx_sandbox *box, int *report)
{
	int high[CX_SANDBOX_FDS], null = open("/dev/null", O_RDWR | O_CLOEXEC);
	size_t i;

	if (null < 0)
		return -errno;
	*report = fcntl(*report, F_DUPFD_CLOEXEC, HIGH_FD);
	for (i = 0; i < box->fds_count; i++)
		high[i] = fcntl(box->fds[i], F_DUPFD_CLOEXEC, HIGH_FD);
	null = fcntl(null, F_DUPFD_CLOEXEC, HIGH_FD);
	if (null < 0 || *report < 0)
		return -errno;
	for (i = 0; i < CX_SANDBOX_FIRST_FD; i++)
		if (dup2(null, i) < 0)
			return -errno;
	for (i = 0; i < box->fds_count; i++)
		if (high[i] < 0 || dup2(high[i], CX_SANDBOX_FIRST_FD + i) < 0)
			return -errno;
	if (close_range(CX_SANDBOX_FIRST_FD + box->fds_count, *report - 1, 0) ||
	    close_range(*report + 1, ~0U, 0))
		return -errno;
	return 0;
}

/* The file systems stay where they are, and cannot be written; descriptors that
 * were opened before lead to the mounts that can. */
static int leave_namespaces(bool network)
{
	const struct mount_attr attr = {
		.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
			    MOUNT_ATTR_NODEV,
		.propagation = MS_PRIVATE,
	};

	if (unshare(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS |
		    (network ? 0 : CLONE_NEWNET)))
		return -errno;
	if (syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &attr,
		    sizeof(attr)))
		return -errno;
	return 0;
}

static int set_limits(uint64_t file_size)
{
	int rc = cx_limit(RLIMIT_FSIZE, file_size);

	if (!rc)
		rc = cx_limit(RLIMIT_NOFILE, MAX_FILES);
	if (!rc)
		rc = cx_limit(RLIMIT_NPROC, MAX_PROCESSES);
	if (!rc)
		rc = cx_limit(RLIMIT_CPU, CPU_SECONDS);
	if (!rc)
		rc = cx_limit(RLIMIT_CORE, 0);
	if (!rc)
		rc = cx_limit(RLIMIT_MEMLOCK, 0);
	if (!rc)
		rc = cx_limit(RLIMIT_MSGQUEUE, 0);
	return rc;
}

static int drop_capabilities(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[2] = { { 0 } };

	return syscall(SYS_capset, &head, none) ? -errno : 0;
}

/* What a set-user-ID program could give back goes first. */
static int drop_rights(uid_t uid, gid_t gid)
{
	int cap;

	for (cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap))
			return -errno;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return -errno;
	if (setgroups(0, NULL) || setresgid(gid, gid, gid) ||
	    setresuid(uid, uid, uid))
		return -errno;
	return drop_capabilities();
}

static int prepare(const struct cx_sandbox *box, int *report, pid_t parent)
{
	int rc = arrange(box, report);

	cx_forget_signals();
	if (!rc)
		rc = leave_namespaces(box->network);
	if (!rc)
		rc = set_limits(box->file_size);
	if (!rc)
		rc = drop_rights(box->uid, box->gid);
	if (rc)
		return rc;
	/* After the change of user, which undoes the first. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || setsid() < 0)
		return -errno;
	umask(077);
	return getppid() == parent ? 0 : -ESRCH;
}

static void run_child(const struct cx_sandbox *box, int report, pid_t parent)
{
	struct environment env;
	int rc = prepare(box, &report, parent);

	if (!rc) {
		fill_environment(&env);
		execve(box->program, (char *const *)box->argv, env.list);
		rc = -errno;
	}
	_exit(write(report, &rc, sizeof(rc)) != sizeof(rc));
}

/* Return: 0 once the program runs, or why it does not. */
static int wait_for_start(int report, pid_t pid)
{
	int rc = 0;
	ssize_t n;

	do
		n = read(report, &rc, sizeof(rc));
	while (n < 0 && errno == EINTR);
	if (!n)
		return 0;
	/* If it was the reading that failed, the program runs, and waits for orders. */
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return n == sizeof(rc) && rc < 0 ? rc : -EIO;
}

int cx_sandbox_start(const struct cx_sandbox *box, pid_t *pid,
		     struct cx_error *err)
{
	pid_t self = getpid();
	int rc, ends[2];

	if (geteuid())
		return cx_fail(err, -EPERM, "needs root (CAP_SYS_ADMIN)");
	if (box->fds_count > CX_SANDBOX_FDS || !box->uid || !box->gid)
		return cx_fail(err, -EINVAL, "%s cannot be started like that",
			       box->program);
	if (pipe2(ends, O_CLOEXEC))
		return cx_fail(err, -errno, "no pipe: %s", strerror(errno));
	*pid = fork();
	if (!*pid)
		run_child(box, ends[1], self);
	rc = *pid < 0 ? -errno : 0;
	close(ends[1]);
	if (!rc)
		rc = wait_for_start(ends[0], *pid);
	close(ends[0]);
	return rc ? cx_fail(err, rc, "%s cannot be started: %s", box->program,
			    strerror(-rc)) : 0;
}
