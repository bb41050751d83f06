// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Usage: taken_over_fetcher [--outside]
 *
 * A fetcher that was taken over: started like the real one, it enters the same
 * sandbox, for a web server and for a folder, and tries what things.c lists, each in
 * a process of its own.  Prints TAP: it is refused, and by what.  With --outside it
 * does not enter the sandbox: it is not refused then, so a refusal is the sandbox's.
 * Needs root.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <arpa/inet.h>
#include <unistd.h>

#include "lib/sandbox.h"
#include "taken_over.h"

#define USER	61337	/* nobody is that */
#define OWN_PORT 443

/* What the child tells before it tries. */
struct report {
	int landlock;
	int rc;
	bool tried;
};

static void give_up(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

/* --- the child */

static int enter(bool network)
{
	const struct cx_sandbox_rules rules = {
		.network = network, .ports = { OWN_PORT, 53 }, .ports_count = 2,
		.writable = SPOOL_FD, .readable = -1, .memory = 64 << 20,
	};
	struct cx_error err;
	int rc = cx_sandbox_enter(&rules, &err);

	if (rc < 0)
		dprintf(2, "# %s\n", err.text);
	return rc;
}

static int be_the_fetcher(const char *number, const char *where)
{
	const struct place *place = mmap(NULL, sizeof(*place), PROT_READ,
					 MAP_SHARED, PLACE_FD, 0);
	struct report report = { 0 };

	if (place == MAP_FAILED)
		return 1;
	if (strcmp(where, "outside"))
		report.landlock = enter(!strcmp(where, "network"));
	if (report.landlock < 0)
		return 1;
	/* A program that is run tells nothing afterwards, but ends with 0. */
	report.rc = 1;
	if (write(REPORT_FD, &report, sizeof(report)) < 0)
		return 1;
	report.rc = things[atoi(number)].attempt(place);
	report.tried = true;
	return write(REPORT_FD, &report, sizeof(report)) < 0;
}

/* --- the parent */

static char dir[] = "/tmp/cx-taken-over-XXXXXX";
static int spool, place_fd;
static struct place *place;

static void make(const char *name, mode_t mode)
{
	char path[160];

	snprintf(path, sizeof(path), "%s%s", dir, name);
	if (mkdir(path, 0700) || chmod(path, mode))
		give_up(path);
}

static void make_store(void)
{
	char path[192];
	int fd;

	if (!mkdtemp(dir) || chmod(dir, 0755))
		give_up(dir);
	make("/store", 0700);
	make("/store/objects", 0700);
	make("/store/spool", 0700);
	make("/store/spool/remote", 0700);
	make("/public", 01777);
	snprintf(place->store, sizeof(place->store), "%s/store", dir);
	snprintf(place->public, sizeof(place->public), "%s/public", dir);
	snprintf(path, sizeof(path), "%s/state.json", place->store);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	if (fd < 0 || write(fd, "{}", 2) != 2)
		give_up(path);
	close(fd);
	snprintf(path, sizeof(path), "%s/spool/remote", place->store);
	spool = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (spool < 0 || fchown(spool, USER, USER))
		give_up(path);
}

/* Somebody who listens, at a port and at an abstract socket */
static void make_services(void)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	socklen_t size = sizeof(at);
	int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int local = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(tcp, (struct sockaddr *)&at, size) || listen(tcp, 100) ||
	    getsockname(tcp, (struct sockaddr *)&at, &size))
		give_up("a TCP port");
	place->port = ntohs(at.sin_port);
	snprintf(place->socket, sizeof(place->socket), "cx-taken-over-%d",
		 getpid());
	memcpy(un.sun_path + 1, place->socket, strlen(place->socket));
	if (bind(local, (struct sockaddr *)&un,
		 offsetof(struct sockaddr_un, sun_path) + 1 +
		 strlen(place->socket)) || listen(local, 100))
		give_up("a unix socket");
}

static void make_victim(void)
{
	pid_t pid = fork();

	if (pid < 0)
		give_up("fork");
	if (pid) {
		place->victim = pid;
		return;
	}
	if (setresgid(USER, USER, USER) || setresuid(USER, USER, USER))
		_exit(1);
	for (;;)
		pause();
}

static void set_up(void)
{
	place_fd = memfd_create("place", MFD_CLOEXEC);
	if (place_fd < 0 || ftruncate(place_fd, sizeof(*place)))
		give_up("memfd");
	place = mmap(NULL, sizeof(*place), PROT_READ | PROT_WRITE, MAP_SHARED,
		     place_fd, 0);
	if (place == MAP_FAILED)
		give_up("mmap");
	make_store();
	make_services();
	make_victim();
}

