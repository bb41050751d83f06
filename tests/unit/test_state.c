// SPDX-License-Identifier: LGPL-2.1-or-later
/* state.json: what goes in comes out, and damage is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/state.h"

static char dir[] = "/tmp/cx-state-XXXXXX";

static void path_of(char *path, size_t size, const char *name)
{
	snprintf(path, size, "%s/%s", dir, name);
}

static void put(const char *text)
{
	char path[64];
	FILE *f;

	path_of(path, sizeof(path), "state.json");
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int set_up(void **unused)
{
	char path[64];

	(void)unused;
	strcpy(dir, "/tmp/cx-state-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	path_of(path, sizeof(path), "tmp");
	return mkdir(path, 0700);
}

static int tear_down(void **unused)
{
	char path[64];

	(void)unused;
	path_of(path, sizeof(path), "state.json");
	unlink(path);
	path_of(path, sizeof(path), "tmp");
	return rmdir(path) || rmdir(dir);
}

static void set(struct cx_state *state, const char *name, const char *active)
{
	struct cx_state_entry e = { .mountpoint = "/usr/cryptexes/x",
				    .graft = true };
	struct cx_error err;

	strcpy(e.name, name);
	strcpy(e.base, "1.0");
	strcpy(e.active, active);
	assert_int_equal(cx_state_set(state, &e, &err), 0);
}

static void save(const struct cx_state *state)
{
	struct cx_error err;

	assert_int_equal(cx_state_save(dir, state, &err), 0);
}

static void no_file_is_an_empty_state(void **unused)
{
	struct cx_state state;
	struct cx_error err;

	(void)unused;
	assert_int_equal(cx_state_load(dir, &state, &err), 0);
	assert_int_equal(state.count, 0);
	assert_null(cx_state_find(&state, "openssl"));
	cx_state_free(&state);
}

static void what_is_saved_is_loaded(void **unused)
{
	struct cx_state state = { 0 }, again;
	struct cx_error err;

	(void)unused;
	set(&state, "zlib", "1.0+a");
	set(&state, "openssl", "1.0");
	set(&state, "nss", "1.0");
	state.entries[1].graft = false;
	save(&state);
	assert_int_equal(cx_state_load(dir, &again, &err), 0);
	assert_int_equal(again.count, 3);
	assert_string_equal(again.entries[0].name, "nss");
	assert_string_equal(again.entries[1].name, "openssl");
	assert_string_equal(again.entries[2].name, "zlib");
	assert_string_equal(again.entries[2].active, "1.0+a");
	assert_string_equal(again.entries[2].base, "1.0");
	assert_string_equal(again.entries[2].mountpoint, "/usr/cryptexes/x");
	assert_true(again.entries[0].graft);
	assert_false(again.entries[1].graft);
	cx_state_free(&state);
	cx_state_free(&again);
}

static void set_replaces_and_remove_forgets(void **unused)
{
	struct cx_state state = { 0 };

	(void)unused;
	set(&state, "a", "1.0");
	set(&state, "b", "1.0");
	set(&state, "a", "2.0");
	assert_int_equal(state.count, 2);
	assert_string_equal(cx_state_find(&state, "a")->active, "2.0");
	cx_state_remove(&state, "c");
	cx_state_remove(&state, "a");
	assert_int_equal(state.count, 1);
	assert_string_equal(state.entries[0].name, "b");
	cx_state_remove(&state, "b");
	assert_int_equal(state.count, 0);
	cx_state_free(&state);
}

static void an_aborted_save_leaves_the_old_state(void **unused)
{
	struct cx_state state = { 0 }, again;
	struct cx_output out;
	struct cx_error err;
	struct dirent *entry;
	char tmp[64];
	DIR *d;

	(void)unused;
	set(&state, "a", "1.0");
	save(&state);
	set(&state, "a", "2.0");
	assert_int_equal(cx_state_prepare(dir, &state, &out, &err), 0);
	assert_int_equal(cx_state_load(dir, &again, &err), 0);
	assert_string_equal(again.entries[0].active, "1.0");
	cx_state_free(&again);
	cx_output_abort(&out);
	path_of(tmp, sizeof(tmp), "tmp");
	d = opendir(tmp);
	while ((entry = readdir(d)))
		assert_int_equal(entry->d_name[0], '.');
	rewinddir(d);
	readdir(d);
	readdir(d);
	assert_null(readdir(d));
	closedir(d);
	cx_state_free(&state);
}

static const struct {
	const char *text;
	int code;
	const char *said;
} damage[] = {
	{ "", -EBADMSG, "it is empty" },
	{ "{", -EBADMSG, "line 1" },
	{ "nonsense", -EBADMSG, "line 1" },
	{ "[]", -EBADMSG, "it has no version" },
	{ "{\"version\":\"1\"}", -EBADMSG, "it has no version" },
	{ "{\"version\":2}", -EPROTONOSUPPORT, "its version is 2" },
	{ "{\"version\":1}", -EBADMSG, "it lists no cryptexes" },
	{ "{\"version\":1,\"version\":1}", -EBADMSG, "duplicate" },
	{ "{\"version\":1,\"cryptexes\":{\"../x\":{\"base\":\"1\",\"active\":\"1\",\"mountpoint\":\"/x\"}}}",
	  -EBADMSG, "malformed cryptex name" },
	{ "{\"version\":1,\"cryptexes\":{\"x\":{\"base\":\"../1\",\"active\":\"1\",\"mountpoint\":\"/x\"}}}",
	  -EBADMSG, "malformed version label" },
	{ "{\"version\":1,\"cryptexes\":{\"x\":{\"base\":\"1\",\"active\":\"base\",\"mountpoint\":\"/x\"}}}",
	  -EBADMSG, "malformed version label" },
	{ "{\"version\":1,\"cryptexes\":{\"x\":{\"base\":\"1\",\"active\":\"1\",\"mountpoint\":\"/x/../y\"}}}",
	  -EBADMSG, "malformed mountpoint" },
	{ "{\"version\":1,\"cryptexes\":{\"x\":{\"base\":\"1\",\"active\":\"1\"}}}",
	  -EBADMSG, "malformed mountpoint" },
	{ "{\"version\":1,\"cryptexes\":{\"x\":7}}", -EBADMSG,
	  "malformed version label" },
};

static void damage_is_named(void **unused)
{
	struct cx_state state;
	struct cx_error err;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		put(damage[i].text);
		assert_int_equal(cx_state_load(dir, &state, &err),
				 damage[i].code);
		if (!strstr(err.text, damage[i].said))
			fail_msg("'%s' gave '%s'", damage[i].text, err.text);
		assert_int_equal(state.count, 0);
	}
}

static void mountpoints_are_plain(void **unused)
{
	static const char *const good[] = {
		"/x", "/usr/cryptexes/openssl", "/a.b/..c/d+e", "/opt/x_y-z",
	};
	static const char *const bad[] = {
		"", "/", "x", "./x", "/x/", "//x", "/x//y", "/x/./y", "/x/..",
		"/../x", "/x y", "/x\ty", "/x#y", "/x=y", "/x:y", "/x\ny",
		"/x*", "/x,y",
	};
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!cx_mountpoint_ok(good[i]))
			fail_msg("'%s' was refused", good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (cx_mountpoint_ok(bad[i]))
			fail_msg("'%s' was taken", bad[i]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(no_file_is_an_empty_state),
		TEST(what_is_saved_is_loaded),
		TEST(set_replaces_and_remove_forgets),
		TEST(an_aborted_save_leaves_the_old_state),
		TEST(damage_is_named),
		cmocka_unit_test(mountpoints_are_plain),
	};

	return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
