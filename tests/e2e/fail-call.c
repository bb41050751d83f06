// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Lets one system call of a command go wrong, counted over all its processes:
 * strace counts for each process by itself, so that a call of a child is out of
 * reach once its parent has made as many.
 *
 * Not counted are the calls of the dynamic linker, which end with prlimit64(),
 * and those that cannot fail.  A failing call is replaced by close(-1), which
 * every sandbox allows; the process gets the error as its result.  close() itself
 * is done, as it always is on Linux, whatever it returns.
 *
 * ptrace(2); the registers are those of x86-64.
 */
#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

#define MAX_TASKS 256

static const struct fault {
	const char *name;
	int error;	/* 0: the process is killed */
} faults[] = {
	{ "kill", 0 }, { "EIO", EIO }, { "ENOSPC", ENOSPC }, { "ENOMEM", ENOMEM },
};

static struct task {
	pid_t pid;
	bool linking;	/* in the dynamic linker */
	bool failing;	/* leaves a call that is to fail */
	long nr;
} tasks[MAX_TASKS];

static const struct fault *fault;	/* NULL: the calls are listed */
static unsigned long wanted, seen;
static bool over;			/* it has happened */
static FILE *report;

static void die(const char *what)
{
	perror(what);
	exit(125);
}

/* find_task: the task of @pid; one that was not seen before when *@fresh */
static struct task *find_task(pid_t pid, bool *fresh)
{
	unsigned int i = 0;

	while (i < MAX_TASKS && tasks[i].pid && tasks[i].pid != pid)
		i++;
	if (i == MAX_TASKS) {
		errno = E2BIG;
		die("fail-call: processes");
	}
	*fresh = !tasks[i].pid;
	tasks[i].pid = pid;
	return &tasks[i];
}

static bool can_fail(long nr)
{
	return nr != SYS_exit && nr != SYS_exit_group && nr != SYS_rt_sigreturn;
}

static void tell(long nr)
{
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)nr);

	fprintf(report, "%s\n", name ? name : "unknown");
	fflush(report);		/* whoever waits too long ends this process */
	free(name);
}

static void get_registers(pid_t pid, struct user_regs_struct *regs)
{
	if (ptrace(PTRACE_GETREGS, pid, 0, regs))
		die("fail-call: PTRACE_GETREGS");
}

static void set_registers(pid_t pid, const struct user_regs_struct *regs)
{
	if (ptrace(PTRACE_SETREGS, pid, 0, regs))
		die("fail-call: PTRACE_SETREGS");
}

static void replace_call(const struct task *task)
{
	struct user_regs_struct regs;

	get_registers(task->pid, &regs);
	regs.orig_rax = SYS_close;
	regs.rdi = -1ULL;
	set_registers(task->pid, &regs);
}

static void replace_result(const struct task *task)
{
	struct user_regs_struct regs;

	get_registers(task->pid, &regs);
	/* brk() says that there is no memory by not moving. */
	regs.rax = task->nr == SYS_brk ? 0 : -(long long)fault->error;
	set_registers(task->pid, &regs);
}

static void enter(struct task *task, long nr)
{
	if (task->linking) {
		task->linking = nr != SYS_prlimit64;
		return;
	}
	if (over || !can_fail(nr))
		return;
	seen++;
	if (fault && seen != wanted)
		return;
	tell(nr);
	if (!fault)
		return;
	over = true;
	if (!fault->error) {
		kill(task->pid, SIGKILL);
		return;
	}
	task->failing = true;
	task->nr = nr;
	if (nr != SYS_close)
		replace_call(task);
}

static void at_call(struct task *task)
{
	struct ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, task->pid, sizeof(info), &info) < 0)
		return;		/* killed meanwhile */
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		enter(task, (long)info.entry.nr);
	} else if (task->failing) {
		replace_result(task);
		task->failing = false;
	}
}

/* at_stop: what made the task stop; returns the signal that it is to get */
static int at_stop(pid_t pid, int status, struct task **task)
{
	bool fresh;
	int sig = WSTOPSIG(status);

	*task = find_task(pid, &fresh);
	if (sig == (SIGTRAP | 0x80)) {
		at_call(*task);
		return 0;
	}
	if (status >> 16 == PTRACE_EVENT_EXEC)
		(*task)->linking = true;
	/* A new process begins with a stop that is not its own. */
	return status >> 16 || (fresh && sig == SIGSTOP) ? 0 : sig;
}

static int watch(pid_t first)
{
	int status, result = 0;
	struct task *task;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status)) {
			int sig = at_stop(pid, status, &task);

			ptrace(over && !task->failing ? PTRACE_CONT : PTRACE_SYSCALL,
			       pid, 0, sig);
		} else if (pid == first) {
			result = WIFEXITED(status) ? WEXITSTATUS(status) :
						     128 + WTERMSIG(status);
		}
	}
	return result;
}

static pid_t start(char **argv)
{
	const int options = PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD |
			    PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			    PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
	pid_t pid = fork();
	bool fresh;
	int status;

	if (pid < 0)
		die("fail-call: fork");
	if (!pid) {
		if (!ptrace(PTRACE_TRACEME, 0, 0, 0))
			execvp(argv[0], argv);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, pid, 0, options))
		die(argv[0]);
	find_task(pid, &fresh)->linking = true;
	ptrace(PTRACE_SYSCALL, pid, 0, 0);
	return pid;
}

static const struct fault *find_fault(const char *name)
{
	for (unsigned int i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		if (!strcmp(faults[i].name, name))
			return &faults[i];
	return NULL;
}

int main(int argc, char **argv)
{
	bool list = argc > 3 && !strcmp(argv[2], "list");

	if (!list && argc > 4) {
		wanted = strtoul(argv[2], NULL, 10);
		fault = find_fault(argv[3]);
	}
	if (!list && (!wanted || !fault)) {
		fputs("Usage: fail-call REPORT list COMMAND...\n"
		      "       fail-call REPORT N kill|EIO|ENOSPC|ENOMEM COMMAND...\n"
		      "\n"
		      "Runs COMMAND and returns its exit status, 128 and the signal if it is killed.\n"
		      "REPORT gets the names of all its system calls, or that of the N-th, which fails;\n"
		      "it stays empty where COMMAND makes fewer.\n", stderr);
		return 2;
	}
	report = fopen(argv[1], "we");
	if (!report)
		die(argv[1]);
	return watch(start(argv + (list ? 3 : 4)));
}
