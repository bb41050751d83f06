// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The confined child, taken over: what it tries is refused, each time by the
 * kernel, and what it hands back is looked at.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/confine.h"

#define MIB	(1 << 20)

static const struct cx_confinement usual = {
	.memory = 16 * MIB, .file_size = MIB, .seconds = 20,
};
static struct cx_error err;
static int file;

static int set_up(void **unused)
{
	(void)unused;
	err.text[0] = '\0';
	file = memfd_create("file", 0);
	return file < 0;
}

static int tear_down(void **unused)
{
	(void)unused;
	return close(file);
}

static int run(cx_confined_job job, void *ctx)
{
	return cx_confine(job, ctx, &file, 1, &usual, &err);
}

static int works(const int *fds, void *ctx, struct cx_error *e)
{
	char *memory = malloc(4 * MIB), *map;

	if (!memory || ftruncate(fds[0], 8192))
		return cx_fail(e, -EIO, "no memory, or no file");
	memset(memory, 1, 4 * MIB);
	map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fds[0], 0);
	if (map == MAP_FAILED)
		return cx_fail(e, -EIO, "no map");
	strcpy(map + 4096, ctx);
	free(memory);
	return 0;
}

static void it_works(void **unused)
{
	char text[16];

	(void)unused;
	if (run(works, "well done"))
		fail_msg("%s", err.text);
	assert_int_equal(pread(file, text, 10, 4096), 10);
	assert_string_equal(text, "well done");
}

static int fails(const int *fds, void *ctx, struct cx_error *e)
{
	(void)fds;
	return cx_fail(e, *(int *)ctx, "because\033[31m of that");
}

static void its_error_comes_back(void **unused)
{
	int code = -ESTALE;

	(void)unused;
	assert_int_equal(run(fails, &code), -ESTALE);
	assert_string_equal(err.text, "because?[31m of that");
	code = 12345;
	assert_int_equal(run(fails, &code), -ECHILD);
	code = -100000;
	assert_int_equal(run(fails, &code), -ECHILD);
}

/* What a child that was taken over would like to do */
static void open_file(void)	{ open("/etc/passwd", O_RDONLY); }
static void make_file(void)	{ open("/tmp/confined", O_WRONLY | O_CREAT, 0600); }
static void open_old(void)	{ syscall(SYS_openat2, AT_FDCWD, "/", NULL, 0); }
static void make_socket(void)	{ socket(AF_INET, SOCK_STREAM, 0); }
static void speak_netlink(void)	{ socket(AF_NETLINK, SOCK_RAW, 16); }
static void start_process(void)	{ fork(); }
static void run_program(void)	{ execl("/bin/true", "true", NULL); }
static void signal_parent(void)	{ kill(getppid(), SIGTERM); }
static void trace_parent(void)	{ ptrace(PTRACE_ATTACH, 1, 0, 0); }
static void mount_it(void)	{ mount("none", "/mnt", "tmpfs", 0, NULL); }
static void load_module(void)	{ syscall(SYS_finit_module, 3, "", 0); }
static void new_space(void)	{ syscall(SYS_unshare, 0x10000000); }
static void become_root(void)	{ setuid(0); }
static void use_ring(void)	{ syscall(SYS_io_uring_setup, 1, NULL); }
static void dup_it(void)	{ dup(3); }
static void map_code(void)
{
	mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	     0);
}
static void make_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mprotect(page, 4096, PROT_READ | PROT_EXEC);
}
static void look_by_name(void)
{
	struct stat st;

	stat("/etc/shadow", &st);
}

static void (*const attempts[])(void) = {
	open_file, make_file, open_old, make_socket, speak_netlink,
	start_process, run_program, signal_parent, trace_parent, mount_it,
	load_module, new_space, become_root, use_ring, dup_it, map_code,
	make_code, look_by_name,
};

static int try_it(const int *fds, void *ctx, struct cx_error *e)
{
	(void)fds;
	(void)e;
	(*(void (*const *)(void))ctx)();
	return 0;
}

static void attempts_end_it(void **unused)
{
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		int rc = run(try_it, (void *)&attempts[i]);

		if (rc != -EACCES)
			fail_msg("attempt %zu: %d %s", i, rc, err.text);
		assert_non_null(strstr(err.text, "what it may not"));
	}
}

