// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/json.h"
#include "ctl/reasons.h"
#include "ctl/table.h"
#include "ctl/text.h"
#include "lib/fixes.h"
#include "lib/receipt.h"

/* One mounted cryptex; the generations belong to the list they came from. */
struct row {
	const struct cx_generation *base;
	const struct cx_generation *active;
	const char *mountpoint;
	size_t stale;
	bool fixes_known;	/* not without the right to read the store */
	struct cx_fixes fixes;
	bool cost_known;
	struct cx_receipt cost;	/* of the active generation */
};

struct status {
	struct cx_ops ops;
	struct cx_kernel_state kernel;
	struct cx_generations known;
	struct cx_users users;
	struct cx_state state;
	struct cx_withdrawals withdrawn;
	struct row *rows;
	size_t count;
};

/* A process that maps two old generations of a cryptex counts once. */
static size_t count_stale(const struct cx_users *users, const char *name)
{
	size_t i, k, count = 0;

	for (i = 0; i < users->count; i++) {
		const struct cx_user *u = &users->items[i];

		if (u->active || strcmp(u->name, name))
			continue;
		for (k = 0; k < i; k++)
			if (!users->items[k].active &&
			    users->items[k].pid == u->pid &&
			    !strcmp(users->items[k].name, name))
				break;
		count += k == i;
	}
	return count;
}

/* What is fixed stands in the active generation's seal, if we may read it. */
static void load_fixes(struct status *s, struct row *row)
{
	struct cx_error err;
	struct cx_item item;
	struct cx_seal seal;
	int rc;

	row->fixes_known = row->active->base;
	if (s->ops.store.fd < 0 || row->active->base)
		return;
	memcpy(item.name, row->active->name, sizeof(item.name));
	memcpy(item.label, row->active->label, sizeof(item.label));
	rc = cx_store_load_seal(&s->ops.store, &item, &s->ops.trust, &seal,
				&err);
	if (!rc) {
		rc = cx_fixes_parse(&row->fixes, seal.view.fixes,
				    seal.view.fixes_size, &err);
		cx_seal_free(&seal);
	}
	row->fixes_known = !rc;
	if (rc)
		ctl_warn(err.text);
}

static void load_cost(struct status *s, struct row *row)
{
	struct cx_item item;

	if (s->ops.store.fd < 0)
		return;
	memcpy(item.name, row->active->name, sizeof(item.name));
	memcpy(item.label, row->active->label, sizeof(item.label));
	row->cost_known = !cx_receipt_load(&s->ops.store, &item, &row->cost,
					   NULL);
}

static void add_row(struct status *s, const struct cx_generation *base)
{
	struct row *row = &s->rows[s->count++];
	const struct cx_state_entry *e = cx_state_find(&s->state, base->name);

	row->base = base;
	row->active = cx_generations_active(&s->known, base->name);
	if (!row->active)
		row->active = base;
	row->mountpoint = e ? e->mountpoint : NULL;
	row->stale = count_stale(&s->users, base->name);
	load_fixes(s, row);
	load_cost(s, row);
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct row *)a)->base->name,
		      ((const struct row *)b)->base->name);
}

/* What the store adds to what the kernel knows, where we may read it. */
static void load_stored(struct status *s)
{
	struct cx_error err;

	if (s->ops.store.fd < 0)
		return;
	if (cx_state_load(s->ops.store.path, &s->state, &err))
		ctl_warn(err.text);
	if (cx_withdrawals_load(&s->ops.store, &s->withdrawn, &err))
		ctl_warn(err.text);
}

static int gather(struct status *s, const char *name, struct cx_error *err)
{
	size_t i;
	int rc = cx_netlink_state(s->ops.nl, &s->kernel, err);

	if (!rc)
		rc = cx_netlink_generations(s->ops.nl, &s->known, err);
	if (!rc)
		rc = cx_netlink_users(s->ops.nl, &s->users, err);
	if (rc)
		return rc;
	load_stored(s);
	s->rows = calloc(s->known.count + 1, sizeof(*s->rows));
	if (!s->rows)
		return cx_fail(err, -ENOMEM, "out of memory");
	for (i = 0; i < s->known.count; i++)
		if (s->known.items[i].base &&
		    (!name || !strcmp(name, s->known.items[i].name)))
			add_row(s, &s->known.items[i]);
	if (name && !s->count)
		return cx_fail(err, -ENOENT,
			       "no cryptex %s is mounted: `cryptexctl status` shows which are",
			       name);
	qsort(s->rows, s->count, sizeof(*s->rows), compare);
	return 0;
}

static json_t *row_json(const struct status *s, const struct row *r)
{
	return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:b, s:b, s:I, s:s?, s:o, s:o, s:o}",
		"name", r->base->name, "active", r->active->label,
		"base", r->base->label,
		"since_epoch", (json_int_t)r->active->since_epoch,
		"security_epoch", (json_int_t)r->active->security_epoch,
		"floor", (json_int_t)r->base->floor,
		"active_revoked", r->active->revoked,
		"base_revoked", r->base->revoked,
		"stale_processes", (json_int_t)r->stale,
		"mountpoint", r->mountpoint,
		"fixes", r->fixes_known ? ctl_json_fixes(&r->fixes) :
					  json_null(),
		"active_cost", ctl_json_cost(r->cost_known ? &r->cost : NULL),
		"withdrawn", ctl_json_reasons(&s->ops.store, &s->withdrawn,
					      r->base->name));
}

