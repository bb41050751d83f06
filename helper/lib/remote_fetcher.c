// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/remote_fetcher.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/container.h"
#include "lib/file.h"
#include "lib/remote_spool.h"
#include "lib/sandbox.h"

#define SILENCE		600	/* seconds after which a fetcher is given up */
#define SPARE		(8ULL << 20)	/* bytes that it must leave free */
#define PATIENCE_MS	3000	/* for its end */

/* Where it is: beside this program, where both were built, or where `make install`
 * puts it. */
static const char *const places[] = {
	"cryptex-fetch", "../libexec/cryptex/cryptex-fetch",
};

static int find_program(char path[PATH_MAX], struct cx_error *err)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	size_t i;
	int size;

	if (n < 0)
		return cx_fail(err, -errno, "/proc/self/exe: %s",
			       strerror(errno));
	self[n] = '\0';
	*strrchr(self, '/') = '\0';
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		size = snprintf(path, PATH_MAX, "%s/%s", self, places[i]);
		if (size < PATH_MAX && !access(path, X_OK))
			return 0;
	}
	return cx_fail(err, -ENOENT,
		       "cryptex-fetch is neither in %s nor in %s/../libexec/cryptex: install it",
		       self, self);
}

static int find_user(uid_t *uid, gid_t *gid, struct cx_error *err)
{
	const struct passwd *user = getpwnam(CX_FETCH_USER);

	if (!user)
		return cx_fail(err, -ENOENT,
			       "there is no user " CX_FETCH_USER ", as which downloads take place: `systemd-sysusers` makes it");
	if (!user->pw_uid || !user->pw_gid)
		return cx_fail(err, -EPERM,
			       "the user " CX_FETCH_USER " has the rights of root: give it other numbers");
	*uid = user->pw_uid;
	*gid = user->pw_gid;
	return 0;
}

static int open_folder(const struct cx_remote *remote, const char *path,
		       struct cx_error *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return cx_fail(err, -errno,
			       "the repository %s: %s: %s", remote->name, path,
			       strerror(errno));
	return fd;
}

/* The fetcher's descriptors; the first one is its end of the socket. */
struct gifts {
	int fds[4];
	size_t count;
};

static int add_gift(struct gifts *gifts, int fd)
{
	if (fd >= 0)
		gifts->fds[gifts->count++] = fd;
	return fd < 0 ? fd : 0;
}

static int start(struct cx_fetcher *f, const struct gifts *gifts, uid_t uid,
		 gid_t gid, struct cx_error *err)
{
	const char *const argv[] = { "cryptex-fetch", f->remote->url, NULL };
	char program[PATH_MAX];
	const struct cx_sandbox box = {
		.program = program, .argv = argv, .uid = uid, .gid = gid,
		.network = strncmp(f->remote->url, "file:", 5),
		.file_size = CX_CONTAINER_MAX_OBJECT,
		.fds = gifts->fds, .fds_count = gifts->count,
	};
	int rc = find_program(program, err);

	return rc ? rc : cx_sandbox_start(&box, &f->pid, err);
}

static int gather(struct cx_fetcher *f, struct gifts *gifts, uid_t uid,
		  gid_t gid, struct cx_error *err)
{
	struct cx_url url;
	int ends[2], rc = cx_url_parse(f->remote->url, &url, err);

	if (rc)
		return rc;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return cx_fail(err, -errno, "no socket: %s", strerror(errno));
	f->sock = ends[0];
	add_gift(gifts, ends[1]);
	f->spool = cx_spool_open(&f->ops->store, f->remote->name, uid, gid, err);
	rc = add_gift(gifts, f->spool < 0 ? f->spool :
		      fcntl(f->spool, F_DUPFD_CLOEXEC, 0));
	if (!rc)
		rc = add_gift(gifts, cx_open_read(f->remote->root, NULL, err));
	if (!rc && url.path)
		rc = add_gift(gifts, open_folder(f->remote, url.path, err));
	return rc;
}

int cx_fetcher_start(struct cx_fetcher *fetcher, struct cx_error *err)
{
	struct gifts gifts = { .count = 0 };
	uid_t uid = 0;
	gid_t gid = 0;
	int rc = find_user(&uid, &gid, err);

	fetcher->pid = 0;
	fetcher->sock = fetcher->spool = -1;
	if (!rc)
		rc = gather(fetcher, &gifts, uid, gid, err);
	if (!rc)
		rc = start(fetcher, &gifts, uid, gid, err);
	while (gifts.count)
		close(gifts.fds[--gifts.count]);
	if (rc)
		cx_fetcher_stop(fetcher);
	return rc;
}

int cx_fetcher_send(const struct cx_fetcher *fetcher,
		    const struct cx_message *message, struct cx_error *err)
{
	int rc = cx_channel_send(fetcher->sock, message, -1, err);

	/* Why it has ended, only its last words can tell. */
	return rc == -EPIPE ? 0 : rc;
}

