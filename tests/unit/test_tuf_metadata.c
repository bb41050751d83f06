// SPDX-License-Identifier: LGPL-2.1-or-later
/* Metadata of The Update Framework that are refused, and why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <stdio.h>
#include <cmocka.h>

#include "lib/tuf/limits.h"
#include "lib/tuf/metadata.h"

static void files_that_are_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "", "is not JSON" },
		{ "[]", "'signed'" },
		{ "{\"signed\": {}, \"signatures\": [], \"signed\": {}}",
		  "duplicate" },
		{ "{\"signed\": {\"a\": {\"b\": 1, \"b\": 2}}, \"signatures\": []}",
		  "duplicate" },
		{ "{\"signed\": {}, \"signatures\": []} {}", "end of file" },
		{ "{\"signed\": {}, \"signatures\": {}}", "'signatures'" },
		{ "{\"signed\": {}, \"signatures\": [1]}", "'keyid'" },
		{ "{\"signed\": {}, \"signatures\": [{\"keyid\": \"a\"}]}",
		  "'sig'" },
		{ "{\"signed\": {}, \"signatures\": [{\"keyid\": \"a\", \"sig\": \"\"}, {\"keyid\": \"a\", \"sig\": \"\"}]}",
		  "two signatures by the key a" },
		{ "{\"signed\": {\"a\": 1.0}, \"signatures\": []}",
		  "not an integer" },
		{ "{\"signed\": {\"a\": \"\\u0000\"}, \"signatures\": []}",
		  "is not JSON" },
		{ "{\"signed\": {\"a\": \"\xff\"}, \"signatures\": []}",
		  "is not JSON" },
	};
	struct cx_tuf_envelope envelope;
	struct cx_error err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(cx_tuf_envelope_read(cases[i].text,
						      strlen(cases[i].text),
						      &envelope, &err),
				 -EBADMSG);
		if (!strstr(err.text, cases[i].why))
			fail_msg("'%s' is not in: %s", cases[i].why, err.text);
	}
}

#define HEAD(type) "{\"_type\": \"" type "\", \"spec_version\": \"1.0.34\", " \
	"\"version\": 1, \"expires\": \"2030-01-01T00:00:00Z\""
#define ROLE "{\"keyids\": [], \"threshold\": 1}"
#define DELEGATE(roles) HEAD("targets") ", \"targets\": {}, " \
	"\"delegations\": {\"keys\": {}, \"roles\": [" roles "]}}"
#define TEAM(rest) "{\"name\": \"a\", \"keyids\": [], \"threshold\": 1" rest "}"
#define ROOT(role) HEAD("root") ", \"keys\": {}, \"roles\": {\"root\": " role "}}"
#define TIMESTAMP(snapshot) HEAD("timestamp") \
	", \"meta\": {\"snapshot.json\": {" snapshot "}}}"
#define TARGET(name, rest) HEAD("targets") ", \"targets\": {\"" name "\": {" rest "}}}"
#define HASHES "\"hashes\": {\"md5\": \"\"}"

static const struct {
	const char *type, *text, *why;
} parts[] = {
	{ "root", "{}", "'_type'" },
	{ "root", HEAD("targets") "}", "is of the type 'targets'" },
	{ "root", HEAD("root") "}", "'keys'" },
	{ "root", HEAD("root") ", \"keys\": {}}", "'roles'" },
	{ "root", ROOT(ROLE), "'timestamp'" },
	{ "root", ROOT("{\"keyids\": [], \"threshold\": 0}"), "'threshold'" },
	{ "root", ROOT("{\"keyids\": [1], \"threshold\": 1}"), "not a string" },
	{ "root", ROOT("{\"keyids\": [\"a\", \"a\"], \"threshold\": 1}"),
	  "the key a twice" },
	{ "root", HEAD("root") ", \"consistent_snapshot\": 1}",
	  "'consistent_snapshot'" },
	{ "timestamp", HEAD("timestamp") "}", "'meta'" },
	{ "timestamp", TIMESTAMP("\"version\": 0"), "'version'" },
	{ "timestamp", TIMESTAMP("\"version\": 1, \"length\": -1"),
	  "'length'" },
	{ "timestamp", TIMESTAMP("\"version\": 1, \"hashes\": {}"),
	  "'hashes'" },
	{ "timestamp", TIMESTAMP("\"version\": 1, \"hashes\": {\"sha256\": \"ab\"}"),
	  "'sha256'" },
	{ "snapshot", HEAD("snapshot") ", \"meta\": {}}", "'targets.json'" },
	{ "snapshot", HEAD("snapshot") ", \"meta\": {\"targets.json\": 1}}",
	  "'version'" },
	{ "targets", HEAD("targets") "}", "'targets'" },
	{ "targets", TARGET("../a", "\"length\": 1, " HASHES), "plain relative" },
	{ "targets", TARGET("a", HASHES), "the target 'a': 'length'" },
	{ "targets", TARGET("a", "\"length\": 1"), "'hashes'" },
	{ "targets", TARGET("a", "\"length\": 1, " HASHES ", \"custom\": 1"),
	  "'custom'" },
	{ "targets", HEAD("targets") ", \"targets\": {}, \"delegations\": []}",
	  "'keys'" },
	{ "targets", DELEGATE("{}"), "'name'" },
	{ "targets", DELEGATE("{\"name\": \"root\"}"), "top level" },
	{ "targets", DELEGATE("{\"name\": \"a\"}"), "'keyids'" },
	{ "targets", DELEGATE(TEAM("")), "exactly one" },
	{ "targets", DELEGATE(TEAM(", \"paths\": [], \"path_hash_prefixes\": []")),
	  "exactly one" },
	{ "targets", DELEGATE(TEAM(", \"paths\": [1]")), "something else" },
	{ "targets", DELEGATE(TEAM(", \"paths\": [\"[a]\"]")),
	  "other wildcards" },
	{ "targets", DELEGATE(TEAM(", \"paths\": []") ", {\"name\": \"a\"}"),
	  "twice" },
	{ "targets", DELEGATE(TEAM(", \"paths\": [], \"terminating\": 0")),
	  "'terminating'" },
};

static int parse(const char *type, const char *text, struct cx_error *err)
{
	json_t *json = json_loads(text, 0, NULL);
	struct cx_tuf_timestamp *timestamp;
	struct cx_tuf_snapshot *snapshot;
	struct cx_tuf_targets *targets;
	struct cx_tuf_root *root;
	int ret;

	if (!json)
		fail_msg("a test's own JSON: %s", text);
	if (*type == 'r')
		ret = cx_tuf_root_parse(json, &root, err);
	else if (!strcmp(type, "timestamp"))
		ret = cx_tuf_timestamp_parse(json, &timestamp, err);
	else if (*type == 's')
		ret = cx_tuf_snapshot_parse(json, &snapshot, err);
	else
		ret = cx_tuf_targets_parse(json, "targets", &targets, err);
	json_decref(json);
	return ret;
}

static void contents_that_are_refused(void **state)
{
	struct cx_error err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		assert_int_equal(parse(parts[i].type, parts[i].text, &err),
				 -EBADMSG);
		if (!strstr(err.text, parts[i].why))
			fail_msg("'%s' is not in: %s", parts[i].why, err.text);
	}
}

static void headers_that_are_refused(void **state)
{
	static const struct {
		const char *version, *number, *expires;
		int ret;
	} cases[] = {
		{ "1.0.34", "1", "2030-01-31T23:59:59Z", 0 },
		{ "1.0", "1", "2030-01-31T23:59:59Z", 0 },
		{ "1.99.0", "1", "2030-01-31T23:59:59Z", 0 },
		{ "2.0.0", "1", "2030-01-31T23:59:59Z", -EBADMSG },
		{ "1", "1", "2030-01-31T23:59:59Z", -EBADMSG },
		{ "1.0.x", "1", "2030-01-31T23:59:59Z", -EBADMSG },
		{ "1.0.1.1", "1", "2030-01-31T23:59:59Z", -EBADMSG },
		{ "+1.0.1", "1", "2030-01-31T23:59:59Z", -EBADMSG },
		{ "1.0.34", "0", "2030-01-31T23:59:59Z", -EBADMSG },
		{ "1.0.34", "-1", "2030-01-31T23:59:59Z", -EBADMSG },
		{ "1.0.34", "\"1\"", "2030-01-31T23:59:59Z", -EBADMSG },
		{ "1.0.34", "9007199254740993", "2030-01-31T23:59:59Z", -EBADMSG },
		{ "1.0.34", "1", "2030-02-30T00:00:00Z", -EBADMSG },
		{ "1.0.34", "1", "2030-1-31T23:59:59Z", -EBADMSG },
		{ "1.0.34", "1", "2030-01-31 23:59:59Z", -EBADMSG },
		{ "1.0.34", "1", "2030-01-31T23:59:59", -EBADMSG },
		{ "1.0.34", "1", "2030-01-31T23:59:59Z ", -EBADMSG },
		{ "1.0.34", "1", "2030-01-31T23:59:59+01:00", -EBADMSG },
		{ "1.0.34", "1", "", -EBADMSG },
	};
	struct cx_tuf_header header;
	struct cx_error err;
	char text[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		json_t *json;

		snprintf(text, sizeof(text),
			 "{\"_type\": \"root\", \"spec_version\": \"%s\", \"version\": %s, \"expires\": \"%s\"}",
			 cases[i].version, cases[i].number, cases[i].expires);
		json = json_loads(text, 0, NULL);
		if (cx_tuf_get_header(json, "root", &header, &err) !=
		    cases[i].ret)
			fail_msg("%s", text);
		json_decref(json);
	}
	assert_int_equal(header.version, 1);
}

static void put_patterns(FILE *out, size_t role, int count)
{
	fprintf(out, "%s{\"name\": \"r%zu\", \"keyids\": [], \"threshold\": 1, \"paths\": [\"a\"",
		role ? "," : "", role);
	while (--count)
		fputs(",\"a\"", out);
	fputs("]}", out);
}

/* A count that grows until it is one too many */
static void lists_have_an_end(void **state)
{
	struct cx_error err;
	size_t i, size;
	char *text;
	FILE *out;

	(void)state;
	out = open_memstream(&text, &size);
	fputs(HEAD("targets") ", \"targets\": {", out);
	for (i = 0; i <= CX_TUF_TARGETS_COUNT; i++)
		fprintf(out, "%s\"t%zu\": {\"length\": 1, " HASHES "}",
			i ? "," : "", i);
	fputs("}}", out);
	fclose(out);
	assert_int_equal(parse("targets", text, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "at most 8192"));
	free(text);
	out = open_memstream(&text, &size);
	fputs(HEAD("root") ", \"roles\": {}, \"keys\": {", out);
	for (i = 0; i <= CX_TUF_KEYS_MAX; i++)
		fprintf(out, "%s\"k%zu\": {}", i ? "," : "", i);
	fputs("}}", out);
	fclose(out);
	assert_int_equal(parse("root", text, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "at most 256"));
	free(text);
	out = open_memstream(&text, &size);
	fputs(HEAD("targets") ", \"targets\": {}, \"delegations\": {\"keys\": {}, \"roles\": [", out);
	for (i = 0; i <= CX_TUF_PATTERNS_MAX / 256; i++)
		put_patterns(out, i, 256);
	fputs("]}}", out);
	fclose(out);
	assert_int_equal(parse("targets", text, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "'r64': has patterns beyond the 16384"));
	free(text);
}

static void prefixes_of_digests_cover_paths(void **state)
{
	/* The SHA-256 of "a" begins with ca978112. */
	const struct cx_tuf_delegation yes = {
		.prefixes = json_pack("[s, s]", "00", "ca97"),
	}, no = {
		.prefixes = json_pack("[s, s]", "ca98", "CA97"),
	};

	(void)state;
	assert_true(cx_tuf_delegation_covers(&yes, "a"));
	assert_false(cx_tuf_delegation_covers(&no, "a"));
	assert_false(cx_tuf_delegation_covers(&yes, "b"));
	json_decref((json_t *)yes.prefixes);
	json_decref((json_t *)no.prefixes);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_that_are_refused),
		cmocka_unit_test(contents_that_are_refused),
		cmocka_unit_test(headers_that_are_refused),
		cmocka_unit_test(lists_have_an_end),
		cmocka_unit_test(prefixes_of_digests_cover_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
