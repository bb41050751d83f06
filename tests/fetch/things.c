// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The attempts.  Each one does so little that it harms nothing where it works,
 * which it must outside of the sandbox: otherwise it would show nothing.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/netlink.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "taken_over.h"

static int done(long ret)
{
	return ret < 0 ? -errno : 0;
}

static int read_path(const char *path)
{
	char byte;
	int fd = open(path, O_RDONLY);
	int rc = fd < 0 ? -errno : done(read(fd, &byte, 1));

	close(fd);
	return rc;
}

static int create(int dir, const char *name)
{
	int rc, fd = openat(dir, name, O_WRONLY | O_CREAT, 0600);

	if (fd < 0)
		return -errno;
	rc = done(write(fd, "x", 1));
	unlinkat(dir, name, 0);
	return rc;
}

static int read_the_state(const struct place *p)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/state.json", p->store);
	return read_path(path);
}

static int read_the_state_from_the_spool(const struct place *p)
{
	int rc, fd = openat(SPOOL_FD, "../../state.json", O_RDONLY);

	(void)p;
	rc = fd < 0 ? -errno : 0;
	close(fd);
	return rc;
}

static int write_an_object(const struct place *p)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/objects/x", p->store);
	return create(AT_FDCWD, path);
}

static int write_an_object_from_the_spool(const struct place *p)
{
	(void)p;
	return create(SPOOL_FD, "../../objects/x");
}

static int write_outside_of_the_spool(const struct place *p)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/x", p->public);
	return create(AT_FDCWD, path);
}

static int read_a_users_file(const struct place *p)
{
	(void)p;
	return read_path("/etc/shadow");
}

static int look_into_the_daemon(const struct place *p)
{
	char path[32];

	(void)p;
	snprintf(path, sizeof(path), "/proc/%d/environ", getppid());
	return read_path(path);
}

static int connect_to(const struct place *p, int type)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_port = htons(p->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int rc, fd = socket(AF_INET, type, 0);

	if (fd < 0)
		return -errno;
	rc = done(connect(fd, (struct sockaddr *)&at, sizeof(at)));
	close(fd);
	return rc;
}

static int connect_elsewhere(const struct place *p)
{
	return connect_to(p, SOCK_STREAM);
}

static int offer_a_service(const struct place *p)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	int rc, fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)p;
	if (fd < 0)
		return -errno;
	rc = done(bind(fd, (struct sockaddr *)&at, sizeof(at)));
	if (!rc)
		rc = done(listen(fd, 1));
	close(fd);
	return rc;
}

static int open_socket(int domain, int type, int protocol)
{
	int fd = socket(domain, type, protocol);
	int rc = fd < 0 ? -errno : 0;

	close(fd);
	return rc;
}

static int speak_netlink(const struct place *p)
{
	(void)p;
	return open_socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
}

static int send_raw_packets(const struct place *p)
{
	(void)p;
	return open_socket(AF_PACKET, SOCK_RAW, 0);
}

static int call_a_local_service(const struct place *p)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int rc, fd = socket(AF_UNIX, SOCK_STREAM, 0);
	size_t size = strlen(p->socket);

	if (fd < 0)
		return -errno;
	memcpy(at.sun_path + 1, p->socket, size);
	rc = done(connect(fd, (struct sockaddr *)&at,
			  offsetof(struct sockaddr_un, sun_path) + 1 + size));
	close(fd);
	return rc;
}

static int trace_a_process(const struct place *p)
{
	int rc = done(ptrace(PTRACE_SEIZE, p->victim, NULL, NULL));

	if (!rc)
		ptrace(PTRACE_DETACH, p->victim, NULL, NULL);
	return rc;
}

static int kill_a_process(const struct place *p)
{
	return done(kill(p->victim, SIGCONT));
}

static int mount_something(const struct place *p)
{
	int rc;

	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return -errno;
	rc = done(mount("none", p->public, "tmpfs", 0, NULL));
	if (!rc)
		umount(p->public);
	return rc;
}

/* What is not a module says so only to who might load one. */
static int load_a_module(const struct place *p)
{
	(void)p;
	return syscall(SYS_init_module, "no module", 9UL, "") < 0 &&
	       errno != ENOEXEC ? -errno : 0;
}

