// SPDX-License-Identifier: LGPL-2.1-or-later
/* Jobs on one file that is in the page cache. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jobs.h"

#define PAGE	4096
#define OPENS	64	/* in a pass, of which one call's share is reported */

static int must_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		bench_die("%s: %s", path, strerror(errno));
	return fd;
}

/* Opens the file, reads all of it, closes it. */
uint64_t job_read(void *arg)
{
	static char buffer[1 << 20];
	const struct file_arg *file = arg;
	uint64_t start;
	ssize_t got;
	int fd;

	if (file->buffer > sizeof(buffer))
		bench_die("a buffer of at most %zu bytes", sizeof(buffer));
	start = bench_now();
	fd = must_open(file->path);
	do
		got = read(fd, buffer, file->buffer);
	while (got > 0);
	close(fd);
	if (got < 0)
		bench_die("%s: %s", file->path, strerror(errno));
	return bench_now() - start;
}

static size_t size_of(int fd, const char *path)
{
	struct stat st;

	if (fstat(fd, &st) || !st.st_size)
		bench_die("%s: no size", path);
	return st.st_size;
}

/* Maps the file and reads one byte of each page. */
uint64_t job_touch(void *arg)
{
	const struct file_arg *file = arg;
	uint64_t start = bench_now();
	int fd = must_open(file->path);
	size_t i, size = size_of(fd, file->path);
	volatile const char *map = mmap(NULL, size, PROT_READ | PROT_EXEC,
					MAP_PRIVATE, fd, 0);

	if (map == MAP_FAILED)
		bench_die("%s: mmap: %s", file->path, strerror(errno));
	close(fd);
	for (i = 0; i < size; i += PAGE)
		(void)map[i];
	munmap((void *)map, size);
	return bench_now() - start;
}

uint64_t job_open(void *arg)
{
	const struct file_arg *file = arg;
	uint64_t start = bench_now();
	int i;

	for (i = 0; i < OPENS; i++)
		close(must_open(file->path));
	return (bench_now() - start) / OPENS;
}

uint64_t job_stat(void *arg)
{
	const struct file_arg *file = arg;
	uint64_t start = bench_now();
	struct stat st;
	int i;

	for (i = 0; i < OPENS; i++)
		if (stat(file->path, &st))
			bench_die("%s: %s", file->path, strerror(errno));
	return (bench_now() - start) / OPENS;
}

/* Only finds the file: no object is opened. */
uint64_t job_path(void *arg)
{
	const struct file_arg *file = arg;
	uint64_t start = bench_now();
	int i, fd;

	for (i = 0; i < OPENS; i++) {
		fd = open(file->path, O_PATH | O_CLOEXEC);
		if (fd < 0)
			bench_die("%s: %s", file->path, strerror(errno));
		close(fd);
	}
	return (bench_now() - start) / OPENS;
}

uint64_t job_access(void *arg)
{
	const struct file_arg *file = arg;
	uint64_t start = bench_now();
	int i;

	for (i = 0; i < OPENS; i++)
		if (access(file->path, R_OK))
			bench_die("%s: %s", file->path, strerror(errno));
	return (bench_now() - start) / OPENS;
}

void map_many(size_t count)
{
	size_t i;

	/* Neighbours of unlike protection are not merged. */
	for (i = 0; i < count; i++)
		if (mmap(NULL, PAGE, i % 2 ? PROT_READ : PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
			bench_die("mmap: %s", strerror(errno));
}
