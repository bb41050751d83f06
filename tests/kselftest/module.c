// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "module.h"
#include "report.h"

#define FILE_VARIABLE "CX_KSFT_MODULE"
#define TRIES 100
#define PAUSE 50000	/* microseconds */

int module_open(void)
{
	const char *path = getenv(FILE_VARIABLE);

	return path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
}

bool module_is_loaded(void)
{
	return !access("/sys/module/" MODULE_NAME "/refcnt", F_OK);
}

int module_insert(int fd)
{
	return syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
}

int module_remove(void)
{
	return syscall(SYS_delete_module, MODULE_NAME, O_NONBLOCK) ? -errno : 0;
}

void module_load(void)
{
	int fd = module_open();
	int err = fd < 0 ? -errno : module_insert(fd);

	if (err)
		die("insmod: %s", strerror(-err));
	close(fd);
}

void module_unload(void)
{
	int tries = TRIES, err;

	while ((err = module_remove()) == -EAGAIN || err == -EBUSY) {
		if (!tries--)
			break;
		usleep(PAUSE);
	}
	if (err)
		die("rmmod: %s", strerror(-err));
}
