// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <stdlib.h>

#include "ctl/ctl.h"
#include "ctl/json.h"
#include "ctl/table.h"
#include "ctl/text.h"

static int print_json(const struct cx_listing *listing)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < listing->count; i++) {
		const struct cx_listed *l = &listing->list[i];

		json_array_append_new(array, json_pack(
			"{s:s, s:s, s:b, s:b, s:b, s:b, s:b, s:I, s:I, s:I, s:I, s:I, s:o}",
			"name", l->item.name, "label", l->item.label,
			"base", l->base, "active", l->active,
			"staged", l->staged, "stored", l->stored,
			"revoked", l->revoked,
			"security_epoch", (json_int_t)l->security_epoch,
			"build_time", (json_int_t)l->build_time,
			"entries", (json_int_t)l->entries,
			"bytes", (json_int_t)l->bytes,
			"files_in_use", (json_int_t)l->users,
			"digest", ctl_json_hex(l->digest, sizeof(l->digest))));
	}
	return ctl_json_print(array);
}

static const char *state_of(const struct cx_listed *l)
{
	if (l->revoked && l->active)
		return l->base ? "base, active, revoked" : "active, revoked";
	if (l->revoked)
		return l->base ? "base, revoked" : "revoked";
	if (l->active)
		return l->base ? "base, active" : "active";
	if (l->staged)
		return l->base ? "base" : "staged";
	return l->base ? "base, stored" : "stored";
}

static void print_row(struct ctl_table *table, const struct cx_listed *l)
{
	char date[CTL_DATE_SIZE], size[CTL_SIZE_SIZE], digest[CTL_SHORT_SIZE];
	char epoch[16], entries[16];
	const char *const cells[] = {
		l->item.name, l->item.label, state_of(l), epoch,
		ctl_date(l->build_time, date), entries,
		ctl_size(l->bytes, size), ctl_short(l->digest, digest),
	};

	snprintf(epoch, sizeof(epoch), "%u", l->security_epoch);
	snprintf(entries, sizeof(entries), "%u", l->entries);
	ctl_table_row(table, cells);
	if (l->revoked)
		ctl_table_paint(table, 2, "red");
	else if (l->active)
		ctl_table_paint(table, 2, "green");
}

static int print_table(const struct ctl *ctl, const struct cx_listing *listing)
{
	static const char *const titles[] = {
		"NAME", "LABEL", "STATE", ">SEC EPOCH", "DATE", ">ENTRIES", ">SIZE",
		"DIGEST",
	};
	struct ctl_table *table;
	size_t i;

	if (!listing->count) {
		ctl_say("there is no generation, neither staged nor in the store");
		return CTL_OK;
	}
	table = ctl_table_new(titles, sizeof(titles) / sizeof(titles[0]),
			      ctl->color);
	for (i = 0; i < listing->count; i++)
		print_row(table, &listing->list[i]);
	ctl_table_end(table);
	return CTL_OK;
}

int ctl_list(const struct ctl *ctl, struct cx_error *err)
{
	const char *name = ctl->argc ? ctl->argv[0] : NULL;
	struct cx_listing listing;
	struct cx_ops ops;
	int rc = ctl_open(ctl, &ops, CX_OPS_STORE_IF | CX_OPS_TRUST |
			  CX_OPS_KERNEL_IF, err);

	if (rc)
		return rc;
	rc = cx_op_list(&ops, name, &listing, err);
	if (!rc) {
		rc = ctl->json ? print_json(&listing) :
				 print_table(ctl, &listing);
		free(listing.list);
	}
	cx_ops_close(&ops);
	return rc;
}
