// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdio.h>
#include <stdlib.h>

#include "ctl/ctl.h"
#include "ctl/json.h"
#include "ctl/table.h"
#include "ctl/text.h"

static const char *active_label(const struct cx_generations *known,
				const struct cx_user *user)
{
	const struct cx_generation *g = cx_generations_active(known, user->name);

	return g ? g->label : "-";
}

static int print_json(const struct ctl *ctl, const struct cx_users *users,
		      const struct cx_generations *known)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < users->count; i++) {
		const struct cx_user *u = &users->items[i];

		if (u->active && !ctl->all)
			continue;
		json_array_append_new(array, json_pack(
			"{s:I, s:I, s:o, s:o, s:o, s:o, s:b}",
			"pid", (json_int_t)u->pid,
			"start_time_ns", (json_int_t)u->start_time,
			"command", ctl_json_text(u->comm),
			"cryptex", ctl_json_text(u->name),
			"generation", ctl_json_text(u->label),
			"active", ctl_json_text(active_label(known, u)),
			"stale", !u->active));
	}
	return ctl_json_print(array);
}

static void print_row(struct ctl_table *table, const struct cx_user *u,
		      const char *active)
{
	char pid[16], *comm = ctl_clean_copy(u->comm);
	const char *const cells[] = { pid, comm, u->name, u->label, active };

	snprintf(pid, sizeof(pid), "%u", u->pid);
	ctl_table_row(table, cells);
	if (!u->active)
		ctl_table_paint(table, 3, "yellow");
	free(comm);
}

static int print_table(const struct ctl *ctl, const struct cx_users *users,
		       const struct cx_generations *known)
{
	static const char *const titles[] = {
		">PID", "COMMAND", "CRYPTEX", "GENERATION", "ACTIVE",
	};
	struct ctl_table *table = ctl_table_new(titles, 5, ctl->color);
	size_t i, rows = 0;

	for (i = 0; i < users->count; i++) {
		const struct cx_user *u = &users->items[i];

		if (u->active && !ctl->all)
			continue;
		print_row(table, u, active_label(known, u));
		rows++;
	}
	if (!rows)
		ctl_say(ctl->all ? "no process uses a cryptex" :
				   "no process runs old code");
	ctl_table_end(table);
	return CTL_OK;
}

int ctl_ps(const struct ctl *ctl, struct cx_error *err)
{
	struct cx_generations known = { 0 };
	struct cx_users users = { 0 };
	struct cx_ops ops;
	int rc = ctl_open(ctl, &ops, CX_OPS_KERNEL, err);

	if (rc)
		return rc;
	rc = cx_netlink_users(ops.nl, &users, err);
	if (!rc)
		rc = cx_netlink_generations(ops.nl, &known, err);
	if (!rc)
		rc = ctl->json ? print_json(ctl, &users, &known) :
				 print_table(ctl, &users, &known);
	cx_users_free(&users);
	cx_generations_free(&known);
	cx_ops_close(&ops);
	return rc;
}
