// SPDX-License-Identifier: LGPL-2.1-or-later
/* What several repositories took back, out of the store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/remote_known.h"
#include "lib/remote_withdrawn.h"
#include "store_sample.h"

static void put(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

/* What a remote has: the patch @label, taken back for @reason if that is not NULL. */
static void save(const char *remote, const char *label, const char *reason)
{
	static struct cx_release r;
	struct cx_known known = { .url = "http://x", .checked = 1795327200 };

	r = (struct cx_release){
		.item = { .name = "libs" }, .seal_size = 1000, .patch = 1,
		.severity = "low", .channel = "stable", .withdrawn = !!reason,
	};
	strcpy(r.item.label, label);
	strcpy(r.reason, reason ? reason : "");
	assert_int_equal(cx_known_add(&known, &r, &err), 0);
	assert_int_equal(cx_known_save(&store, remote, &known, &err), 0);
	cx_known_free(&known);
}

static const char *reason(const struct cx_withdrawals *found, const char *name,
			  const char *label)
{
	struct cx_item item;

	strcpy(item.name, name);
	strcpy(item.label, label);
	return cx_withdrawals_reason(found, &item);
}

static void without_a_check_there_is_none(void **unused)
{
	struct cx_withdrawals found;

	(void)unused;
	assert_int_equal(cx_withdrawals_load(&store, &found, &err), 0);
	assert_int_equal(found.count, 0);
	assert_null(reason(&found, "libs", "1"));
	cx_withdrawals_free(&found);
}

static void every_remote_is_looked_into(void **unused)
{
	struct cx_withdrawals found;

	(void)unused;
	save("a", "1", "It broke");
	save("b", "2", "It leaks");
	save("c", "3", NULL);
	save("d", "4", "");
	put("remotes/e.json", "{");
	put("remotes/README", "none of ours");
	assert_int_equal(cx_withdrawals_load(&store, &found, &err), 0);
	assert_int_equal(found.count, 2);
	assert_string_equal(reason(&found, "libs", "1"), "It broke");
	assert_string_equal(reason(&found, "libs", "2"), "It leaks");
	assert_null(reason(&found, "libs", "3"));
	assert_null(reason(&found, "libs", "4"));
	assert_null(reason(&found, "bits", "1"));
	cx_withdrawals_free(&found);
	assert_int_equal(found.count, 0);
}

static void a_folder_that_cannot_be_read_is_told(void **unused)
{
	struct cx_withdrawals found;

	(void)unused;
	put("remotes", "");
	assert_int_equal(cx_withdrawals_load(&store, &found, &err), -ENOTDIR);
	assert_non_null(strstr(err.text, "/remotes: cannot be read"));
	cx_withdrawals_free(&found);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(without_a_check_there_is_none),
		TEST(every_remote_is_looked_into),
		TEST(a_folder_that_cannot_be_read_is_told),
	};

	return cmocka_run_group_tests_name("withdrawn", tests, NULL, NULL);
}
