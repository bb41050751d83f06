// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Usage: bench-walk path|stat|access OURS PEER MAPPINGS [CODE]
 *
 * A path walk by a process of exactly so many mappings, the file CODE, which
 * decides on its epoch, among them: mapped first, so that it lies behind all the
 * others for whoever looks through them.  Linked statically, to have few of its
 * own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "jobs.h"

#define PASSES 15

static const struct {
	const char *name;
	bench_job *job;
} jobs[] = {
	{ "path", job_path },
	{ "stat", job_stat },
	{ "access", job_access },
};

static bench_job *find_job(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(jobs) / sizeof(*jobs); i++)
		if (!strcmp(jobs[i].name, name))
			return jobs[i].job;
	bench_die("no such job: %s", name);
}

static void map_code(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd,
			   0) == MAP_FAILED)
		bench_die("%s: %s", path, strerror(errno));
	close(fd);
}

/* As the kernel lists them; the last one is no mapping of the process. */
static size_t count_mappings(void)
{
	char text[4096];
	size_t count = 0;
	ssize_t got, i;
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);

	while ((got = read(fd, text, sizeof(text))) > 0)
		for (i = 0; i < got; i++)
			count += text[i] == '\n';
	if (got < 0 || !count)
		bench_die("/proc/self/maps: %s", strerror(errno));
	close(fd);
	return count - 1;
}

int main(int argc, char **argv)
{
	struct file_arg ours, peer;
	size_t wanted, now;

	if (argc != 5 && argc != 6)
		bench_die("usage: bench-walk path|stat|access OURS PEER MAPPINGS [CODE]");
	if (argc == 6)
		map_code(argv[5]);
	ours.path = argv[2];
	peer.path = argv[3];
	wanted = strtoul(argv[4], NULL, 10);
	/* Output wants memory, too. */
	setvbuf(stdout, NULL, _IONBF, 0);
	now = count_mappings();
	if (now < wanted)
		map_many(wanted - now);
	now = count_mappings();
	if (now != wanted)
		bench_die("%zu mappings, not %zu", now, wanted);
	bench_compare(find_job(argv[1]), &ours, &peer, PASSES);
	return 0;
}