static int load_bpf(const struct place *p)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4,
		.max_entries = 1,
	};

	(void)p;
	return done(syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)));
}

static int use_io_uring(const struct place *p)
{
	struct io_uring_params params = { 0 };

	(void)p;
	return done(syscall(SYS_io_uring_setup, 1, &params));
}

static int use_userfaultfd(const struct place *p)
{
	(void)p;
	return done(syscall(SYS_userfaultfd, O_CLOEXEC));
}

static int read_keyrings(const struct place *p)
{
	(void)p;
	return done(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID,
			    KEY_SPEC_PROCESS_KEYRING, 1));
}

static int become_root(const struct place *p)
{
	(void)p;
	return done(setresuid(0, 0, 0));
}

static int change_the_root(const struct place *p)
{
	return done(chroot(p->public));
}

static int make_a_user_namespace(const struct place *p)
{
	(void)p;
	return done(unshare(CLONE_NEWUSER));
}

static int run_a_program(const struct place *p)
{
	char *const argv[] = { "true", NULL };

	(void)p;
	execv("/bin/true", argv);
	return -errno;
}

static int fork_a_bomb(const struct place *p)
{
	int i;

	(void)p;
	for (i = 0; i < 64; i++) {
		/* not fork(3): it would be clone(2) without the flags that pass */
		pid_t pid = fork();

		if (pid < 0)
			return -errno;
		if (!pid) {
			pause();
			_exit(0);
		}
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	return 0;
}

static int map_code(const struct place *p)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)p;
	return page == MAP_FAILED ? -errno : 0;
}

/* One more byte than 4 GiB, in a file with a hole */
static int write_a_huge_file(const struct place *p)
{
	int rc, fd = openat(SPOOL_FD, ".", O_TMPFILE | O_WRONLY, 0600);

	(void)p;
	if (fd < 0)
		return -errno;
	signal(SIGXFSZ, SIG_IGN);
	rc = pwrite(fd, "xy", 2, (4ULL << 30) - 1) == 2 ? 0 : -EFBIG;
	close(fd);
	return rc;
}

static int take_memory(const struct place *p)
{
	const size_t size = 65 << 20;
	char *space = mmap(NULL, size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)p;
	if (space == MAP_FAILED)
		return -errno;
	memset(space, 1, size);
	return 0;
}

const struct thing things[] = {
	{ "read the daemon's state", read_the_state, 0 },
	{ "read the state, by a path from the spool", read_the_state_from_the_spool, 0 },
	{ "write an object into the store", write_an_object, 0 },
	{ "write an object, by a path from the spool", write_an_object_from_the_spool, 0 },
	{ "write outside of its spool", write_outside_of_the_spool, 0 },
	{ "read a file of root", read_a_users_file, 0 },
	{ "look into the daemon's environment", look_into_the_daemon, 0 },
	{ "open a connection to elsewhere", connect_elsewhere, 4 },
	{ "offer a service", offer_a_service, 4 },
	{ "speak netlink", speak_netlink, 0 },
	{ "send raw packets", send_raw_packets, 0 },
	{ "call a local service", call_a_local_service, 0 },
	{ "trace a process", trace_a_process, 0 },
	{ "kill a process", kill_a_process, 0 },
	{ "mount something", mount_something, 0 },
	{ "load a module", load_a_module, 0 },
	{ "load a bpf program", load_bpf, 0 },
	{ "use io_uring", use_io_uring, 0 },
	{ "use userfaultfd", use_userfaultfd, 0 },
	{ "read keyrings", read_keyrings, 0 },
	{ "become root", become_root, 0 },
	{ "change the root folder", change_the_root, 0 },
	{ "make a user namespace", make_a_user_namespace, 0 },
	{ "run a program", run_a_program, 0 },
	{ "fork until nothing is left", fork_a_bomb, 0 },
	{ "map code that it has written", map_code, 0 },
	{ "write a huge file", write_a_huge_file, 0 },
	{ "take more memory than it may", take_memory, 0 },
};

const size_t things_count = sizeof(things) / sizeof(things[0]);
