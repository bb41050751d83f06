// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/run.h"

static const char *const folders[] = {
	"/usr/sbin", "/usr/bin", "/sbin", "/bin",
};

static char *const environment[] = {
	"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL,
};

static int find_program(const char *name, char path[PATH_MAX],
			struct cx_error *err)
{
	size_t i;

	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(path, PATH_MAX, "%s/%s", folders[i], name);
		if (!access(path, X_OK))
			return 0;
	}
	return cx_fail(err, -ENOENT,
		       "%s is not installed: there is none in /usr/sbin or /usr/bin",
		       name);
}

static int spawn(const char *path, const char *const argv[], int output,
		 pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	int rc = posix_spawn_file_actions_init(&actions);

	if (rc)
		return -rc;
	rc = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null",
					      O_RDONLY, 0);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(&actions, output, 1);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(&actions, output, 2);
	if (!rc)
		rc = posix_spawn(pid, path, &actions, NULL,
				 (char *const *)argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	return -rc;
}

/* Keep the start of what comes, but read all of it: a full pipe would stop the
 * program. */
static void read_output(int fd, char *text, size_t size)
{
	char more[512];
	size_t used = 0;
	ssize_t n;

	while ((n = read(fd, more, sizeof(more))) > 0 ||
	       (n < 0 && errno == EINTR)) {
		size_t room = size - 1 - used;

		if (n < 0)
			continue;
		memcpy(text + used, more, (size_t)n < room ? (size_t)n : room);
		used += (size_t)n < room ? (size_t)n : room;
	}
	text[used] = '\0';
	text[strcspn(text, "\n")] = '\0';
}

static int judge(const char *name, pid_t pid, const char *text,
		 struct cx_error *err)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return cx_fail(err, -errno, "%s: %s", name,
				       strerror(errno));
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	if (WIFSIGNALED(status))
		return cx_fail(err, -ECHILD, "%s was killed by signal %d",
			       name, WTERMSIG(status));
	return cx_fail(err, -ECHILD, "%s failed (exit %d): %s", name,
		       WEXITSTATUS(status), text[0] ? text : "it did not say why");
}

int cx_run(const char *const argv[], struct cx_error *err)
{
	char path[PATH_MAX], text[256];
	int ends[2], rc = find_program(argv[0], path, err);
	pid_t pid;

	if (rc)
		return rc;
	if (pipe2(ends, O_CLOEXEC))
		return cx_fail(err, -errno, "%s: %s", argv[0], strerror(errno));
	rc = spawn(path, argv, ends[1], &pid);
	close(ends[1]);
	if (!rc)
		read_output(ends[0], text, sizeof(text));
	close(ends[0]);
	if (rc)
		return cx_fail(err, rc, "cannot run %s: %s", path, strerror(-rc));
	return judge(argv[0], pid, text, err);
}
