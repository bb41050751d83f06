// SPDX-License-Identifier: LGPL-2.1-or-later
/* Running a program of the system. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <cmocka.h>

#include "lib/run.h"

static int run_sh(const char *script, struct cx_error *err)
{
	const char *const argv[] = { "sh", "-c", script, NULL };

	return cx_run(argv, err);
}

static void success_is_zero(void **unused)
{
	struct cx_error err;

	(void)unused;
	assert_int_equal(run_sh("echo out; echo err >&2", &err), 0);
}

static void failure_tells_status_and_first_line(void **unused)
{
	struct cx_error err;

	(void)unused;
	assert_int_equal(run_sh("echo one; echo two; exit 7", &err), -ECHILD);
	assert_string_equal(err.text, "sh failed (exit 7): one");
	assert_int_equal(run_sh("echo bad >&2; exit 1", &err), -ECHILD);
	assert_string_equal(err.text, "sh failed (exit 1): bad");
	assert_int_equal(run_sh("exit 1", &err), -ECHILD);
	assert_string_equal(err.text, "sh failed (exit 1): it did not say why");
}

static void a_signal_is_told(void **unused)
{
	struct cx_error err;

	(void)unused;
	assert_int_equal(run_sh("kill -9 $$", &err), -ECHILD);
	assert_string_equal(err.text, "sh was killed by signal 9");
}

/* More than a pipe holds must not stop the program. */
static void much_output_is_read(void **unused)
{
	struct cx_error err;

	(void)unused;
	assert_int_equal(run_sh("head -c 1000000 /dev/zero | tr '\\0' x; exit 2",
				&err), -ECHILD);
	assert_int_equal(strncmp(err.text, "sh failed (exit 2): xxx", 23), 0);
}

static void the_callers_environment_does_not_count(void **unused)
{
	struct cx_error err;

	(void)unused;
	setenv("PATH", "/nonexistent", 1);
	setenv("LD_PRELOAD", "/nonexistent.so", 1);
	assert_int_equal(run_sh("test -z \"$LD_PRELOAD\" && test \"$LC_ALL\" = C",
				&err), 0);
	unsetenv("LD_PRELOAD");
}

static void a_missing_program_is_named(void **unused)
{
	static const char *const argv[] = { "no-such-program", NULL };
	struct cx_error err;

	(void)unused;
	assert_int_equal(cx_run(argv, &err), -ENOENT);
	assert_non_null(strstr(err.text, "no-such-program is not installed"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(success_is_zero),
		cmocka_unit_test(failure_tells_status_and_first_line),
		cmocka_unit_test(a_signal_is_told),
		cmocka_unit_test(much_output_is_read),
		cmocka_unit_test(the_callers_environment_does_not_count),
		cmocka_unit_test(a_missing_program_is_named),
	};

	return cmocka_run_group_tests_name("run", tests, NULL, NULL);
}
