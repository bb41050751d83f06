// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What programs do with a cryptex: each call either fails or gives what was
 * sealed, and harms nobody else.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <linux/fsverity.h>

#include "failnth_cases.h"
#include "failnth_rig.h"
#include "report.h"

#define PAGE 4096

static struct stat status;
static char *mapping;

static char active_path[160], inactive_path[160], root_path[160],
	current_path[160];

static int result_of(long result)
{
	return result < 0 ? -errno : 0;
}

/* Cryptex a has two live epochs: its "2", which the agent maps, and "1". */
static void have_paths(void *arg)
{
	const struct cryptex *cx = &rig.cx[0];

	rig_prepare(arg);
	snprintf(root_path, sizeof(root_path), "%s", cx->dir);
	snprintf(current_path, sizeof(current_path), "%s/current", cx->dir);
	snprintf(active_path, sizeof(active_path), "%s/current/text", cx->dir);
	snprintf(inactive_path, sizeof(inactive_path), "%s/2/text", cx->dir);
	rig_drop_caches();
}

static int call_open(const char *path, int flags)
{
	rig.fd[0] = open(path, flags | O_CLOEXEC);
	return result_of(rig.fd[0]);
}

static int open_active(void *arg)
{
	(void)arg;
	return call_open(active_path, O_RDONLY);
}

static int open_inactive(void *arg)
{
	(void)arg;
	return call_open(inactive_path, O_RDONLY);
}

static void have_file(void *arg)
{
	have_paths(arg);
	if (open_active(NULL))
		die_errno("%s", active_path);
	/* The page that says what is in the file, too. */
	rig_drop_caches();
}

static void have_dir(const char *path, void *arg)
{
	have_paths(arg);
	if (call_open(path, O_RDONLY | O_DIRECTORY))
		die_errno("%s", path);
}

static void have_root(void *arg)
{
	have_dir(rig.cx[0].dir, arg);
}

static void have_generation(void *arg)
{
	char *path = cryptex_path(&rig.cx[0], "current");

	have_dir(path, arg);
	free(path);
}

static int call_stat(void *arg)
{
	(void)arg;
	return result_of(stat(active_path, &status));
}

static int call_readlink(void *arg)
{
	(void)arg;
	rig.length = readlink(current_path, rig.buffer, sizeof(rig.buffer));
	return result_of(rig.length);
}

static int call_read(void *arg)
{
	(void)arg;
	rig.length = pread(rig.fd[0], rig.buffer, PAGE, 0);
	return result_of(rig.length);
}

static int call_mmap(void *arg)
{
	(void)arg;
	mapping = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE,
		       rig.fd[0], 0);
	return mapping == MAP_FAILED ? -errno : 0;
}

static void have_mapping(void *arg)
{
	have_file(arg);
	if (call_mmap(NULL))
		die_errno("mmap");
	rig_drop_caches();
}

/* A page fault that does not end the process if it fails. */
static int call_populate(void *arg)
{
	(void)arg;
	return result_of(madvise(mapping, PAGE, MADV_POPULATE_READ));
}

static int call_munmap(void *arg)
{
	(void)arg;
	return result_of(munmap(mapping, PAGE));
}

static int call_getdents(void *arg)
{
	(void)arg;
	rig.length = syscall(SYS_getdents64, rig.fd[0], rig.buffer,
			     sizeof(rig.buffer));
	return result_of(rig.length);
}

static int call_measure(void *arg)
{
	struct fsverity_digest *digest = (void *)rig.buffer;

	(void)arg;
	digest->digest_size = CRYPTEX_DIGEST_SIZE;
	return result_of(ioctl(rig.fd[0], FS_IOC_MEASURE_VERITY, digest));
}

static int call_close(void *arg)
{
	int fd = rig.fd[0];

	(void)arg;
	rig.fd[0] = -1;
	return result_of(close(fd));
}

static bool end(bool right)
{
	bool same;

	rig_close();
	same = rig_is_same();
	return rig_works() && same && right;
}

static bool is_text(const char *text, const char *want)
{
	if (!strncmp(text, want, strlen(want)))
		return true;
	note("\"%.32s\" instead of \"%s\"", text, want);
	return false;
}

static bool is_opened(int err, const char *want)
{
	char text[32] = {};

	return err || (pread(rig.fd[0], text, strlen(want), 0) > 0 &&
		       is_text(text, want));
}

static bool check_active(void *arg, int err)
{
	(void)arg;
	return end(is_opened(err, "1:text\n"));
}

static bool check_inactive(void *arg, int err)
{
	(void)arg;
	return end(is_opened(err, "2:text\n"));
}

static bool check_stat(void *arg, int err)
{
	(void)arg;
	return end(err || (S_ISREG(status.st_mode) && status.st_size == PAGE));
}

static bool check_link(void *arg, int err)
{
	(void)arg;
	return end(err || (rig.length == 1 && rig.buffer[0] == '1'));
}

/* A part, if a later page could not be had. */
static bool check_read(void *arg, int err)
{
	(void)arg;
	return end(err || (rig.length > 0 &&
			   is_text(rig.buffer, "1:text\n")));
}

static bool check_mmap(void *arg, int err)
{
	bool right = err || is_text(mapping, "1:text\n");

	(void)arg;
	if (!err)
		munmap(mapping, PAGE);
	return end(right);
}

static bool check_populate(void *arg, int err)
{
	(void)err;
	return check_mmap(arg, 0);
}

/* What failed has not been done. */
static bool check_munmap(void *arg, int err)
{
	if (err)
		return check_mmap(arg, 0);
	return end(true);
}

/* With all that the first call left out, every name is told once. */
static bool check_names(int want)
{
	long count = 0, at;

	if (lseek(rig.fd[0], 0, SEEK_SET) || call_getdents(NULL))
		return end(false);
	for (at = 0; at < rig.length; count++)
		at += *(unsigned short *)(rig.buffer + at + 16);
	if (count != want)
		note("%ld names instead of %d", count, want);
	return end(count == want);
}

static bool check_root(void *arg, int err)
{
	(void)arg;
	(void)err;
	return check_names(2 + 2 + 3);	/* dots, generations, links */
}

static bool check_generation(void *arg, int err)
{
	(void)arg;
	(void)err;
	return check_names(2 + 4);
}

static bool check_measure(void *arg, int err)
{
	const struct fsverity_digest *digest = (const void *)rig.buffer;

	(void)arg;
	return end(err || digest->digest_size == CRYPTEX_DIGEST_SIZE);
}

static bool check_close(void *arg, int err)
{
	(void)arg;
	(void)err;
	return end(true);
}

/* EIO: fs-verity had no memory to check what it read. */
const struct sweep file_sweeps[] = {
	{ "open", have_paths, open_active, check_active, { EIO } },
	{ "open, inactive", have_paths, open_inactive, check_inactive, { EIO } },
	{ "stat through current", have_paths, call_stat, check_stat, {} },
	{ "readlink current", have_paths, call_readlink, check_link, {} },
	{ "read", have_file, call_read, check_read, { EIO } },
	{ "mmap", have_file, call_mmap, check_mmap, {} },
	{ "page fault", have_mapping, call_populate, check_populate, { EIO } },
	{ "munmap", have_mapping, call_munmap, check_munmap, {} },
	{ "getdents of the root", have_root, call_getdents, check_root, {} },
	{ "getdents", have_generation, call_getdents, check_generation, {} },
	{ "measure", have_file, call_measure, check_measure, {} },
	{ "close", have_file, call_close, check_close, {} },
	{}
};
