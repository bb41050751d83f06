// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/release.h"

#include <errno.h>
#include <string.h>

#define LATEST 253402300799	/* the last second of the year 9999 */

bool cx_channel_ok(const char *name)
{
	size_t size = strlen(name);

	return size && size <= CX_CHANNEL_MAX &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == size;
}

/* Does a NUL end it within its field? */
#define ENDS(field) (strnlen(field, sizeof(field)) < sizeof(field))

static bool fix_ok(const struct cx_fix *fix)
{
	return ENDS(fix->id) && ENDS(fix->severity) && ENDS(fix->text) &&
	       cx_fix_id_ok(fix->id) && cx_severity_ok(fix->severity) &&
	       cx_is_one_line(fix->text);
}

static const char *bad_name(const struct cx_release *r)
{
	if (!ENDS(r->item.name) || !cryptex_name_ok(r->item.name))
		return "name";
	if (!ENDS(r->item.label) || !cryptex_label_ok(r->item.label))
		return "label";
	return NULL;
}

static const char *bad_list(const struct cx_release *r)
{
	uint32_t i;

	if (r->hardware_count > CX_RELEASE_HARDWARE_MAX)
		return "hardware";
	if (r->fixes_count > CX_RELEASE_FIXES_MAX)
		return "fixes";
	for (i = 0; i < r->hardware_count; i++)
		if (!ENDS(r->hardware[i]) || !cx_channel_ok(r->hardware[i]))
			return "hardware";
	for (i = 0; i < r->fixes_count; i++)
		if (!fix_ok(&r->fixes[i]))
			return "fixes";
	return NULL;
}

static bool time_ok(int64_t seconds)
{
	return seconds >= 0 && seconds <= LATEST;
}

static const char *bad_value(const struct cx_release *r)
{
	if (!ENDS(r->severity) || !cx_severity_ok(r->severity))
		return "severity";
	if (!ENDS(r->channel) || !cx_channel_ok(r->channel))
		return "channel";
	if (r->rollout_percent > 100 || !time_ok(r->rollout_start))
		return "rollout";
	if (!time_ok(r->build_time))
		return "build_time";
	if (r->patch > 1)
		return "kind";
	if (!r->patch && memcmp(r->digest, r->base, sizeof(r->digest)))
		return "base";
	if (r->urgent > 1)
		return "urgency";
	if (r->at_boot > 1)
		return "activation";
	if (r->withdrawn > 1 || !time_ok(r->withdrawn_time) ||
	    !ENDS(r->reason) || !cx_is_one_line(r->reason))
		return "withdrawn";
	if (!r->seal_size || r->seal_size > CX_SEAL_BYTES_MAX)
		return "length";
	return NULL;
}

int cx_release_check(const struct cx_release *release, struct cx_error *err)
{
	const char *field = bad_name(release);

	if (field)
		return cx_fail(err, -EBADMSG,
			       "a release of the repository has no proper %s",
			       field);
	field = bad_value(release);
	if (!field)
		field = bad_list(release);
	if (field)
		return cx_fail(err, -EBADMSG,
			       "%s@%s: what the repository says as \"%s\" cannot be",
			       release->item.name, release->item.label, field);
	return 0;
}
