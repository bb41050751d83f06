// SPDX-License-Identifier: LGPL-2.1-or-later
/* Staging, and mounting many. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jobs.h"
#include "lib/mountfs.h"
#include "lib/netlink.h"

/* From the page cache it is read by the module: a disk's speed is not ours. */
static void read_whole(int fd, const char *name)
{
	static char buffer[1 << 20];
	ssize_t got;

	do
		got = read(fd, buffer, sizeof(buffer));
	while (got > 0);
	if (got < 0 || lseek(fd, 0, SEEK_SET))
		bench_die("%s: %s", name, strerror(errno));
}

void measure_stage(const char *seal)
{
	int fd = open(seal, O_RDONLY | O_CLOEXEC);
	struct cx_netlink *nl;
	struct cx_error err;
	uint64_t start;

	if (fd < 0)
		bench_die("%s: %s", seal, strerror(errno));
	read_whole(fd, seal);
	if (cx_netlink_open(&nl, &err))
		bench_die("%s", err.text);
	start = cpu_own();
	if (cx_netlink_stage(nl, fd, &err))
		bench_die("%s", err.text);
	printf("%" PRIu64 "\n", cpu_own() - start);
	cx_netlink_close(nl);
	close(fd);
}

void mount_many(const char *prefix, const char *store, const char *dir,
		size_t count)
{
	char seal[512], point[512];
	struct cx_error err;
	size_t i;

	for (i = 1; i <= count; i++) {
		snprintf(seal, sizeof(seal), "%s%zu-0.seal", prefix, i);
		snprintf(point, sizeof(point), "%s/%zu", dir, i);
		if (mkdir(point, 0755) && errno != EEXIST)
			bench_die("%s: %s", point, strerror(errno));
		if (cx_mountfs_mount(store, seal, point, &err))
			bench_die("%s", err.text);
	}
}

void umount_many(const char *dir, size_t count)
{
	char point[512];
	struct cx_error err;
	size_t i;

	for (i = 1; i <= count; i++) {
		snprintf(point, sizeof(point), "%s/%zu", dir, i);
		if (cx_mountfs_umount(point, &err))
			bench_die("%s", err.text);
	}
}
