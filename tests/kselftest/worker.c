// SPDX-License-Identifier: LGPL-2.1-or-later
#include <sys/wait.h>

#include "report.h"
#include "worker.h"

pid_t worker_start(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die_errno("fork");
	return pid;
}

bool worker_ended_well(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       !WEXITSTATUS(status);
}
