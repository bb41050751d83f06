// SPDX-License-Identifier: LGPL-2.1-or-later
#include "release.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "lib/fixes.h"

#define DEFAULT_CHANNEL		"stable"
#define DEFAULT_URGENCY		"routine"
#define DEFAULT_ACTIVATION	"relaunch"

/* From the least to the worst. */
static const char *const severities[] = {
	"unknown", "low", "medium", "high", "critical",
};

#define SEVERITIES	(sizeof(severities) / sizeof(*severities))

static bool class_ok(const char *text, size_t size)
{
	return size && size <= CLASS_MAX &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") >= size;
}

static int take_class(const char *value, const char *what, struct cx_error *err)
{
	if (class_ok(value, strlen(value)))
		return 0;
	return cx_fail(err, -EINVAL,
		       "%s \"%s\": must be 1 to %d of a-z, 0-9 and -", what,
		       value, CLASS_MAX);
}

static int take_hardware(const char *value, struct cx_error *err)
{
	const char *next = value;
	size_t size, count = 0;

	for (;;) {
		size = strcspn(next, ",");
		if (!class_ok(next, size) || ++count > CLASSES_MAX)
			return cx_fail(err, -EINVAL,
				       "--hardware \"%s\": must be at most %d classes, each 1 to %d of a-z, 0-9 and -, with commas between them",
				       value, CLASSES_MAX, CLASS_MAX);
		if (!next[size])
			return 0;
		next += size + 1;
	}
}

static int take_choice(const char *value, const char *what, const char *one,
		       const char *other, struct cx_error *err)
{
	if (!strcmp(value, one) || !strcmp(value, other))
		return 0;
	return cx_fail(err, -EINVAL, "%s \"%s\": must be %s or %s", what, value,
		       one, other);
}

static int take_percent(struct terms *terms, const char *value,
			struct cx_error *err)
{
	unsigned long long percent;

	if (parse_number(value, 100, &percent) < 0)
		return cx_fail(err, -EINVAL,
			       "--percent \"%s\": must be a number from 0 to 100",
			       value);
	terms->has_percent = true;
	terms->percent = percent;
	return 0;
}

static int take_start(struct terms *terms, const char *value,
		      struct cx_error *err)
{
	if (!time_parse(value, &terms->start))
		return cx_fail(err, -EINVAL,
			       "--start \"%s\": must be a time such as 2026-11-22T06:00:00Z",
			       value);
	terms->has_start = true;
	return 0;
}

int terms_take(struct terms *terms, int option, const char *value,
	       struct cx_error *err)
{
	switch (option) {
	case OPT_CHANNEL:
		terms->channel = value;
		return take_class(value, "--channel", err);
	case OPT_HARDWARE:
		terms->hardware = value;
		return take_hardware(value, err);
	case OPT_URGENCY:
		terms->urgency = value;
		return take_choice(value, "--urgency", "routine", "urgent", err);
	case OPT_ACTIVATION:
		terms->activation = value;
		return take_choice(value, "--activation", "relaunch", "boot",
				   err);
	case OPT_PERCENT:
		return take_percent(terms, value, err);
	default:
		return take_start(terms, value, err);
	}
}

void release_target(const char *name, const char *label, const char *suffix,
		    char target[TARGET_SIZE])
{
	snprintf(target, TARGET_SIZE, "%s/%s%s", name, label, suffix);
}

static size_t rank_of(const char *severity)
{
	size_t i;

	for (i = 0; i < SEVERITIES; i++)
		if (!strcmp(severities[i], severity))
			return i;
	return 0;
}

static int add_fixes(const struct cx_seal *seal, json_t *custom,
		     struct cx_error *err)
{
	const struct cryptex_seal *view = &seal->view;
	struct cx_fixes fixes = { 0 };
	json_t *list = json_array();
	size_t i, worst = 0;
	int ret = cx_fixes_parse(&fixes, view->fixes,
				 view->fixes_size, err);

	for (i = 0; !ret && i < fixes.count; i++) {
		const struct cx_fix *fix = &fixes.list[i];

		if (rank_of(fix->severity) > worst)
			worst = rank_of(fix->severity);
		if (json_array_append_new(list, json_pack(
				"{s:s, s:s, s:s}", "id", fix->id, "severity",
				fix->severity, "text", fix->text)) < 0)
			ret = cx_fail(err, -ENOMEM, "out of memory");
	}
	cx_fixes_free(&fixes);
	if (!ret)
		ret = json_put(custom, "severity",
			       json_string(severities[worst]), err);
	return ret ? ret : json_put(custom, "fixes", list, err);
}

