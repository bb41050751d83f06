// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <linux/kcov.h>

#include "kcov.h"
#include "module.h"
#include "report.h"

#define DEVICE "/sys/kernel/debug/kcov"
#define SECTIONS "/sys/module/" MODULE_NAME "/sections/"
#define AREA (256 << 10)	/* addresses noticed between two collections */
#define BUCKETS (64 << 10)

/* The first word is the number of those behind it. */
static unsigned long *area;

/* Where each site is now: open addressing, 0 for none. */
static struct {
	unsigned long address;
	size_t site;
} buckets[BUCKETS];

static bool read_site(FILE *file, struct kcov *k)
{
	struct kcov_site s;

	if (fscanf(file, "%31s %lx %63s %95s", s.section, &s.offset,
		   s.function, s.line) != 4)
		return false;
	k->sites = reallocarray(k->sites, k->count + 1, sizeof(s));
	if (!k->sites)
		die("out of memory");
	k->sites[k->count++] = s;
	return true;
}

const char *kcov_read_sites(struct kcov *k, const char *path)
{
	FILE *file;

	memset(k, 0, sizeof(*k));
	if (access(DEVICE, W_OK))
		return "this kernel has no KCOV";
	file = path ? fopen(path, "re") : NULL;
	if (!file)
		return "there is no list of the module's branches";
	while (read_site(file, k))
		;
	fclose(file);
	if (!k->count || k->count > BUCKETS / 2)
		return "the module was built without KCOV";
	k->reached = mmap(NULL, k->count * sizeof(*k->reached),
			  PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			  -1, 0);
	if (k->reached == MAP_FAILED)
		die_errno("mmap");
	return NULL;
}

static unsigned long section_address(const char *section)
{
	char path[128];
	unsigned long address;
	FILE *file;

	snprintf(path, sizeof(path), SECTIONS "%s", section);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%lx", &address) != 1)
		die_errno("%s", path);
	fclose(file);
	return address;
}

static size_t bucket_of(unsigned long address)
{
	size_t i = (address * 0x9e3779b97f4a7c15 >> 32) % BUCKETS;

	while (buckets[i].address && buckets[i].address != address)
		i = (i + 1) % BUCKETS;
	return i;
}

static void locate(const struct kcov *k)
{
	const char *section = "";
	unsigned long base = 0;
	size_t i, bucket;

	memset(buckets, 0, sizeof(buckets));
	for (i = 0; i < k->count; i++) {
		if (strcmp(section, k->sites[i].section)) {
			section = k->sites[i].section;
			base = section_address(section);
		}
		bucket = bucket_of(base + k->sites[i].offset);
		buckets[bucket].address = base + k->sites[i].offset;
		buckets[bucket].site = i;
	}
}

void kcov_start(struct kcov *k)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);

	locate(k);
	if (fd < 0 || ioctl(fd, KCOV_INIT_TRACE, AREA))
		die_errno(DEVICE);
	area = mmap(NULL, AREA * sizeof(*area), PROT_READ | PROT_WRITE,
		    MAP_SHARED, fd, 0);
	if (area == MAP_FAILED || ioctl(fd, KCOV_ENABLE, KCOV_TRACE_PC))
		die_errno(DEVICE);
}

void kcov_collect(struct kcov *k)
{
	unsigned long i, count = __atomic_load_n(&area[0], __ATOMIC_RELAXED);
	size_t bucket;

	for (i = 1; i <= count; i++) {
		bucket = bucket_of(area[i]);
		if (buckets[bucket].address)
			k->reached[buckets[bucket].site] = true;
	}
	__atomic_store_n(&area[0], 0, __ATOMIC_RELAXED);
}

size_t kcov_count_reached(const struct kcov *k)
{
	size_t i, count = 0;

	for (i = 0; i < k->count; i++)
		count += k->reached[i];
	return count;
}
