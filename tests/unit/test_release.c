// SPDX-License-Identifier: LGPL-2.1-or-later
/* Releases and indexes as JSON, which a publisher has signed and may have got wrong. */
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

#include "fetch/index.h"
#include "lib/release_json.h"
#include "lib/remote_known.h"

#define DIGEST "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define OTHER "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const char good[] =
	"{\"name\":\"openssl\",\"label\":\"3\",\"kind\":\"patch\",\"digest\":\"" DIGEST "\","
	"\"base\":\"" OTHER "\",\"security_epoch\":4,\"severity\":\"high\","
	"\"fixes\":[{\"id\":\"CVE-2026-1\",\"severity\":\"high\",\"text\":\"x\"}],"
	"\"channel\":\"stable\",\"hardware\":[\"server\"],"
	"\"rollout\":{\"percent\":50,\"start\":\"2026-11-22T06:00:00Z\"},"
	"\"urgency\":\"urgent\",\"activation\":\"boot\",\"build_time\":1700000000,"
	"\"withdrawn\":{\"time\":\"2026-11-23T06:00:00Z\",\"reason\":\"It broke.\"}}";

static json_t *parse(const char *text)
{
	json_t *json = json_loads(text, 0, NULL);

	assert_non_null(json);
	return json;
}

static int read_release(const json_t *json, struct cx_release *release)
{
	struct cx_error err = { "" };
	int rc = cx_release_from_json(json, 1000, release, &err);

	assert_true(!rc || *err.text);
	return rc;
}

static void a_release_is_read(void **unused)
{
	static struct cx_release r;
	json_t *json = parse(good);

	(void)unused;
	assert_int_equal(read_release(json, &r), 0);
	json_decref(json);
	assert_string_equal(r.item.name, "openssl");
	assert_int_equal(r.digest[1], 0x11);
	assert_int_equal(r.base[0], 0xff);
	assert_int_equal(r.security_epoch, 4);
	assert_int_equal(r.rollout_start, 1795327200);
	assert_int_equal(r.rollout_percent, 50);
	assert_true(r.patch && r.urgent && r.at_boot && r.withdrawn);
	assert_string_equal(r.reason, "It broke.");
	assert_string_equal(r.hardware[0], "server");
	assert_string_equal(r.fixes[0].id, "CVE-2026-1");
	assert_int_equal(r.seal_size, 1000);
}

static void it_is_written_as_it_was(void **unused)
{
	static struct cx_release first, second;
	json_t *json = parse(good), *again;

	(void)unused;
	assert_int_equal(read_release(json, &first), 0);
	again = cx_release_to_json(&first);
	assert_non_null(again);
	assert_int_equal(read_release(again, &second), 0);
	assert_memory_equal(&first, &second, sizeof(first));
	json_decref(json);
	json_decref(again);
}

/* Each member: missing, and of each wrong type; "withdrawn" alone may be missing. */
static void each_member_counts(void **unused)
{
	static const char *const wrong[] = { "null", "{}", "[]", "true", "-1", "\"\\u0001\"" };
	static struct cx_release r;
	json_t *json = parse(good);
	const char *key;
	json_t *value;
	size_t i;

	(void)unused;
	json_object_foreach(json, key, value) {
		json_t *copy = json_deep_copy(json);

		json_object_del(copy, key);
		assert_int_equal(read_release(copy, &r),
				 strcmp(key, "withdrawn") ? -EBADMSG : 0);
		for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
			/* Lists may be empty. */
			if (json_is_array(value) && !strcmp(wrong[i], "[]"))
				continue;
			json_object_set_new(copy, key,
				json_loads(wrong[i], JSON_DECODE_ANY, NULL));
			if (read_release(copy, &r) != -EBADMSG)
				fail_msg("%s: %s", key, wrong[i]);
		}
		json_decref(copy);
	}
	json_decref(json);
}

static void fixes_that_are_too_many_are_left_out(void **unused)
{
	static struct cx_release r;
	json_t *json = parse(good), *list = json_object_get(json, "fixes");
	int i;

	(void)unused;
	for (i = 0; i < 100; i++)
		json_array_append(list, json_array_get(list, 0));
	assert_int_equal(read_release(json, &r), 0);
	assert_int_equal(r.fixes_count, CX_RELEASE_FIXES_MAX);
	json_decref(json);
}

static void times_are_of_one_form(void **unused)
{
	int64_t seconds;
	char text[32];

	(void)unused;
	assert_true(cx_time_parse("1970-01-01T00:00:00Z", &seconds));
	assert_int_equal(seconds, 0);
	assert_string_equal(cx_time_format(1795327200, text),
			    "2026-11-22T06:00:00Z");
	assert_false(cx_time_parse("2026-11-22 06:00:00Z", &seconds));
	assert_false(cx_time_parse("2026-11-22T06:00:00", &seconds));
	assert_false(cx_time_parse("2026-11-22T06:00:00Zx", &seconds));
	assert_false(cx_time_parse("2026-1-2T06:00:00Z", &seconds));
	assert_false(cx_time_parse("", &seconds));
}