static int print_json(const struct status *s)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < s->count; i++)
		json_array_append_new(array, row_json(s, &s->rows[i]));
	return ctl_json_print(json_pack("{s:I, s:o, s:b, s:o}",
		"epoch", (json_int_t)s->kernel.epoch,
		"list_number", s->kernel.list_number ?
			json_integer(s->kernel.list_number) : json_null(),
		"locked", s->kernel.locked, "cryptexes", array));
}

static const char *label(const struct cx_generation *g,
			 char text[CRYPTEX_LABEL_SIZE + 16])
{
	snprintf(text, CRYPTEX_LABEL_SIZE + 16, "%s%s", g->label,
		 g->revoked ? " (revoked)" : "");
	return text;
}

static void print_row(struct ctl_table *table, const struct row *r)
{
	char since[24], security[16], floor[16] = "-", stale[24], fixes[24];
	char active[CRYPTEX_LABEL_SIZE + 16], base[CRYPTEX_LABEL_SIZE + 16];
	const char *const cells[] = {
		r->base->name, label(r->active, active), since,
		label(r->base, base), security, floor, stale, fixes,
		r->mountpoint ? r->mountpoint : "-",
	};

	snprintf(since, sizeof(since), "%llu",
		 (unsigned long long)r->active->since_epoch);
	snprintf(security, sizeof(security), "%u", r->active->security_epoch);
	if (r->base->floor)
		snprintf(floor, sizeof(floor), "%u", r->base->floor);
	snprintf(stale, sizeof(stale), "%zu", r->stale);
	if (r->fixes_known)
		snprintf(fixes, sizeof(fixes), "%zu", r->fixes.count);
	else
		strcpy(fixes, "-");
	ctl_table_row(table, cells);
	if (r->active->revoked)
		ctl_table_paint(table, 1, "red");
	else if (!r->active->base)
		ctl_table_paint(table, 1, "green");
	if (r->active->security_epoch < r->base->floor)
		ctl_table_paint(table, 4, "red");
	if (r->stale)
		ctl_table_paint(table, 6, "yellow");
}

static void print_fixes(const struct ctl *ctl, const struct status *s)
{
	static const char *const titles[] = {
		"FIXED", "SEVERITY", "CRYPTEX", "WHAT",
	};
	struct ctl_table *table = NULL;
	size_t i, k;

	for (i = 0; i < s->count; i++)
		for (k = 0; k < s->rows[i].fixes.count; k++) {
			const struct cx_fix *fix = &s->rows[i].fixes.list[k];
			const char *const cells[] = {
				fix->id, fix->severity,
				s->rows[i].base->name, fix->text,
			};

			if (!table)
				puts("");
			if (!table)
				table = ctl_table_new(titles, 4, ctl->color);
			ctl_table_row(table, cells);
		}
	if (table)
		ctl_table_end(table);
}

static void print_costs(const struct status *s)
{
	char cost[CTL_COST_SIZE];
	bool first = true;
	size_t i;

	for (i = 0; i < s->count; i++) {
		if (!s->rows[i].cost_known)
			continue;
		printf("%s%s: fetched %s\n", first ? "\n" : "",
		       s->rows[i].base->name, ctl_cost(&s->rows[i].cost, cost));
		first = false;
	}
}

static void print_withdrawn(const struct status *s)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		ctl_print_reasons(&s->ops.store, &s->withdrawn,
				  s->rows[i].base->name);
}

static void print_policy(const struct status *s)
{
	if (s->kernel.list_number || s->kernel.locked)
		puts("");
	if (s->kernel.list_number)
		printf("Revocation list %llu is in force.\n",
		       (unsigned long long)s->kernel.list_number);
	if (s->kernel.locked)
		puts("Locked: no further keys and cryptexes until the module goes.");
}

static int print_table(const struct ctl *ctl, const struct status *s)
{
	static const char *const titles[] = {
		"NAME", "ACTIVE", ">SINCE", "BASE", ">SEC EPOCH", ">FLOOR", ">STALE",
		">FIXES", "MOUNTED AT",
	};
	struct ctl_table *table;
	size_t i;

	if (s->count) {
		table = ctl_table_new(titles, 9, ctl->color);
		for (i = 0; i < s->count; i++)
			print_row(table, &s->rows[i]);
		ctl_table_end(table);
	} else {
		ctl_say("no cryptex is mounted");
	}
	print_fixes(ctl, s);
	print_costs(s);
	print_policy(s);
	print_withdrawn(s);
	return CTL_OK;
}

int ctl_status(const struct ctl *ctl, struct cx_error *err)
{
	const char *name = ctl->argc ? ctl->argv[0] : NULL;
	struct status s = { 0 };
	int rc = ctl_open(ctl, &s.ops, CX_OPS_STORE_IF | CX_OPS_TRUST |
			  CX_OPS_KERNEL, err);

	if (rc)
		return rc;
	rc = gather(&s, name, err);
	if (!rc)
		rc = ctl->json ? print_json(&s) : print_table(ctl, &s);
	while (s.count)
		cx_fixes_free(&s.rows[--s.count].fixes);
	free(s.rows);
	cx_withdrawals_free(&s.withdrawn);
	cx_state_free(&s.state);
	cx_users_free(&s.users);
	cx_generations_free(&s.known);
	cx_ops_close(&s.ops);
	return rc;
}