static int loops(const int *fds, void *ctx, struct cx_error *e)
{
	volatile int *forever = ctx;

	(void)fds;
	(void)e;
	while (!*forever)
		;
	return 0;
}

static int hoards(const int *fds, void *ctx, struct cx_error *e)
{
	(void)fds;
	(void)ctx;
	return malloc(32 * MIB) ? 0 : cx_fail(e, -ENOMEM, "out of memory");
}

static int grows(const int *fds, void *ctx, struct cx_error *e)
{
	(void)ctx;
	(void)e;
	return ftruncate(fds[0], 2 * MIB) ? -errno : 0;
}

static int overruns(const int *fds, void *ctx, struct cx_error *e)
{
	volatile char *map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fds[0], 0);

	(void)ctx;
	(void)e;
	return map[0];
}

static int has_more(const int *fds, void *ctx, struct cx_error *e)
{
	int fd;

	(void)e;
	for (fd = 0; fd < 200; fd++)
		if (fd != fds[0] && fd != fds[0] + 1 && lseek(fd, 0, SEEK_CUR) >= 0)
			return -EEXIST;
	(void)ctx;
	return 0;
}

static void it_is_bounded(void **unused)
{
	struct cx_confinement quick = usual;
	int never = 0;

	(void)unused;
	quick.seconds = 1;
	assert_int_equal(cx_confine(loops, &never, &file, 1, &quick, &err), -ETIME);
	assert_int_equal(run(hoards, NULL), -ENOMEM);
	assert_int_equal(run(grows, NULL), -EFBIG);
	assert_int_equal(run(overruns, NULL), -EIO);
	assert_int_equal(run(has_more, NULL), 0);
	assert_int_equal(cx_confine(works, "", &file, CX_CONFINED_FDS + 1, &usual,
				    &err), -EINVAL);
}

/* --- what it is, as seen from outside */

static int waits(const int *fds, void *ctx, struct cx_error *e)
{
	char byte;

	(void)ctx;
	(void)e;
	return read(fds[0], &byte, 1) == 1 ? 0 : -EIO;
}

static bool has_line(const char *status, const char *line)
{
	return strstr(status, line) != NULL;
}

/* Look at every process until one is a confined child of @parent. */
static bool find_child(pid_t parent)
{
	char path[64], status[4096], line[32];
	struct dirent *entry;
	DIR *proc = opendir("/proc");
	bool found = false;

	snprintf(line, sizeof(line), "PPid:\t%d\n", parent);
	while (!found && (entry = readdir(proc))) {
		int fd;
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/%.20s/status", entry->d_name);
		fd = open(path, O_RDONLY);
		n = fd < 0 ? -1 : read(fd, status, sizeof(status) - 1);
		if (fd >= 0)
			close(fd);
		if (n <= 0)
			continue;
		status[n] = '\0';
		found = has_line(status, line) &&
			has_line(status, "Uid:\t65534\t65534\t65534\t65534\n") &&
			has_line(status, "Gid:\t65534\t65534\t65534\t65534\n") &&
			has_line(status, "Groups:\t \n") &&
			has_line(status, "CapPrm:\t0000000000000000\n") &&
			has_line(status, "CapEff:\t0000000000000000\n") &&
			has_line(status, "NoNewPrivs:\t1\n") &&
			has_line(status, "Seccomp:\t2\n");
	}
	closedir(proc);
	return found;
}

static void it_is_nobody(void **unused)
{
	int ends[2], status, tries;
	pid_t observer, self = getpid();

	(void)unused;
	if (geteuid())
		skip();
	assert_int_equal(pipe(ends), 0);
	observer = fork();
	if (!observer) {
		for (tries = 0; tries < 200; tries++) {
			if (find_child(self))
				_exit(write(ends[1], "", 1) != 1);
			usleep(50000);
		}
		_exit(write(ends[1], "", 1) + 1);
	}
	assert_int_equal(cx_confine(waits, NULL, &ends[0], 1, &usual, &err), 0);
	assert_int_equal(waitpid(observer, &status, 0), observer);
	assert_int_equal(status, 0);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(it_works, set_up, tear_down),
		cmocka_unit_test_setup_teardown(its_error_comes_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(attempts_end_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_is_bounded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_is_nobody, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("confine", tests, NULL, NULL);
}
