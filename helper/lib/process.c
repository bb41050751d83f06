// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

uint64_t cx_own_memory(void)
{
	unsigned long long pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");

	if (file && fscanf(file, "%llu", &pages) != 1)
		pages = 0;
	if (file)
		fclose(file);
	return pages * sysconf(_SC_PAGESIZE);
}

int cx_limit(int resource, uint64_t value)
{
	/* SIGXCPU comes only below the hard limit. */
	const struct rlimit both = {
		value, resource == RLIMIT_CPU ? value + 1 : value
	};

	return setrlimit(resource, &both) ? -errno : 0;
}

void cx_forget_signals(void)
{
	sigset_t none;
	int i;

	for (i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}
