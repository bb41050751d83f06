// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/fixes.h"

static int parse(const char *json, struct cx_fixes *fixes, struct cx_error *err)
{
	*fixes = (struct cx_fixes){ 0 };
	return cx_fixes_parse(fixes, json, strlen(json), err);
}

static void test_round_trip(void **state)
{
	static const char json[] =
		"[{\"id\":\"CVE-2026-1\",\"severity\":\"high\",\"text\":\"\"},"
		"{\"id\":\"DSA-2\",\"severity\":\"unknown\",\"text\":\"caf\xc3\xa9 \\\"x\\\"\"}]";
	struct cx_fixes fixes;
	struct cx_error err;
	struct cx_buf out;

	(void)state;
	assert_int_equal(parse(json, &fixes, &err), 0);
	assert_int_equal(fixes.count, 2);
	assert_string_equal(fixes.list[1].text, "caf\xc3\xa9 \"x\"");
	assert_int_equal(cx_fixes_format(&fixes, &out, &err), 0);
	assert_string_equal(out.data, json);
	assert_int_equal(out.size, strlen(json));
	cx_buf_free(&out);
	cx_fixes_free(&fixes);
}

static void test_empty(void **state)
{
	struct cx_fixes fixes = { 0 };
	struct cx_error err;
	struct cx_buf out;

	(void)state;
	assert_int_equal(cx_fixes_parse(&fixes, NULL, 0, &err), 0);
	assert_int_equal(fixes.count, 0);
	assert_int_equal(cx_fixes_format(&fixes, &out, &err), 0);
	assert_int_equal(out.size, 0);
	assert_null(out.data);
}

/* The area is not NUL-terminated in a seal. */
static void test_size_counts(void **state)
{
	struct cx_fixes fixes = { 0 };
	struct cx_error err;

	(void)state;
	assert_int_equal(cx_fixes_parse(&fixes, "[]garbage", 2, &err), 0);
	assert_int_equal(cx_fixes_parse(&fixes, "[]garbage", 3, &err), -EBADMSG);
}

static void test_refused(void **state)
{
	static const struct {
		const char *json;
		int ret;
		const char *sentence;
	} bad[] = {
		{ "{", -EBADMSG, "not JSON" },
		{ "{}", -EBADMSG, "not a JSON array" },
		{ "[]]", -EBADMSG, "not JSON" },
		{ "[1]", -EBADMSG, "element 0" },
		{ "[{\"id\":\"A\",\"severity\":\"low\"}]", -EBADMSG, "text" },
		{ "[{\"id\":\"A\",\"id\":\"B\",\"severity\":\"low\",\"text\":\"\"}]",
		  -EBADMSG, "duplicate" },
		{ "[{\"id\":\"A\",\"severity\":\"low\",\"text\":\"\",\"x\":1}]",
		  -EBADMSG, "element 0" },
		{ "[{\"id\":1,\"severity\":\"low\",\"text\":\"\"}]", -EBADMSG,
		  "element 0" },
		{ "[{\"id\":\"\",\"severity\":\"low\",\"text\":\"\"}]", -EINVAL,
		  "an id is" },
		{ "[{\"id\":\"a/b\",\"severity\":\"low\",\"text\":\"\"}]",
		  -EINVAL, "an id is" },
		{ "[{\"id\":\"012345678901234567890123456789012\",\"severity\":\"low\",\"text\":\"\"}]",
		  -EINVAL, "an id is" },
		{ "[{\"id\":\"A\",\"severity\":\"LOW\",\"text\":\"\"}]", -EINVAL,
		  "severity" },
		{ "[{\"id\":\"A\",\"severity\":\"low\",\"text\":\"\\u001b\"}]",
		  -EINVAL, "control character" },
		{ "[{\"id\":\"A\",\"severity\":\"low\",\"text\":\"\\u0000\"}]",
		  -EBADMSG, "" },
		{ "[{\"id\":\"A\",\"severity\":\"low\",\"text\":\"\xff\"}]",
		  -EBADMSG, "not JSON" },
	};
	struct cx_fixes fixes;
	struct cx_error err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(parse(bad[i].json, &fixes, &err), bad[i].ret);
		assert_non_null(strstr(err.text, bad[i].sentence));
		cx_fixes_free(&fixes);
	}
}

static void test_add(void **state)
{
	char long_text[CX_FIX_TEXT_MAX + 2];
	struct cx_fixes fixes = { 0 };
	struct cx_error err;

	(void)state;
	memset(long_text, 'x', sizeof(long_text));
	long_text[CX_FIX_TEXT_MAX + 1] = '\0';
	assert_int_equal(cx_fixes_add(&fixes, "A", "low", long_text, &err),
			 -EINVAL);
	long_text[CX_FIX_TEXT_MAX] = '\0';
	assert_int_equal(cx_fixes_add(&fixes, "A", "low", long_text, &err), 0);
	assert_int_equal(cx_fixes_add(&fixes, "A", "low", "", &err), -EEXIST);
	assert_int_equal(cx_fixes_add(&fixes, "B", "low", "\xff", &err),
			 -EILSEQ);
	assert_int_equal(fixes.count, 1);
	cx_fixes_free(&fixes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_size_counts),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_add),
	};

	return cmocka_run_group_tests_name("fixes", tests, NULL, NULL);
}
