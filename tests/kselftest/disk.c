// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <linux/fs.h>

#include "disk.h"
#include "report.h"

#define BLOCK 4096

static off_t position_on_disk(int fd, off_t offset)
{
	int block = offset / BLOCK;

	if (ioctl(fd, FIBMAP, &block))
		die_errno("FIBMAP");
	if (!block)
		die("offset %ld is nowhere on the disk", (long)offset);
	return (off_t)block * BLOCK;
}

static int open_device(dev_t device, const char *dir)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/device", dir);
	if (mknod(path, S_IFBLK | 0600, device) && errno != EEXIST)
		die_errno("%s", path);
	fd = open(path, O_RDWR | O_DIRECT);
	if (fd < 0)
		die_errno("%s", path);
	return fd;
}

void disk_flip(const char *file, off_t offset, const char *dir)
{
	static char block[BLOCK] __attribute__((aligned(BLOCK)));
	int fd = open(file, O_RDONLY), device;
	struct stat st;
	off_t position;

	if (fd < 0 || fstat(fd, &st))
		die_errno("%s", file);
	sync();
	position = position_on_disk(fd, offset);
	close(fd);
	device = open_device(st.st_dev, dir);
	if (pread(device, block, BLOCK, position) != BLOCK)
		die_errno("read from the disk");
	block[offset % BLOCK] ^= 1;
	if (pwrite(device, block, BLOCK, position) != BLOCK || fsync(device))
		die_errno("write to the disk");
	close(device);
	if (system("echo 3 >/proc/sys/vm/drop_caches"))
		die("drop_caches");
}
