// SPDX-License-Identifier: LGPL-2.1-or-later
/* The drop-in for the dynamic linker. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/graft.h"
#include "seal_sample.h"

#define D (S_IFDIR | 0755)
#define F (S_IFREG | 0644)

/* lib/{libfoo.so,sub/libbar.so.1} bin/libtool share/{foo.so,libx.a} */
static const struct sample_entry tree[] = {
	{ "", D, 0, 3 },
	{ "bin", D, 0, 1 },
	{ "lib", D, 0, 2 },
	{ "share", D, 0, 4 },
	{ "libtool", F, 1, 0 },
	{ "libfoo.so", F, 2, 0 },
	{ "sub", D, 2, 1 },
	{ "foo.so", F, 3, 0 },
	{ "lib.so", F, 3, 0 },
	{ "libx.a", F, 3, 0 },
	{ "libx.sox", F, 3, 0 },
	{ "libbar.so.1", F, 6, 0 },
};

static void load(struct cx_seal *seal, const struct sample_entry *entries,
		 uint32_t count)
{
	struct cx_error err = { "" };

	if (sample_seal(seal, "1.0", entries, count, &err))
		fail_msg("%s", err.text);
}

static void folders_of_libraries_are_named(void **unused)
{
	struct cx_seal seal;
	struct cx_buf text;
	struct cx_error err;

	(void)unused;
	load(&seal, tree, sizeof(tree) / sizeof(tree[0]));
	assert_int_equal(cx_graft_text(&seal.view, "/m/x", &text, &err), 0);
	assert_string_equal(text.data, "/m/x/current/lib\n"
				       "/m/x/current/lib/sub\n");
	cx_buf_free(&text);
	cx_seal_free(&seal);
}

static void libraries_in_the_root_count(void **unused)
{
	static const struct sample_entry flat[] = {
		{ "", D, 0, 1 }, { "liba.so.2", F, 0, 0 },
	};
	struct cx_seal seal;
	struct cx_buf text;
	struct cx_error err;

	(void)unused;
	load(&seal, flat, 2);
	assert_int_equal(cx_graft_text(&seal.view, "/m/x", &text, &err), 0);
	assert_string_equal(text.data, "/m/x/current\n");
	cx_buf_free(&text);
	cx_seal_free(&seal);
}

static void no_library_is_no_text(void **unused)
{
	static const struct sample_entry empty[] = { { "", D, 0, 0 } };
	struct cx_seal seal;
	struct cx_buf text;
	struct cx_error err;

	(void)unused;
	load(&seal, empty, 1);
	assert_int_equal(cx_graft_text(&seal.view, "/m/x", &text, &err), 0);
	assert_int_equal(text.size, 0);
	cx_buf_free(&text);
	cx_seal_free(&seal);
}

/* ld.so.conf knows comments, and has no way to quote them. */
static void syntax_in_a_name_is_refused(void **unused)
{
	static const char *const names[] = { "a b", "a#b", "a=b", "a:b" };
	struct sample_entry entries[] = {
		{ "", D, 0, 1 }, { NULL, D, 0, 1 }, { "liba.so", F, 1, 0 },
	};
	struct cx_seal seal;
	struct cx_buf text;
	struct cx_error err;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		entries[1].name = names[i];
		load(&seal, entries, 3);
		assert_int_equal(cx_graft_text(&seal.view, "/m/x", &text, &err),
				 -EINVAL);
		assert_non_null(strstr(err.text, "--no-graft"));
		assert_null(text.data);
		cx_seal_free(&seal);
	}
}

static void a_drop_in_is_written_once_and_removed(void **unused)
{
	char dir[] = "/tmp/cx-graft-XXXXXX", path[64];
	struct cx_buf text = { .data = "/m/current\n", .size = 11 }, read;
	struct cx_error err;

	(void)unused;
	assert_non_null(mkdtemp(dir));
	assert_false(cx_graft_pending(dir, "x"));
	assert_int_equal(cx_graft_write(dir, "x", &text, &err), 1);
	assert_true(cx_graft_pending(dir, "x"));
	assert_int_equal(cx_graft_write(dir, "x", &text, &err), 0);
	snprintf(path, sizeof(path), "%s/00-cryptex-x.conf", dir);
	assert_int_equal(cx_read_file(path, 100, &read, &err), 0);
	assert_string_equal(read.data, "/m/current\n");
	cx_buf_free(&read);
	text.size = 3;
	assert_int_equal(cx_graft_write(dir, "x", &text, &err), 1);
	assert_int_equal(cx_graft_remove(dir, "x", &err), 1);
	assert_int_equal(cx_graft_remove(dir, "x", &err), 0);
	assert_int_equal(rmdir(dir), 0);
	assert_true(cx_graft_write(dir, "x", &text, &err) < 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(folders_of_libraries_are_named),
		cmocka_unit_test(libraries_in_the_root_count),
		cmocka_unit_test(no_library_is_no_text),
		cmocka_unit_test(syntax_in_a_name_is_refused),
		cmocka_unit_test(a_drop_in_is_written_once_and_removed),
	};

	return cmocka_run_group_tests_name("graft", tests, NULL, NULL);
}
