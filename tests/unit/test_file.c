// SPDX-License-Identifier: LGPL-2.1-or-later
/* Files as they are read: whole, or the start of one that somebody else has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"

static char dir[64], path[80];
static struct cx_error err;

static int set_up(void **unused)
{
	(void)unused;
	strcpy(dir, "/tmp/cx-file-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	strcat(strcpy(path, dir), "/f");
	return cx_write_file(path, NULL, "0123456789", 10, 0600, &err);
}

static int tear_down(void **unused)
{
	(void)unused;
	unlink(path);
	return rmdir(dir);
}

static void the_start_of_a_file_is_read(void **unused)
{
	struct cx_buf buf;
	int fd = open(path, O_RDONLY);

	(void)unused;
	assert_int_equal(lseek(fd, 7, SEEK_SET), 7);
	assert_int_equal(cx_read_fd(fd, 4, "it", &buf, &err), 0);
	assert_int_equal(buf.size, 4);
	assert_memory_equal(buf.data, "0123", 5);
	cx_buf_free(&buf);
	assert_int_equal(cx_read_fd(fd, 10, "it", &buf, &err), 0);
	assert_memory_equal(buf.data, "0123456789", 11);
	cx_buf_free(&buf);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 7);
	close(fd);
}

static void a_file_that_is_too_short_is_refused(void **unused)
{
	struct cx_buf buf;
	int fd = open(path, O_RDONLY);

	(void)unused;
	assert_int_equal(cx_read_fd(fd, 11, "it", &buf, &err), -EBADMSG);
	assert_string_equal(err.text, "it: is shorter than it has to be");
	assert_null(buf.data);
	close(fd);
}

static void what_cannot_be_read_says_why(void **unused)
{
	struct cx_buf buf;
	int fd = open(path, O_WRONLY);

	(void)unused;
	assert_int_equal(cx_read_fd(fd, 1, "it", &buf, &err), -EBADF);
	assert_non_null(strstr(err.text, "it: cannot be read: "));
	assert_null(buf.data);
	close(fd);
}

static void a_whole_file_has_a_limit(void **unused)
{
	struct cx_buf buf;

	(void)unused;
	assert_int_equal(cx_read_file(path, 10, &buf, &err), 0);
	assert_int_equal(buf.size, 10);
	assert_memory_equal(buf.data, "0123456789", 11);
	cx_buf_free(&buf);
	assert_int_equal(cx_read_file(path, 9, &buf, &err), -EFBIG);
	assert_null(buf.data);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(cx_read_file(path, 10, &buf, &err), -ENODATA);
	assert_int_equal(cx_read_file(dir, 10, &buf, &err), -EISDIR);
}

static void a_name_is_synced_in_its_folder(void **unused)
{
	char lost[96];

	(void)unused;
	strcat(strcpy(lost, path), "/f");
	assert_int_equal(cx_sync_name(path, &err), 0);
	assert_int_equal(cx_sync_name(lost, &err), -ENOTDIR);
	assert_int_equal(cx_sync_name("/none/f", &err), -ENOENT);
	assert_string_equal(err.text, "/none: there is no such folder");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(the_start_of_a_file_is_read),
		TEST(a_file_that_is_too_short_is_refused),
		TEST(what_cannot_be_read_says_why),
		TEST(a_whole_file_has_a_limit),
		TEST(a_name_is_synced_in_its_folder),
	};

	return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
