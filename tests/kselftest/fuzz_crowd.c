// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz_crowd.h"
#include "worker.h"

#define PAGE 4096

static int open_some(struct pool *p, struct fuzz_random *r, const char *what)
{
	const struct cryptex *cx = &p->cx[fuzz_below(r, POOL_CRYPTEXES)];
	char path[256];

	snprintf(path, sizeof(path), "%s/%s/%s", cx->dir,
		 fuzz_once_in(r, 2) ? "current" : pool_label(p, r), what);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void change_mapping(struct pool *p, struct fuzz_random *r, void **slot)
{
	int fd;

	if (*slot) {
		munmap(*slot, PAGE);
		*slot = NULL;
		return;
	}
	fd = open_some(p, r, "text");
	if (fd < 0)
		return;
	*slot = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	if (*slot == MAP_FAILED)
		*slot = NULL;
	close(fd);
}

static void change_folder(struct pool *p, struct fuzz_random *r, int *folder)
{
	if (*folder) {
		close(*folder - 1);
		*folder = 0;
	} else {
		*folder = open_some(p, r, "d") + 1;
	}
}

static void end_process(pid_t *process)
{
	kill(*process, SIGKILL);
	waitpid(*process, NULL, 0);
	*process = 0;
}

static void start_process(pid_t *process)
{
	*process = worker_start();
	if (*process)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

static void end_processes(struct crowd *c)
{
	int i;

	for (i = 0; i < CROWD_PROCESSES; i++)
		if (c->processes[i])
			end_process(&c->processes[i]);
}

/* Some come, or all go: many are needed for a dump of them to have two parts. */
static void change_processes(struct crowd *c, struct fuzz_random *r)
{
	int i;

	if (fuzz_once_in(r, 6)) {
		end_processes(c);
		return;
	}
	for (i = 0; i < CROWD_PROCESSES; i++)
		if (!c->processes[i] && fuzz_once_in(r, 4))
			start_process(&c->processes[i]);
}

void crowd_change(struct crowd *c, struct pool *p, struct fuzz_random *r)
{
	switch (fuzz_below(r, 16)) {
	case 0:
		change_processes(c, r);
		break;
	case 1:
	case 2:
		change_folder(p, r, &c->folders[fuzz_below(r, CROWD_FOLDERS)]);
		break;
	default:
		change_mapping(p, r, &c->mappings[fuzz_below(r, CROWD_MAPPINGS)]);
	}
}

void crowd_disperse(struct crowd *c)
{
	int i;

	end_processes(c);
	for (i = 0; i < CROWD_FOLDERS; i++)
		if (c->folders[i])
			close(c->folders[i] - 1);
	for (i = 0; i < CROWD_MAPPINGS; i++)
		if (c->mappings[i])
			munmap(c->mappings[i], PAGE);
	memset(c, 0, sizeof(*c));
}
