// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Who spends instructions: the caller, or any other task, as the kernel's
 * threads after a switch.
 *
 * The scheduler counts, for each processor, the time of all tasks that it has
 * taken off it again, the idle one excepted; new threads are no exception.  The
 * file stays open, because closing one leaves work that would be counted.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "jobs.h"

#define SETTLE_US	200000	/* several RCU grace periods */
#define CALM		400000	/* instructions in this time: timers and the like */
#define ROUNDS		600	/* until it is given up */

struct cpu {
	int fd;
};

uint64_t cpu_own(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now))
		bench_die("clock: %s", strerror(errno));
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

struct cpu *cpu_open(void)
{
	struct cpu *cpu = malloc(sizeof(*cpu));

	if (!cpu)
		bench_die("out of memory");
	cpu->fd = open("/proc/schedstat", O_RDONLY | O_CLOEXEC);
	if (cpu->fd < 0)
		bench_die("/proc/schedstat: %s", strerror(errno));
	return cpu;
}

void cpu_close(struct cpu *cpu)
{
	close(cpu->fd);
	free(cpu);
}

/*
 * All tasks, with what is spent up to now by the caller, who is not off the
 * processor.  "cpu0" has nine numbers, the seventh is the time.
 */
static uint64_t all_tasks(const struct cpu *cpu)
{
	char text[4096], *field;
	ssize_t got = pread(cpu->fd, text, sizeof(text) - 1, 0);
	int i;

	if (got <= 0)
		bench_die("/proc/schedstat: %s", strerror(errno));
	text[got] = '\0';
	field = strstr(text, "\ncpu0 ");
	for (i = 0; field && i < 7; i++)
		field = strchr(field + 1, ' ');
	if (!field || strstr(text, "\ncpu1 "))
		bench_die("/proc/schedstat: not what one processor has");
	return strtoull(field, NULL, 10);
}

/* Right after a sleep the processor has counted all that the caller spent. */
static uint64_t others_now(const struct cpu *cpu)
{
	uint64_t own = cpu_own();

	return all_tasks(cpu) - own;
}

uint64_t cpu_others(const struct cpu *cpu)
{
	uint64_t before, now;
	int i;

	usleep(SETTLE_US);
	now = others_now(cpu);
	for (i = 0; i < ROUNDS; i++) {
		before = now;
		usleep(SETTLE_US);
		now = others_now(cpu);
		if (now - before < CALM)
			return now;
	}
	bench_die("the machine does not calm down: %llu instructions in 0.2 s",
		  (unsigned long long)(now - before));
}