static void what_is_known_is_kept(void **unused)
{
	char dir[] = "/tmp/cx-known-XXXXXX", tmp[64];
	struct cx_known known = { .url = "http://x", .checked = 1795327200,
				  .list_number = 7 }, read;
	struct cx_store store = { .path = dir, .tmp = tmp };
	static struct cx_release r;
	struct cx_error err;
	json_t *json = parse(good);
	int i;

	(void)unused;
	assert_int_equal(read_release(json, &r), 0);
	json_decref(json);
	assert_non_null(mkdtemp(dir));
	snprintf(tmp, sizeof(tmp), "%s/tmp", dir);
	assert_int_equal(mkdir(tmp, 0700), 0);
	store.fd = open(dir, O_RDONLY | O_DIRECTORY);
	for (i = 0; i < 5; i++)
		assert_int_equal(cx_known_add(&known, &r, &err), 0);
	assert_int_equal(cx_known_load(&store, "r", &read, &err), -ENOENT);
	assert_int_equal(cx_known_save(&store, "r", &known, &err), 0);
	assert_int_equal(cx_known_load(&store, "r", &read, &err), 0);
	assert_int_equal(read.count, 5);
	assert_int_equal(read.list_number, 7);
	assert_int_equal(read.checked, 1795327200);
	assert_memory_equal(read.releases, known.releases, 5 * sizeof(r));
	cx_known_remove(&store, "r");
	assert_int_equal(cx_known_load(&store, "r", &known, &err), -ENOENT);
	cx_known_free(&read);
	close(store.fd);
	unlinkat(AT_FDCWD, tmp, AT_REMOVEDIR);
	snprintf(tmp, sizeof(tmp), "%s/remotes", dir);
	rmdir(tmp);
	assert_int_equal(rmdir(dir), 0);
}

#define INDEX(objects) "{\"format\":1,\"objects\":{" objects "}}"

static int read_index(const char *text, struct index **index)
{
	struct cx_error err = { "" };
	int rc = index_parse(text, strlen(text), index, &err);

	assert_true(!rc || *err.text);
	return rc;
}

static void an_index_tells_the_smallest_way_first(void **unused)
{
	uint8_t digest[CRYPTEX_DIGEST_SIZE];
	const struct index_object *o;
	struct index *index;

	(void)unused;
	assert_int_equal(read_index(INDEX("\"" DIGEST "\":{\"size\":9,\"packed\":50,\"deltas\":{"
		"\"" DIGEST "\":70,\"" OTHER "\":3}},\"" OTHER "\":{\"packed\":1}"), &index), 0);
	assert_true(cx_unhex(DIGEST, digest, sizeof(digest)));
	o = index_find(index, digest);
	assert_non_null(o);
	assert_int_equal(o->count, 3);
	assert_int_equal(o->ways[0].size, 3);
	assert_true(o->ways[0].delta);
	assert_int_equal(o->ways[0].old[0], 0xff);
	assert_int_equal(o->ways[1].size, 50);
	assert_false(o->ways[1].delta);
	digest[31] ^= 1;
	assert_null(index_find(index, digest));
	assert_null(index_find(NULL, digest));
	index_free(index);
	assert_int_equal(read_index(INDEX(""), &index), 0);
	index_free(index);
}

static void a_wrong_index_is_refused(void **unused)
{
	static const char *const texts[] = {
		"", "[]", "{}", "{\"format\":1}", "{\"format\":1,\"objects\":[]}",
		INDEX("\"12\":{\"packed\":1}"),
		INDEX("\"" DIGEST "\":{\"packed\":0}"),
		INDEX("\"" DIGEST "\":{\"packed\":-1}"),
		INDEX("\"" DIGEST "\":{\"packed\":\"1\"}"),
		INDEX("\"" DIGEST "\":{\"packed\":99999999999999}"),
		INDEX("\"" DIGEST "\":{\"deltas\":{\"12\":1}}"),
		INDEX("\"" DIGEST "\":{\"deltas\":{\"" OTHER "\":0}}"),
		INDEX("\"" DIGEST "\":{},\"" DIGEST "\":{}"),
		INDEX("") "x",
	};
	struct index *index;
	size_t i;

	(void)unused;
	assert_int_equal(read_index("{\"format\":2,\"objects\":{}}", &index),
			 -EPROTONOSUPPORT);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (read_index(texts[i], &index) >= 0)
			fail_msg("'%s' is taken", texts[i]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_release_is_read),
		cmocka_unit_test(it_is_written_as_it_was),
		cmocka_unit_test(each_member_counts),
		cmocka_unit_test(fixes_that_are_too_many_are_left_out),
		cmocka_unit_test(times_are_of_one_form),
		cmocka_unit_test(what_is_known_is_kept),
		cmocka_unit_test(an_index_tells_the_smallest_way_first),
		cmocka_unit_test(a_wrong_index_is_refused),
	};

	return cmocka_run_group_tests_name("release", tests, NULL, NULL);
}
