// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/release_json.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "lib/file.h"

#define TIME_FORMAT "%Y-%m-%dT%H:%M:%SZ"

bool cx_time_parse(const char *text, int64_t *seconds)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, TIME_FORMAT, &tm);

	if (!end || *end || strlen(text) != 20)
		return false;
	*seconds = timegm(&tm);
	return true;
}

char *cx_time_format(int64_t seconds, char text[32])
{
	time_t value = seconds;
	struct tm tm;

	if (!gmtime_r(&value, &tm) || !strftime(text, 32, TIME_FORMAT, &tm))
		strcpy(text, "?");
	return text;
}

/* What is being read, and the first member that is wrong. */
struct reader {
	const json_t *object;
	const char *wrong;
};

static void fault(struct reader *r, const char *key)
{
	if (!r->wrong)
		r->wrong = key;
}

static void text_of(struct reader *r, const char *key, char *to, size_t size)
{
	const json_t *value = json_object_get(r->object, key);

	if (!json_is_string(value) || json_string_length(value) >= size ||
	    strlen(json_string_value(value)) != json_string_length(value)) {
		fault(r, key);
		return;
	}
	strcpy(to, json_string_value(value));
}

/* Return: whether the text is @set rather than @clear. */
static bool choice_of(struct reader *r, const char *key, const char *clear,
		      const char *set)
{
	const char *text = json_string_value(json_object_get(r->object, key));

	if (text && !strcmp(text, set))
		return true;
	if (!text || strcmp(text, clear))
		fault(r, key);
	return false;
}

static void digest_of(struct reader *r, const char *key,
		      uint8_t digest[CRYPTEX_DIGEST_SIZE])
{
	const char *text = json_string_value(json_object_get(r->object, key));

	if (!text || !cx_unhex(text, digest, CRYPTEX_DIGEST_SIZE))
		fault(r, key);
}

/* In a seal, times are seconds. */
static int64_t time_of(struct reader *r, const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);
	int64_t seconds = 0;

	if (json_is_integer(value))
		return json_integer_value(value);
	if (!text || !cx_time_parse(text, &seconds))
		fault(r, key);
	return seconds;
}

static uint32_t number_of(struct reader *r, const json_t *object,
			  const char *key)
{
	const json_t *value = json_object_get(object, key);
	json_int_t number = json_integer_value(value);

	if (!json_is_integer(value) || number < 0 || number > UINT32_MAX) {
		fault(r, key);
		return 0;
	}
	return number;
}

static void take_fixes(struct reader *r, struct cx_release *release)
{
	const json_t *list = json_object_get(r->object, "fixes"), *fix;
	size_t i;

	if (!json_is_array(list)) {
		fault(r, "fixes");
		return;
	}
	json_array_foreach(list, i, fix) {
		struct reader one = { .object = fix };
		struct cx_fix *to = &release->fixes[release->fixes_count];

		if (release->fixes_count == CX_RELEASE_FIXES_MAX)
			break;
		release->fixes_count++;
		text_of(&one, "id", to->id, sizeof(to->id));
		text_of(&one, "severity", to->severity, sizeof(to->severity));
		text_of(&one, "text", to->text, sizeof(to->text));
		if (one.wrong)
			fault(r, "fixes");
	}
}

static void take_hardware(struct reader *r, struct cx_release *release)
{
	const json_t *list = json_object_get(r->object, "hardware"), *class;
	size_t i;

	if (!json_is_array(list) ||
	    json_array_size(list) > CX_RELEASE_HARDWARE_MAX) {
		fault(r, "hardware");
		return;
	}
	json_array_foreach(list, i, class) {
		char *to = release->hardware[release->hardware_count++];
		const char *text = json_string_value(class);

		if (!text || !cx_channel_ok(text))
			fault(r, "hardware");
		else
			strcpy(to, text);
	}
}

static void take_rollout(struct reader *r, struct cx_release *release)
{
	const json_t *rollout = json_object_get(r->object, "rollout");

	release->rollout_percent = number_of(r, rollout, "percent");
	release->rollout_start = time_of(r, rollout, "start");
}

