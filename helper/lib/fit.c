// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lib/fit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/cms.h"
#include "lib/file.h"

#define COHORT_SALT	"cryptex-cohort"
#define MACHINE_ID	"/etc/machine-id"

unsigned int cx_cohort(const char *id, const char *name)
{
	char text[sizeof(COHORT_SALT) + CX_MACHINE_ID_SIZE + CRYPTEX_LABEL_SIZE];
	uint8_t hash[CRYPTEX_DIGEST_SIZE];
	int size = snprintf(text, sizeof(text), "%s%c%s%c%s", COHORT_SALT, 0,
			    id, 0, name);

	/* The NUL that snprintf() has put at the end counts as well. */
	cx_sha256(text, size + 1, hash);
	return ((uint32_t)hash[0] << 24 | hash[1] << 16 | hash[2] << 8 |
		hash[3]) % 100;
}

static bool has_hardware(const struct cx_release *release, const char *class)
{
	uint32_t i;

	for (i = 0; i < release->hardware_count; i++)
		if (!strcmp(release->hardware[i], class))
			return true;
	return !release->hardware_count;
}

enum cx_unfit cx_fit(const struct cx_release *release,
		     const struct cx_machine *machine)
{
	if (!release->patch)
		return CX_UNFIT_KIND;
	if (memcmp(release->base, machine->base, sizeof(machine->base)))
		return CX_UNFIT_BASE;
	if (strcmp(release->channel, machine->channel))
		return CX_UNFIT_CHANNEL;
	if (!has_hardware(release, machine->hardware))
		return CX_UNFIT_HARDWARE;
	if (release->withdrawn)
		return CX_UNFIT_WITHDRAWN;
	if (release->rollout_start > machine->now)
		return CX_UNFIT_EARLY;
	if (!release->urgent && cx_cohort(machine->id, release->item.name) >=
				release->rollout_percent)
		return CX_UNFIT_COHORT;
	return CX_FITS;
}

const char *cx_fit_text(enum cx_unfit unfit)
{
	switch (unfit) {
	case CX_FITS: return "fits";
	case CX_UNFIT_KIND: return "is a base";
	case CX_UNFIT_BASE: return "is for another base";
	case CX_UNFIT_CHANNEL: return "is of another channel";
	case CX_UNFIT_HARDWARE: return "is for other hardware";
	case CX_UNFIT_WITHDRAWN: return "was withdrawn";
	case CX_UNFIT_EARLY: return "has not begun yet";
	case CX_UNFIT_COHORT: return "does not take in this machine yet";
	}
	return "?";
}

bool cx_release_newer(const struct cx_release *a, const struct cx_release *b)
{
	if (a->security_epoch != b->security_epoch)
		return a->security_epoch > b->security_epoch;
	if (a->build_time != b->build_time)
		return a->build_time > b->build_time;
	return strcmp(a->item.label, b->item.label) > 0;
}

const struct cx_release *cx_fit_best(const struct cx_release *releases,
				     size_t count, const char *name,
				     const struct cx_machine *machine)
{
	const struct cx_release *best = NULL;
	size_t i;

	for (i = 0; i < count; i++)
		if (!strcmp(releases[i].item.name, name) &&
		    cx_fit(&releases[i], machine) == CX_FITS &&
		    (!best || cx_release_newer(&releases[i], best)))
			best = &releases[i];
	return best;
}

int cx_machine_id(char id[CX_MACHINE_ID_SIZE], struct cx_error *err)
{
	uint8_t bytes[(CX_MACHINE_ID_SIZE - 1) / 2];
	struct cx_buf buf;
	char *text;
	bool good;
	int rc = cx_read_file(MACHINE_ID, 4096, &buf, err);

	if (rc)
		return cx_prefix(err, rc, "this machine has no id; `systemd-machine-id-setup` makes one");
	text = buf.data;
	text[strcspn(text, "\n")] = '\0';
	good = cx_unhex(text, bytes, sizeof(bytes));
	if (good)
		memcpy(id, text, CX_MACHINE_ID_SIZE);
	cx_buf_free(&buf);
	return good ? 0 : cx_fail(err, -EBADMSG,
		"%s is not 32 hex digits; `systemd-machine-id-setup` makes it anew",
		MACHINE_ID);
}
