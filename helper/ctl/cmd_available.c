// SPDX-License-Identifier: LGPL-2.1-or-later
/* available and cve: what the last check found, and which of it closes a hole */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ctl/ctl.h"
#include "ctl/json.h"
#include "ctl/table.h"
#include "ctl/text.h"
#include "lib/ops_update.h"

static const char *state_of(const struct cx_offer *o)
{
	switch (o->state) {
	case CX_OFFER_ACTIVE: return "active";
	case CX_OFFER_STAGED: return "staged";
	case CX_OFFER_STORED: return "in the store";
	case CX_OFFER_BEST: return "to be had";
	case CX_OFFER_OLDER: return "older";
	case CX_OFFER_REVOKED: return "revoked";
	case CX_OFFER_UNMOUNTED: return "not mounted";
	case CX_OFFER_UNFIT: return cx_fit_text(o->unfit);
	}
	return "?";
}

static const char *word_of(const struct cx_offer *o)
{
	static const char *const words[] = {
		[CX_OFFER_ACTIVE] = "active", [CX_OFFER_STAGED] = "staged",
		[CX_OFFER_STORED] = "stored", [CX_OFFER_BEST] = "available",
		[CX_OFFER_OLDER] = "older", [CX_OFFER_REVOKED] = "revoked",
		[CX_OFFER_UNMOUNTED] = "not-mounted",
		[CX_OFFER_UNFIT] = "unfit",
	};

	return words[o->state];
}

static const char *color_of(const struct cx_offer *o)
{
	if (o->state == CX_OFFER_BEST || o->state == CX_OFFER_STAGED)
		return "yellow";
	if (o->state == CX_OFFER_ACTIVE)
		return "green";
	return o->state == CX_OFFER_REVOKED || o->release.withdrawn ? "red" :
								      "reset";
}

static json_t *fixes_json(const struct cx_release *r)
{
	const struct cx_fixes fixes = {
		.list = (struct cx_fix *)r->fixes, .count = r->fixes_count,
	};

	return ctl_json_fixes(&fixes);
}

static json_t *offer_json(const struct cx_offer *o)
{
	const struct cx_release *r = &o->release;

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:o, s:s, s:b, s:o, s:o}",
		"remote", o->remote, "cryptex", r->item.name,
		"generation", r->item.label, "state", word_of(o),
		"severity", r->severity,
		"security_epoch", (json_int_t)r->security_epoch,
		"digest", ctl_json_hex(r->digest, sizeof(r->digest)),
		"channel", r->channel, "urgent", r->urgent,
		"reason", r->withdrawn ? ctl_json_text(r->reason) : json_null(),
		"fixes", fixes_json(r));
}

static bool fixes(const struct cx_release *r, const char *id)
{
	uint32_t i;

	for (i = 0; i < r->fixes_count; i++)
		if (!id || !strcasecmp(r->fixes[i].id, id))
			return true;
	return !id;
}

static void print_row(struct ctl_table *table, const struct cx_offer *o)
{
	const struct cx_release *r = &o->release;
	char count[16], *reason = ctl_clean_copy(r->reason);
	const char *const cells[] = {
		r->item.name, r->item.label, r->severity, count, o->remote,
		state_of(o), reason,
	};

	snprintf(count, sizeof(count), "%u", r->fixes_count);
	ctl_table_row(table, cells);
	ctl_table_paint(table, 5, color_of(o));
	free(reason);
}

/* Return: how many were printed: those that close the hole @id, or all. */
static size_t print(const struct ctl *ctl, const struct cx_offers *offers,
		    const char *id)
{
	static const char *const titles[] = {
		"CRYPTEX", "RELEASE", "SEVERITY", ">FIXES", "REMOTE", "STATE",
		"REASON",
	};
	struct ctl_table *table = ctl_table_new(titles, 7, ctl->color);
	size_t i, printed = 0;

	for (i = 0; i < offers->count; i++)
		if (fixes(&offers->list[i].release, id)) {
			print_row(table, &offers->list[i]);
			printed++;
		}
	ctl_table_end(table);
	return printed;
}

static int print_json(const struct cx_offers *offers, const char *id)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < offers->count; i++)
		if (fixes(&offers->list[i].release, id))
			json_array_append_new(array,
					      offer_json(&offers->list[i]));
	return ctl_json_print(json_pack("{s:o, s:o}", "checked",
		offers->checked ? json_integer(offers->checked) : json_null(),
		"releases", array));
}

static bool any(const struct cx_offers *offers, const char *id)
{
	size_t i;

	for (i = 0; i < offers->count; i++)
		if (fixes(&offers->list[i].release, id))
			return true;
	return false;
}

static void print_text(const struct ctl *ctl, const struct cx_offers *offers,
		       const char *id)
{
	char date[CTL_DATE_SIZE];

	if (!offers->checked) {
		ctl_say("no repository was looked at yet: `cryptexctl check`");
		return;
	}
	if (any(offers, id))
		print(ctl, offers, id);
	else if (id)
		printf("no release of a repository closes %s\n", id);
	else
		ctl_say("the repositories have no releases");
	printf("as of %s; `cryptexctl check` looks again\n",
	       ctl_date(offers->checked, date));
}

static int show(const struct ctl *ctl, const char *id, struct cx_error *err)
{
	struct cx_offers offers;
	struct cx_ops ops;
	int rc = ctl_open(ctl, &ops, CX_OPS_STORE | CX_OPS_TRUST |
			  CX_OPS_KERNEL_IF, err);

	if (rc)
		return rc;
	rc = cx_op_available(&ops, ctl_prefix(), &offers, err);
	if (!rc && ctl->json)
		rc = print_json(&offers, id);
	else if (!rc)
		print_text(ctl, &offers, id);
	if (rc >= 0)
		free(offers.list);
	cx_ops_close(&ops);
	return rc;
}

int ctl_available(const struct ctl *ctl, struct cx_error *err)
{
	return show(ctl, NULL, err);
}

int ctl_cve(const struct ctl *ctl, struct cx_error *err)
{
	const char *id = ctl->argv[0];

	if (!cx_fix_id_ok(id))
		return ctl_usage_error(ctl, "'%s' is no name of a hole, such as CVE-2026-1234",
				       id);
	return show(ctl, id, err);
}