static void take_withdrawn(struct reader *r, struct cx_release *release)
{
	const json_t *withdrawn = json_object_get(r->object, "withdrawn");
	struct reader one = { .object = withdrawn };

	if (!withdrawn)
		return;
	release->withdrawn = 1;
	release->withdrawn_time = time_of(&one, withdrawn, "time");
	text_of(&one, "reason", release->reason, sizeof(release->reason));
	if (one.wrong)
		fault(r, "withdrawn");
}

static void take_all(struct reader *r, struct cx_release *release)
{
	text_of(r, "name", release->item.name, sizeof(release->item.name));
	text_of(r, "label", release->item.label, sizeof(release->item.label));
	release->patch = choice_of(r, "kind", "base", "patch");
	digest_of(r, "digest", release->digest);
	digest_of(r, "base", release->base);
	release->security_epoch = number_of(r, r->object, "security_epoch");
	text_of(r, "severity", release->severity, sizeof(release->severity));
	take_fixes(r, release);
	text_of(r, "channel", release->channel, sizeof(release->channel));
	take_hardware(r, release);
	take_rollout(r, release);
	release->urgent = choice_of(r, "urgency", "routine", "urgent");
	release->at_boot = choice_of(r, "activation", "relaunch", "boot");
	release->build_time = time_of(r, r->object, "build_time");
	take_withdrawn(r, release);
}

int cx_release_from_json(const json_t *custom, uint64_t length,
			 struct cx_release *release, struct cx_error *err)
{
	struct reader r = { .object = custom };

	memset(release, 0, sizeof(*release));
	release->seal_size = length;
	take_all(&r, release);
	if (r.wrong)
		return cx_fail(err, -EBADMSG,
			       "the member \"%s\" is missing, or is not what it has to be",
			       r.wrong);
	return cx_release_check(release, err);
}

static json_t *hex(const uint8_t digest[CRYPTEX_DIGEST_SIZE])
{
	char text[2 * CRYPTEX_DIGEST_SIZE + 1];

	return json_string(cx_hex(digest, CRYPTEX_DIGEST_SIZE, text));
}

static json_t *time_json(int64_t seconds)
{
	char text[32];

	return json_string(cx_time_format(seconds, text));
}

static json_t *fixes_json(const struct cx_release *release)
{
	json_t *list = json_array();
	uint32_t i;

	for (i = 0; i < release->fixes_count; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:s}",
			"id", release->fixes[i].id,
			"severity", release->fixes[i].severity,
			"text", release->fixes[i].text));
	return list;
}

static json_t *hardware_json(const struct cx_release *release)
{
	json_t *list = json_array();
	uint32_t i;

	for (i = 0; i < release->hardware_count; i++)
		json_array_append_new(list, json_string(release->hardware[i]));
	return list;
}

json_t *cx_release_to_json(const struct cx_release *release)
{
	json_t *json = json_pack(
		"{s:s, s:s, s:s, s:o, s:o, s:I, s:s, s:o, s:s, s:o, s:{s:I, s:o}, s:s, s:s, s:o}",
		"name", release->item.name, "label", release->item.label,
		"kind", release->patch ? "patch" : "base",
		"digest", hex(release->digest), "base", hex(release->base),
		"security_epoch", (json_int_t)release->security_epoch,
		"severity", release->severity, "fixes", fixes_json(release),
		"channel", release->channel, "hardware", hardware_json(release),
		"rollout", "percent", (json_int_t)release->rollout_percent,
		"start", time_json(release->rollout_start),
		"urgency", release->urgent ? "urgent" : "routine",
		"activation", release->at_boot ? "boot" : "relaunch",
		"build_time", time_json(release->build_time));

	if (json && release->withdrawn &&
	    json_object_set_new(json, "withdrawn", json_pack("{s:o, s:s}",
			"time", time_json(release->withdrawn_time),
			"reason", release->reason))) {
		json_decref(json);
		return NULL;
	}
	return json;
}