static json_t *hardware_list(const char *text)
{
	json_t *list = json_array();
	size_t size;

	while (list && text) {
		size = strcspn(text, ",");
		if (json_array_append_new(list, json_stringn(text, size)) < 0) {
			json_decref(list);
			return NULL;
		}
		text = text[size] ? text + size + 1 : NULL;
	}
	return list;
}

static int add_terms(const struct terms *terms, time_t now, json_t *custom,
		     struct cx_error *err)
{
	char start[32];
	int ret = json_put(custom, "hardware", hardware_list(terms->hardware),
			   err);

	if (!ret)
		ret = json_put(custom, "rollout", json_pack(
			"{s:i, s:s}", "percent",
			terms->has_percent ? (int)terms->percent : 100, "start",
			time_format(terms->has_start ? terms->start : now,
				    start)), err);
	return ret;
}

static json_t *basics(const struct cx_seal *seal, const struct terms *terms)
{
	const struct cryptex_seal_header *h = seal->view.header;
	bool is_base = cryptex_seal_is_base(&seal->view);
	char digest[HEX_SIZE], base[HEX_SIZE];

	cx_hex(seal->digest, CRYPTEX_DIGEST_SIZE, digest);
	cx_hex(is_base ? seal->digest : h->base_digest, CRYPTEX_DIGEST_SIZE,
	       base);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:I}",
			 "name", cx_seal_name(seal), "label",
			 cx_seal_label(seal), "kind", is_base ? "base" : "patch",
			 "digest", digest, "base", base, "security_epoch",
			 (json_int_t)le32toh(h->security_epoch), "channel",
			 terms->channel ?: DEFAULT_CHANNEL, "urgency",
			 terms->urgency ?: DEFAULT_URGENCY, "activation",
			 terms->activation ?: DEFAULT_ACTIVATION, "build_time",
			 (json_int_t)le64toh(h->build_time));
}

int release_describe(const struct cx_seal *seal, const struct terms *terms,
		     time_t now, json_t **custom, struct cx_error *err)
{
	int ret;

	*custom = basics(seal, terms);
	if (!*custom)
		return cx_fail(err, -ENOMEM, "out of memory");
	ret = add_fixes(seal, *custom, err);
	if (!ret)
		ret = add_terms(terms, now, *custom, err);
	if (ret < 0)
		json_decref(*custom);
	return ret;
}

static bool agrees(const json_t *custom, const char *key, const char *asked,
		   const char **what)
{
	const char *is = metadata_text(custom, key);

	*what = key;
	return !asked || (is && !strcmp(is, asked));
}

bool release_agrees(const json_t *custom, const struct terms *terms,
		    const char **what)
{
	json_t *hardware = hardware_list(terms->hardware);
	bool same = !terms->hardware ||
		    json_equal(hardware, json_object_get(custom, "hardware"));

	json_decref(hardware);
	*what = "hardware";
	return same && agrees(custom, "channel", terms->channel, what) &&
	       agrees(custom, "urgency", terms->urgency, what) &&
	       agrees(custom, "activation", terms->activation, what);
}

json_t *release_custom(const struct repo *repo, const char *target)
{
	return json_object_get(json_object_get(repo_target(repo, target),
					       "custom"), "cryptex");
}

int release_find(const struct repo *repo, const char *text, const char **role,
		 char target[TARGET_SIZE], json_t **custom,
		 struct cx_error *err)
{
	const char *at = strchr(text, '@');
	char name[CRYPTEX_LABEL_SIZE];
	int ret;

	if (!at || (size_t)(at - text) >= sizeof(name) ||
	    !cryptex_label_ok(at + 1))
		return cx_fail(err, -EINVAL,
			       "\"%s\": must be NAME@LABEL, such as openssl@3.0.22",
			       text);
	snprintf(name, sizeof(name), "%.*s", (int)(at - text), text);
	ret = repo_team(repo, name, role, err);
	if (ret < 0)
		return ret;
	release_target(name, at + 1, SUFFIX_SEAL, target);
	*custom = release_custom(repo, target);
	if (*custom)
		return 0;
	return cx_fail(err, -ENOENT,
		       "%s: has no release %s; `cryptex-repo show` lists them",
		       repo->path, text);
}

int release_newer(const json_t *a, const json_t *b)
{
	static const char *const numbers[] = { "security_epoch", "build_time" };
	json_int_t x, y;
	size_t i;

	for (i = 0; i < 2; i++) {
		x = metadata_number(a, numbers[i]);
		y = metadata_number(b, numbers[i]);
		if (x != y)
			return x < y ? -1 : 1;
	}
	return strcmp(metadata_text(a, "label") ?: "",
		      metadata_text(b, "label") ?: "");
}
