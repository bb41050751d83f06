// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A process under remote control, for tests of what a process gets.
 *
 * Commands come by standard input, a line each; each is answered by one line on
 * standard output, "0 TEXT" or "-ERRNO".  Static, so that it maps no file but
 * itself, and sealed into the cryptexes as well, so that it can be executed
 * from the inside.
 *
 *	link PATH		the target of a symbolic link
 *	open PATH		a descriptor
 *	head PATH		a file's first line
 *	mapfd FD PROT SHARE	map a page; PROT of "rwx", SHARE "p" or "s";
 *				answers with the address
 *	map PATH PROT SHARE	open, map, close
 *	word ADDRESS		the first line at the address
 *	protect ADDRESS PROT
 *	unmap ADDRESS
 *	exec PATH		become another program, on the same pipes; it must
 *				be an agent too, and answers with its pid
 *	fork			the child answers from now on, until it quits
 *	thread			another thread answers from now on
 *	leader-exits		as thread, and the first thread ends
 *	unshare FLAGS		"m": mounts, "p": pid, "u": user namespace
 *	bind FROM TO		a bind mount
 *	uid N			become that user, and group
 *	pid			of this process
 *	quit
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096
#define ARGUMENTS 3

static void serve(void);

static void answer(const char *text)
{
	printf("0 %.*s\n", (int)strcspn(text, "\n"), text);
	fflush(stdout);
}

/* A call's result: 0 or more is success. */
static void answer_result(long result)
{
	if (result < 0)
		printf("%d\n", -errno);
	else
		printf("0 %ld\n", result);
	fflush(stdout);
}

static void do_link(char **arg)
{
	char target[PAGE] = {};

	if (readlink(arg[0], target, sizeof(target) - 1) < 0)
		answer_result(-1);
	else
		answer(target);
}

static void do_open(char **arg)
{
	answer_result(open(arg[0], O_RDONLY));
}

static void do_head(char **arg)
{
	char text[PAGE] = {};
	int fd = open(arg[0], O_RDONLY);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		answer_result(-1);
	else
		answer(text);
	if (fd >= 0)
		close(fd);
}

static int protection(const char *letters)
{
	return (strchr(letters, 'r') ? PROT_READ : 0) |
	       (strchr(letters, 'w') ? PROT_WRITE : 0) |
	       (strchr(letters, 'x') ? PROT_EXEC : 0);
}

static void map(int fd, char **arg)
{
	int flags = *arg[2] == 's' ? MAP_SHARED : MAP_PRIVATE;
	void *address = mmap(NULL, PAGE, protection(arg[1]), flags, fd, 0);

	answer_result(address == MAP_FAILED ? -1 : (long)address);
}

static void do_mapfd(char **arg)
{
	map(atoi(arg[0]), arg);
}

static void do_map(char **arg)
{
	int fd = open(arg[0], O_RDONLY);

	if (fd < 0) {
		answer_result(-1);
		return;
	}
	map(fd, arg);
	close(fd);
}

static void *address(const char *text)
{
	return (void *)strtol(text, NULL, 10);
}

static void do_word(char **arg)
{
	answer(address(arg[0]));
}

static void do_protect(char **arg)
{
	answer_result(mprotect(address(arg[0]), PAGE, protection(arg[1])));
}

static void do_unmap(char **arg)
{
	answer_result(munmap(address(arg[0]), PAGE));
}

/* The new program answers with its pid. */
static void do_exec(char **arg)
{
	char *argv[] = { arg[0], "executed", NULL };

	execv(arg[0], argv);
	answer_result(-1);
}

static void do_fork(char **arg)
{
	pid_t pid = fork();
	int status;

	(void)arg;
	if (pid < 0)
		answer_result(-1);
	else if (!pid)
		answer_result(getpid());
	else
		waitpid(pid, &status, 0);
}

static void *thread(void *unused)
{
	answer_result(syscall(SYS_gettid));
	serve();
	return unused;
}

/* The new thread answers; this one does if there is none. */
static bool start_thread(pthread_t *other)
{
	errno = pthread_create(other, NULL, thread, NULL);
	if (errno)
		answer_result(-1);
	return !errno;
}

static void do_thread(char **arg)
{
	pthread_t other;

	(void)arg;
	if (start_thread(&other))
		pthread_join(other, NULL);
}

static void do_leader_exits(char **arg)
{
	pthread_t other;

	(void)arg;
	if (start_thread(&other))
		syscall(SYS_exit, 0);
}

static void do_unshare(char **arg)
{
	int flags = (strchr(arg[0], 'm') ? CLONE_NEWNS : 0) |
		    (strchr(arg[0], 'p') ? CLONE_NEWPID : 0) |
		    (strchr(arg[0], 'u') ? CLONE_NEWUSER : 0);
	int err = unshare(flags);

	if (!err && flags & CLONE_NEWNS)
		err = mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	answer_result(err);
}

static void do_bind(char **arg)
{
	answer_result(mount(arg[0], arg[1], NULL, MS_BIND, NULL));
}

static void do_uid(char **arg)
{
	int id = atoi(arg[0]);

	if (setgroups(0, NULL) || setresgid(id, id, id))
		answer_result(-1);
	else
		answer_result(setresuid(id, id, id));
}

static void do_pid(char **arg)
{
	(void)arg;
	answer_result(getpid());
}

static const struct command {
	const char *name;
	int arguments;
	void (*run)(char **arg);
} commands[] = {
	{ "link", 1, do_link },
	{ "open", 1, do_open },
	{ "head", 1, do_head },
	{ "mapfd", 3, do_mapfd },
	{ "map", 3, do_map },
	{ "word", 1, do_word },
	{ "protect", 2, do_protect },
	{ "unmap", 1, do_unmap },
	{ "exec", 1, do_exec },
	{ "fork", 0, do_fork },
	{ "thread", 0, do_thread },
	{ "leader-exits", 0, do_leader_exits },
	{ "unshare", 1, do_unshare },
	{ "bind", 2, do_bind },
	{ "uid", 1, do_uid },
	{ "pid", 0, do_pid },
};

static void run(char *line)
{
	char *arg[ARGUMENTS] = {}, *rest = line;
	const char *name = strsep(&rest, " ");
	size_t i;
	int n;

	for (n = 0; n < ARGUMENTS && rest; n++)
		arg[n] = strsep(&rest, " ");
	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (!strcmp(name, commands[i].name) &&
		    n == commands[i].arguments) {
			commands[i].run(arg);
			return;
		}
	}
	errno = ENOSYS;
	answer_result(-1);
}

/* Byte by byte: another program or process may go on with the same pipe. */
static int read_line(char *line, size_t size)
{
	size_t n = 0;

	while (n < size - 1 && read(STDIN_FILENO, line + n, 1) == 1) {
		if (line[n] == '\n') {
			line[n] = 0;
			return 1;
		}
		n++;
	}
	return 0;
}

static void serve(void)
{
	char line[PAGE];

	while (read_line(line, sizeof(line)) && strcmp(line, "quit"))
		run(line);
	exit(0);
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		answer_result(getpid());
	serve();
}