static void tear_down(void)
{
	char command[192];

	kill(place->victim, SIGKILL);
	waitpid(place->victim, NULL, 0);
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	if (system(command))
		give_up(command);
}

/* Outside there is neither another user nor anything else of the sandbox. */
static pid_t start(const char *number, const char *where, int report)
{
	const char *const argv[] = { "fetcher", "--try", number, where, NULL };
	const int fds[] = { report, spool, place_fd };
	const struct cx_sandbox box = {
		.program = "/proc/self/exe", .argv = argv,
		.uid = USER, .gid = USER, .network = !strcmp(where, "network"),
		.file_size = 4ULL << 30, .fds = fds, .fds_count = 3,
	};
	struct cx_error err;
	pid_t pid;

	if (strcmp(where, "outside")) {
		if (!cx_sandbox_start(&box, &pid, &err))
			return pid;
		printf("# %s\n", err.text);
		return -1;
	}
	pid = fork();
	if (pid)
		return pid;
	report = fcntl(report, F_DUPFD, 64);
	spool = fcntl(spool, F_DUPFD, 64);
	place_fd = fcntl(place_fd, F_DUPFD, 64);
	dup2(report, REPORT_FD);
	dup2(spool, SPOOL_FD);
	dup2(place_fd, PLACE_FD);
	close_range(PLACE_FD + 1, ~0U, 0);
	execv(box.program, (char *const *)argv);
	_exit(127);
}

static bool judge(const struct report *report, bool told, int status,
		  char *by, size_t size)
{
	if (!told) {
		snprintf(by, size, "it was not tried (status %d)", status);
		return false;
	}
	if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGSYS ||
				    WTERMSIG(status) == SIGXFSZ)) {
		snprintf(by, size, "%s", strsignal(WTERMSIG(status)));
		return true;
	}
	if (!report->tried || report->rc >= 0) {
		snprintf(by, size, "it works (status %d)", status);
		return false;
	}
	snprintf(by, size, "%s", strerror(-report->rc));
	return true;
}

/* Return: whether it was refused; @report is what the child told last. */
static bool try_one(size_t index, const char *where, char *by, size_t size,
		    struct report *report)
{
	struct report next;
	char number[24];
	int ends[2], status = 0;
	bool told = false;
	pid_t pid;

	snprintf(number, sizeof(number), "%zu", index);
	if (pipe2(ends, O_CLOEXEC))
		give_up("pipe");
	pid = start(number, where, ends[1]);
	close(ends[1]);
	while (pid > 0 && read(ends[0], &next, sizeof(next)) == sizeof(next)) {
		*report = next;
		told = true;
	}
	close(ends[0]);
	if (pid > 0)
		waitpid(pid, &status, 0);
	return judge(report, told, status, by, size);
}

/* Why a verdict means nothing on this kernel, or NULL. */
static const char *reason_to_skip(const struct thing *thing, const char *where,
				  bool refused, const struct report *report)
{
	if (!strcmp(where, "outside") && report->rc == -ENOSYS)
		return "this kernel does not have that";
	if (!refused && !strcmp(where, "network") &&
	    report->landlock < thing->needs_landlock)
		return "this kernel's Landlock knows no ports";
	return NULL;
}

/* Return: how often the verdict was the wrong one. */
static size_t try_all(const char *where, size_t *number)
{
	bool wanted = strcmp(where, "outside");
	size_t i, refused = 0, wrong = 0;
	char by[128];

	for (i = 0; i < things_count; i++) {
		struct report report = { 0 };
		bool is = try_one(i, where, by, sizeof(by), &report);
		const char *skip = reason_to_skip(&things[i], where, is, &report);

		refused += is;
		wrong += !skip && is != wanted;
		printf("%sok %zu - %s: %s: %s%s%s\n",
		       skip || is == wanted ? "" : "not ", ++*number, where,
		       things[i].name, by, skip ? " # SKIP " : "",
		       skip ? skip : "");
		fflush(stdout);
	}
	printf("# %s: %zu of %zu refused\n", where, refused, things_count);
	return wrong;
}

int main(int argc, char **argv)
{
	bool outside = argc == 2 && !strcmp(argv[1], "--outside");
	size_t number = 0, wrong;

	if (argc == 4 && !strcmp(argv[1], "--try"))
		return be_the_fetcher(argv[2], argv[3]);
	if (geteuid()) {
		puts("ok 1 - a fetcher that was taken over # SKIP needs root\n1..1");
		return 0;
	}
	set_up();
	fflush(stdout);
	if (outside)
		wrong = try_all("outside", &number);
	else
		wrong = try_all("network", &number) +
			try_all("folder", &number);
	printf("1..%zu\n", number);
	tear_down();
	return wrong != 0;
}
