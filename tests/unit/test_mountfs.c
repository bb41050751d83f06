// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is mounted at a place, out of a list of mounts that is made for the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mountfs.h"

#define MOUNTS "/proc/self/mounts"

static struct cx_error err;

/* A /proc of our own, in a mount namespace of our own. */
static int set_up(void **unused)
{
	(void)unused;
	if (geteuid())
		return 0;
	return unshare(CLONE_NEWNS) ||
	       mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	       mount("none", "/proc", "tmpfs", 0, NULL) ||
	       mkdir("/proc/self", 0755);
}

static void write_mounts(const char *text)
{
	FILE *file = fopen(MOUNTS, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void the_mount_on_top_counts(void **unused)
{
	char *source;

	(void)unused;
	if (geteuid())
		skip();
	write_mounts("/dev/a / ext4 rw 0 0\n"
		     "/s/1.seal /m/libs cryptex ro 0 0\n"
		     "/s/2.seal /m/libs cryptex ro 0 0\n"
		     "/s/3.seal /m/bits cryptex ro 0 0\n"
		     "none /m/bits tmpfs rw 0 0\n");
	assert_int_equal(cx_mountfs_source("/m/libs", &source, &err), 0);
	assert_string_equal(source, "/s/2.seal");
	free(source);
	assert_int_equal(cx_mountfs_source("/m/bits", &source, &err), 0);
	assert_null(source);
	assert_int_equal(cx_mountfs_source("/m", &source, &err), 0);
	assert_null(source);
}

static void without_a_list_there_is_an_error(void **unused)
{
	char *source;

	(void)unused;
	if (geteuid())
		skip();
	unlink(MOUNTS);
	assert_int_equal(cx_mountfs_source("/m", &source, &err), -ENOENT);
	assert_null(source);
}

/* A folder opens like a file, and does not read like one. */
static void a_read_error_is_not_an_empty_list(void **unused)
{
	char *source;

	(void)unused;
	if (geteuid())
		skip();
	unlink(MOUNTS);
	assert_int_equal(mkdir(MOUNTS, 0755), 0);
	assert_int_equal(cx_mountfs_source("/m", &source, &err), -EIO);
	assert_non_null(strstr(err.text, MOUNTS " cannot be read"));
	assert_null(source);
	assert_int_equal(rmdir(MOUNTS), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_mount_on_top_counts),
		cmocka_unit_test(without_a_list_there_is_an_error),
		cmocka_unit_test(a_read_error_is_not_an_empty_list),
	};

	return cmocka_run_group_tests_name("mountfs", tests, set_up, NULL);
}