/* How it has ended, which it has not told. */
static int judge_end(const struct cx_fetcher *f, struct cx_error *err)
{
	siginfo_t info = { 0 };

	if (waitid(P_PID, f->pid, &info, WEXITED | WNOWAIT))
		return cx_fail(err, -ECHILD, "the fetcher is lost");
	if (info.si_code != CLD_EXITED && info.si_status == SIGSYS)
		return cx_fail(err, -EACCES,
			       "the fetcher for %s tried what it may not and was ended: it is an attack, or this is a mistake in here; nothing was taken",
			       f->remote->name);
	if (info.si_code != CLD_EXITED)
		return cx_fail(err, -ECHILD,
			       "the fetcher for %s was killed by signal %d (%s): try again",
			       f->remote->name, info.si_status,
			       strsignal(info.si_status));
	return cx_fail(err, -ECHILD,
		       "the fetcher for %s ended without an answer (exit %d): try again",
		       f->remote->name, info.si_status);
}

/* Whatever it does, the disk does not fill up with it. */
static int check_space(const struct cx_fetcher *f, struct cx_error *err)
{
	struct statvfs st;

	if (fstatvfs(f->spool, &st) ||
	    (uint64_t)st.f_bavail * st.f_frsize >= SPARE)
		return 0;
	return cx_fail(err, -ENOSPC,
		       "the store %s is full: free some space there and try again",
		       f->ops->store.path);
}

static int wait_for_message(const struct cx_fetcher *f, struct cx_error *err)
{
	struct pollfd pollfd = { .fd = f->sock, .events = POLLIN };
	int i, n, rc = 0;

	for (i = 0; i < SILENCE && !rc; i++) {
		n = poll(&pollfd, 1, 1000);
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return cx_fail(err, -errno, "poll: %s", strerror(errno));
		rc = check_space(f, err);
	}
	return rc ? rc : cx_fail(err, -ETIMEDOUT,
		"the fetcher for %s has said nothing for %d seconds: try again",
		f->remote->name, SILENCE);
}

/* Reading a file of another file system might never end. */
static int check_file(const struct cx_fetcher *f, int fd, struct cx_error *err)
{
	struct stat file, spool;

	if (fstat(fd, &file) || fstat(f->spool, &spool) ||
	    file.st_dev != spool.st_dev)
		return cx_fail(err, -EBADMSG,
			       "the fetcher for %s handed over a file that is not of its spool",
			       f->remote->name);
	return 0;
}

/* Return: 1 if that was for the caller, 0 if it was dealt with. */
static int sort_out(const struct cx_fetcher *f, const struct cx_message *m,
		    int fd, struct cx_error *err)
{
	switch (m->type) {
	case CX_MESSAGE_PROGRESS:
		if (f->progress)
			f->progress(f->ctx, m->progress.done,
				    m->progress.total);
		return 0;
	case CX_MESSAGE_NOTE:
		cx_ops_warn(f->ops, "%s: %s", f->remote->name,
			    m->fail.reason.text);
		return 0;
	case CX_MESSAGE_FAIL:
		return cx_fail(err, m->fail.code, "%s: %s", f->remote->name,
			       m->fail.reason.text);
	default:
		if (fd >= 0 && check_file(f, fd, err))
			return -EBADMSG;
		return 1;
	}
}

int cx_fetcher_next(const struct cx_fetcher *fetcher,
		    struct cx_message *message, int *fd, struct cx_error *err)
{
	int rc;

	for (;;) {
		rc = wait_for_message(fetcher, err);
		if (rc)
			return rc;
		rc = cx_channel_recv(fetcher->sock, CX_SIDE_FETCHER, message, fd,
				     err);
		if (!rc || rc == -ECONNRESET)
			return judge_end(fetcher, err);
		if (rc < 0)
			return cx_prefix(err, rc, "the fetcher for %s",
					 fetcher->remote->name);
		rc = sort_out(fetcher, message, *fd, err);
		if (rc > 0)
			return 0;
		if (*fd >= 0)
			close(*fd);
		*fd = -1;
		if (rc < 0)
			return rc;
	}
}

void cx_fetcher_stop(struct cx_fetcher *fetcher)
{
	const struct timespec step = { .tv_nsec = 10 * 1000000L };
	int waited = 0;

	if (fetcher->sock >= 0)
		close(fetcher->sock);
	while (fetcher->pid > 0 && waited < PATIENCE_MS &&
	       !waitpid(fetcher->pid, NULL, WNOHANG)) {
		nanosleep(&step, NULL);
		waited += 10;
	}
	if (fetcher->pid > 0 && waited >= PATIENCE_MS) {
		kill(fetcher->pid, SIGKILL);
		waitpid(fetcher->pid, NULL, 0);
	}
	if (fetcher->spool >= 0)
		close(fetcher->spool);
	fetcher->pid = 0;
	fetcher->sock = fetcher->spool = -1;
}
